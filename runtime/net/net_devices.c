/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The networks of a program that does not say (quintet.h). In a file of its own: the compiler must
 * not learn the length of the array where it is read.
 */
#include <stddef.h>

#include "quintet.h"

__attribute__((weak)) const char *const rt_net_devices[] = {"service", NULL};
