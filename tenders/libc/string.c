/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The functions of string.h that a tender uses; C17, 7.24. Compiled so that the compiler does not
 * recognise them and call them by themselves.
 */
#include <string.h>

#include "copy.h"

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    arch_copy(to, from, len);
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (t <= f || t >= f + len) {
        arch_copy(to, from, len);
        return to;
    }
    while (len-- > 0)
        t[len] = f[len];
    return to;
}

void *memset(void *to, int value, size_t len)
{
    arch_fill(to, value, len);
    return to;
}

int memcmp(const void *one, const void *other, size_t len)
{
    const unsigned char *a = one, *b = other;

    for (; len > 0; a++, b++, len--)
        if (*a != *b)
            return *a - *b;
    return 0;
}

size_t strlen(const char *s)
{
    size_t len = 0;

    while (s[len] != '\0')
        len++;
    return len;
}

int strcmp(const char *one, const char *other)
{
    while (*one != '\0' && *one == *other)
        one++, other++;
    return (unsigned char)*one - (unsigned char)*other;
}

int strncmp(const char *one, const char *other, size_t len)
{
    while (len > 1 && *one != '\0' && *one == *other)
        one++, other++, len--;
    return len == 0 ? 0 : (unsigned char)*one - (unsigned char)*other;
}

char *strchr(const char *text, int wanted)
{
    for (; *text != (char)wanted; text++)
        if (*text == '\0')
            return NULL;
    return (char *)text;
}

char *strstr(const char *in, const char *what)
{
    size_t len = strlen(what);

    for (; strncmp(in, what, len) != 0; in++)
        if (*in == '\0')
            return NULL;
    return (char *)in;
}
