/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Copying and filling by the string instructions: SDM vol. 1, 7.3.9.
 */
#ifndef TENDERS_LIBC_COPY_H
#define TENDERS_LIBC_COPY_H

#include <stddef.h>

/* Upwards, byte by byte as if. */
static inline void arch_copy(void *to, const void *from, size_t len)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

static inline void arch_fill(void *to, int value, size_t len)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(len) : "a"(value) : "memory");
}

#endif
