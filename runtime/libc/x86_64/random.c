/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * RDRAND, SDM vol. 1, 7.3.17. Not RDSEED, which may be empty for long when others use it.
 */
#include <cpuid.h>

#include "libc/arch_random.h"

#define TRIES                                                                          \
    10 /* SDM vol. 1, 7.3.17.1: ten failures in a row mean that the hardware is broken \
        */

static bool has_rdrand(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_RDRND) != 0;
}

bool arch_random(uint64_t *out)
{
    static int known; /* 0: not asked; asking is slow in a virtual machine */

    if (known == 0)
        known = has_rdrand() ? 1 : -1;
    for (int i = 0; known > 0 && i < TRIES; i++) {
        uint64_t value;
        bool ok;
        __asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(ok));
        if (ok) {
            *out = value;
            return true;
        }
    }
    return false;
}
