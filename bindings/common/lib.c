/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The few memory and string functions that the bindings and the compiler need. They are hidden from
 * programs, which bring their own.
 */
#include "bindings.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t size)
{
    char *to = dst;
    const char *from = src;
    while (size--)
        *to++ = *from++;
    return dst;
}

void *memset(void *dst, int byte, size_t size)
{
    char *to = dst;
    while (size--)
        *to++ = (char)byte;
    return dst;
}

bool string_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

const char *string_after(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix)
        text++, prefix++;
    return *prefix == '\0' ? text : NULL;
}
