/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * getentropy: there is no device for it, so it is the processor's random numbers, with the clocks
 * mixed in.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "libc/arch_random.h"
#include "solo5.h"
#include "start/message.h"

#define ENTROPY_MAX 256 /* bytes a call */

/* The finaliser of splitmix64: every bit of the input changes half of the output. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

int getentropy(void *buf, size_t size)
{
    static uint64_t state;
    static bool warned;
    unsigned char *out = buf;

    if (size > ENTROPY_MAX) {
        errno = EIO;
        return -1;
    }
    state += solo5_clock_wall();
    while (size > 0) {
        uint64_t random = 0;
        if (!arch_random(&random) && !warned) {
            warned = true;
            rt_message("this processor has no random numbers: what should be secret can be guessed",
                       NULL);
        }
        state = mix(state + solo5_clock_monotonic() + 0x9e3779b97f4a7c15);
        random ^= state;
        size_t piece = size < sizeof random ? size : sizeof random;
        memcpy(out, &random, piece);
        out += piece;
        size -= piece;
    }
    return 0;
}
