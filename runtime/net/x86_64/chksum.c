/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The Internet checksum (RFC 1071) with SSE2, which every x86_64 has: 32-bit words are added up in
 * four 64-bit lanes that cannot overflow within 65,535 bytes.
 */
#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

uint16_t net_chksum(const void *data, int len);

static uint64_t sum_blocks(const uint8_t **data, int *len)
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

    if (len >= 64)
        sum = sum_blocks(&p, &len);
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
