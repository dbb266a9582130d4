/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * memcpy, memmove, memset and memcmp. Up to 128 bytes everything is loaded before anything is
 * stored, in pieces that may overlap, so that overlapping buffers need no second case. From REP_MIN
 * the processor's own string moves are as good as any loop and take no cache from others. Never
 * non-temporal stores: what was just copied is what a network stack reads next.
 */
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define REP_MIN 512

static inline __m128i load16(const unsigned char *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

static inline void store16(unsigned char *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)p, v);
}

/* Loads and stores of any alignment. */
struct unaligned8 {
    uint64_t v;
} __attribute__((packed, may_alias));
struct unaligned4 {
    uint32_t v;
} __attribute__((packed, may_alias));
struct unaligned2 {
    uint16_t v;
} __attribute__((packed, may_alias));

static inline void copy_upto16(unsigned char *d, const unsigned char *s, size_t n)
{
    if (n >= 8) {
        uint64_t a = ((const struct unaligned8 *)s)->v;
        uint64_t b = ((const struct unaligned8 *)(s + n - 8))->v;
        ((struct unaligned8 *)d)->v = a;
        ((struct unaligned8 *)(d + n - 8))->v = b;
    } else if (n >= 4) {
        uint32_t a = ((const struct unaligned4 *)s)->v;
        uint32_t b = ((const struct unaligned4 *)(s + n - 4))->v;
        ((struct unaligned4 *)d)->v = a;
        ((struct unaligned4 *)(d + n - 4))->v = b;
    } else if (n >= 2) {
        uint16_t a = ((const struct unaligned2 *)s)->v;
        uint16_t b = ((const struct unaligned2 *)(s + n - 2))->v;
        ((struct unaligned2 *)d)->v = a;
        ((struct unaligned2 *)(d + n - 2))->v = b;
    } else if (n == 1) {
        *d = *s;
    }
}

/* 17 to 128 bytes. */
static inline void copy_upto128(unsigned char *d, const unsigned char *s, size_t n)
{
    __m128i a = load16(s), z = load16(s + n - 16);

    if (n > 32) {
        __m128i b = load16(s + 16), y = load16(s + n - 32);
        if (n > 64) {
            __m128i c = load16(s + 32), e = load16(s + 48);
            __m128i w = load16(s + n - 64), x = load16(s + n - 48);
            store16(d + 32, c);
            store16(d + 48, e);
            store16(d + n - 64, w);
            store16(d + n - 48, x);
        }
        store16(d + 16, b);
        store16(d + n - 32, y);
    }
    store16(d, a);
    store16(d + n - 16, z);
}

/* More than 64 bytes, upwards: right when d is below s, or they do not overlap. */
static void copy_forward(unsigned char *d, const unsigned char *s, size_t n)
{
    __m128i tail[4];

    for (int i = 0; i < 4; i++)
        tail[i] = load16(s + n - 64 + i * 16);
    unsigned char *end = d + n - 64;
    for (; d < end; d += 64, s += 64) {
        __m128i a = load16(s), b = load16(s + 16), c = load16(s + 32), e = load16(s + 48);
        store16(d, a);
        store16(d + 16, b);
        store16(d + 32, c);
        store16(d + 48, e);
    }
    for (int i = 0; i < 4; i++)
        store16(end + i * 16, tail[i]);
}

/* More than 64 bytes, downwards: right when d is above s. */
static void copy_backward(unsigned char *d, const unsigned char *s, size_t n)
{
    __m128i head[4];

    for (int i = 0; i < 4; i++)
        head[i] = load16(s + i * 16);
    size_t i = n;
    for (; i > 64; i -= 64) {
        __m128i a = load16(s + i - 16), b = load16(s + i - 32);
        __m128i c = load16(s + i - 48), e = load16(s + i - 64);
        store16(d + i - 16, a);
        store16(d + i - 32, b);
        store16(d + i - 48, c);
        store16(d + i - 64, e);
    }
    for (i = 0; i < 4; i++)
        store16(d + i * 16, head[i]);
}

static inline void copy_rep(unsigned char *d, const unsigned char *s, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    if (n <= 16)
        copy_upto16(to, from, n);
    else if (n <= 128)
        copy_upto128(to, from, n);
    else if (n < REP_MIN)
        copy_forward(to, from, n);
    else
        copy_rep(to, from, n);
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uintptr_t up = (uintptr_t)to - (uintptr_t)from;   /* how far (to) is above (from) */
    uintptr_t down = (uintptr_t)from - (uintptr_t)to; /* and below; each huge when it is not */

    if (n <= 16)
        copy_upto16(to, from, n);
    else if (n <= 128)
        copy_upto128(to, from, n);
    else if (up < n)
        copy_backward(to, from, n);
    else if (n < REP_MIN || down < n) /* string moves are slow when the buffers are close */
        copy_forward(to, from, n);
    else
        copy_rep(to, from, n);
    return to;
}

void *memset(void *to, int c, size_t n)
{
    unsigned char *d = to;
    uint64_t c8 = (unsigned char)c * 0x0101010101010101UL;

    if (n < 16) {
        if (n >= 8) {
            ((struct unaligned8 *)d)->v = c8;
            ((struct unaligned8 *)(d + n - 8))->v = c8;
        } else if (n >= 4) {
            ((struct unaligned4 *)d)->v = (uint32_t)c8;
            ((struct unaligned4 *)(d + n - 4))->v = (uint32_t)c8;
        } else if (n > 0) {
            d[0] = (unsigned char)c;
            d[n / 2] = (unsigned char)c;
            d[n - 1] = (unsigned char)c;
        }
        return to;
    }
    if (n >= REP_MIN) {
        __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
        return to;
    }
    __m128i v = _mm_set1_epi8((char)c);
    for (size_t i = 0; i + 16 < n; i += 16)
        store16(d + i, v);
    store16(d + n - 16, v);
    return to;
}

/* How a and b, which differ in the bytes of (mask), compare at the first of them. */
static inline int compare_at(const unsigned char *a, const unsigned char *b, unsigned mask)
{
    unsigned i = (unsigned)__builtin_ctz(mask);

    return a[i] - b[i];
}

int memcmp(const void *left, const void *right, size_t n)
{
    const unsigned char *a = left, *b = right;

    if (n < 16) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i])
                return a[i] - b[i];
        return 0;
    }
    for (size_t i = 0;; i += 16) {
        if (i + 16 > n)
            i = n - 16; /* the last piece overlaps the one before */
        __m128i equal = _mm_cmpeq_epi8(load16(a + i), load16(b + i));
        unsigned mask = (unsigned)_mm_movemask_epi8(equal) ^ 0xffff;
        if (mask != 0)
            return compare_at(a + i, b + i, mask);
        if (i + 16 == n)
            return 0;
    }
}
