/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The Internet checksum (RFC 1071) with SSE2, which every x86_64 has, or AVX2: 32-bit words are
 * added up in 64-bit lanes that cannot overflow within 65,535 bytes. AVX2 is used where whoever
 * runs the program saves its registers: a unikernel on spt is a process and has what Linux has; the
 * bindings of machines leave CR4.OSXSAVE clear.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define AVX2_MIN  256  /* bytes for which it is worth it */
#define XCR0_WIDE 0x6U /* SSE's and AVX's registers are saved: SDM vol. 1, 13.3 */

uint16_t net_chksum(const void *data, int len);

static bool find_avx2(void)
{
    unsigned a, b, c, d, low, high;

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0)
        return false;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & XCR0_WIDE) == XCR0_WIDE && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
           (b & bit_AVX2) != 0;
}

/* Asked once: CPUID leaves a virtual machine. */
static bool have_avx2(void)
{
    static enum { UNKNOWN, NO, YES } known;

    if (known == UNKNOWN)
        known = find_avx2() ? YES : NO;
    return known == YES;
}

__attribute__((target("avx2"))) static uint64_t sum_avx2(const uint8_t **data, int *len)
{
    const __m256i low = _mm256_set1_epi64x(0xffffffff);
    __m256i a = _mm256_setzero_si256();
    __m256i b = _mm256_setzero_si256();
    uint64_t lanes[4];

    for (; *len >= 64; *len -= 64, *data += 64) {
        __m256i x = _mm256_loadu_si256((const __m256i *)*data);
        __m256i y = _mm256_loadu_si256((const __m256i *)(*data + 32));

        a = _mm256_add_epi64(a, _mm256_and_si256(x, low));
        b = _mm256_add_epi64(b, _mm256_srli_epi64(x, 32));
        a = _mm256_add_epi64(a, _mm256_and_si256(y, low));
        b = _mm256_add_epi64(b, _mm256_srli_epi64(y, 32));
    }
    _mm256_storeu_si256((__m256i *)lanes, _mm256_add_epi64(a, b));
    return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

static uint64_t sum_sse2(const uint8_t **data, int *len)
{
    const __m128i low = _mm_set1_epi64x(0xffffffff);
    __m128i a = _mm_setzero_si128();
    __m128i b = _mm_setzero_si128();
    uint64_t lanes[2];

    for (; *len >= 32; *len -= 32, *data += 32) {
        __m128i x = _mm_loadu_si128((const __m128i *)*data);
        __m128i y = _mm_loadu_si128((const __m128i *)(*data + 16));

        a = _mm_add_epi64(a, _mm_and_si128(x, low));
        b = _mm_add_epi64(b, _mm_srli_epi64(x, 32));
        a = _mm_add_epi64(a, _mm_and_si128(y, low));
        b = _mm_add_epi64(b, _mm_srli_epi64(y, 32));
    }
    _mm_storeu_si128((__m128i *)lanes, _mm_add_epi64(a, b));
    return lanes[0] + lanes[1];
}

uint16_t net_chksum(const void *data, int len)
{
    const uint8_t *p = data;
    uint64_t sum = 0;

    if (len >= AVX2_MIN && have_avx2())
        sum = sum_avx2(&p, &len);
    if (len >= 64)
        sum += sum_sse2(&p, &len);
    for (; len >= 4; len -= 4, p += 4) {
        uint32_t word;

        memcpy(&word, p, 4);
        sum += word;
    }
    if (len >= 2) {
        uint16_t word;

        memcpy(&word, p, 2);
        sum += word;
        p += 2;
        len -= 2;
    }
    if (len > 0)
        sum += *p;
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}
