/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The name of a program that gives itself none. In a file of its own: where it is used, the
 * compiler must not see what it is.
 */
#include "quintet.h"

const char *const rt_program_name __attribute__((weak)) = "app";
