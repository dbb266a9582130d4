/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * strlen, strnlen, memchr and strchr, 16 bytes at a time. Loads are aligned, so a piece may begin
 * before the string and reach beyond its end, but never into another page.
 */
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PIECE 16

/* An address sanitizer would object to what a piece holds beyond the string. */
#define READS_BEYOND __attribute__((no_sanitize("address")))

/* The bytes of the aligned piece at (p) that are (c), a bit each. */
static inline READS_BEYOND unsigned match(const char *p, __m128i c)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128((const __m128i *)p), c));
}

static inline const char *align_down(const void *p)
{
    return (const char *)((uintptr_t)p & ~(uintptr_t)(PIECE - 1));
}

READS_BEYOND size_t strlen(const char *s)
{
    const char *p = align_down(s);
    unsigned before = (unsigned)(s - p);
    unsigned found = match(p, _mm_setzero_si128()) >> before;

    if (found != 0)
        return (size_t)__builtin_ctz(found);
    do {
        p += PIECE;
        found = match(p, _mm_setzero_si128());
    } while (found == 0);
    return (size_t)(p - s) + (size_t)__builtin_ctz(found);
}

READS_BEYOND void *memchr(const void *s, int c, size_t n)
{
    const char *p = align_down(s);
    const char *start = s;
    __m128i wanted = _mm_set1_epi8((char)c);
    unsigned before = (unsigned)(start - p);

    if (n == 0)
        return NULL;
    unsigned found = match(p, wanted) >> before << before;
    for (;;) {
        if (found != 0) {
            size_t at = (size_t)(p - start) + (size_t)__builtin_ctz(found);
            return at < n ? (char *)start + at : NULL;
        }
        p += PIECE;
        if ((size_t)(p - start) >= n)
            return NULL;
        found = match(p, wanted);
    }
}

size_t strnlen(const char *s, size_t max)
{
    const char *end = memchr(s, '\0', max);

    return end != NULL ? (size_t)(end - s) : max;
}

READS_BEYOND char *strchr(const char *s, int c)
{
    const char *p = align_down(s);
    __m128i wanted = _mm_set1_epi8((char)c);
    unsigned before = (unsigned)(s - p);
    unsigned found = (match(p, wanted) | match(p, _mm_setzero_si128())) >> before << before;

    while (found == 0) {
        p += PIECE;
        found = match(p, wanted) | match(p, _mm_setzero_si128());
    }
    const char *at = p + __builtin_ctz(found);
    return *at == (char)c ? (char *)at : NULL;
}
