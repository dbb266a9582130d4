/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The heap behind malloc.
 */
#ifndef RUNTIME_LIBC_HEAP_H
#define RUNTIME_LIBC_HEAP_H

#include <stddef.h>

/* Gives malloc the (size) bytes from (start), which must be zero. Once, before anything else. */
void heap_init(void *start, size_t size);

#endif
