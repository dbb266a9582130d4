/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Numbers: see parse.h.
 */
#include "parse.h"

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (*text == '\0')
        return -1;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return -1;
    }
    if (value < min || value > max)
        return -1;
    *out = value;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

size_t parse_hex(const char *text, size_t max, uint64_t *out)
{
    size_t count = 0;
    int digit;

    *out = 0;
    while (count < max && (digit = hex_digit(text[count])) >= 0) {
        *out = *out << 4 | (uint64_t)digit;
        count++;
    }
    return count;
}
