/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the fuzzers of virtio's drivers share: a device over virtio_fake.h that does what the input
 * says, right or wrong.
 */
#ifndef TESTS_FUZZ_VIRTIO_HOSTILE_H
#define TESTS_FUZZ_VIRTIO_HOSTILE_H

#include "fuzz.h"
#include "input.h"
#include "virtio_fake.h"

/* What a device can do. It keeps to the rules with what it returns as long as it has written
 * nothing else; (honest) is cleared when it does, and then it reads no ring any more. */
struct hostile {
    struct fake *fake;
    bool honest;
    /* What it does for a request that it is about to return; how many bytes it says it has written.
     * hostile_init: writes bytes from the input, and says any number. */
    uint32_t (*serve)(const struct hostile *hostile, unsigned queue, const struct fake_chain *chain,
                      struct input *input);
    struct fake_chain taken[FAKE_QUEUES][16]; /* and not returned */
    unsigned count[FAKE_QUEUES];
};

/* Features, the size of queues, and the configuration come from the input. */
void hostile_init(struct hostile *hostile, struct fake *fake, uint32_t type, struct input *input);

/* One step: takes requests, returns one, lies about one, writes anywhere into a queue, changes the
 * configuration, wants to be reset. When the input is at its end, the device is silent. */
void hostile_step(struct hostile *hostile, struct input *input);

#endif
