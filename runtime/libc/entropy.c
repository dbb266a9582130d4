/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * getentropy: there is no device for it, so it is the processor's random numbers, and those of a
 * generator whose key the tender took from the host: one of them is enough.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "libc/arch_random.h"
#include "libc/siphash.h"
#include "solo5_io.h"
#include "start/message.h"

#define ENTROPY_MAX 256 /* bytes a call */

static struct {
    bool started, seeded, warned;
    uint64_t key[2];
    uint64_t count;
} generator;

static void start(void)
{
    generator.started = true;
    generator.seeded = solo5_random_seed(generator.key) == SOLO5_R_OK;
    if (!generator.seeded) {
        generator.key[0] = solo5_clock_wall();
        generator.key[1] = solo5_clock_monotonic();
    }
}

static uint64_t next_random(void)
{
    uint64_t random = 0;

    if (!arch_random(&random) && !generator.seeded && !generator.warned) {
        generator.warned = true;
        rt_message("neither this processor nor the tender has random numbers: what should be "
                   "secret can be guessed; QEMU gives some with -device virtio-rng-pci",
                   NULL);
    }
    return random ^ siphash(generator.key, generator.count++, solo5_clock_monotonic());
}

int getentropy(void *buf, size_t size)
{
    unsigned char *out = buf;

    if (size > ENTROPY_MAX) {
        errno = EIO;
        return -1;
    }
    if (!generator.started)
        start();
    while (size > 0) {
        uint64_t random = next_random();
        size_t piece = size < sizeof random ? size : sizeof random;

        memcpy(out, &random, piece);
        out += piece;
        size -= piece;
    }
    return 0;
}
