/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The files of a program that packs none (quintet.h). In a file of its own: the compiler must not
 * learn the length of the array where it is read.
 */
#include "quintet.h"

__attribute__((weak)) const struct rt_file rt_files[] = {{NULL, NULL, NULL}};
