/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the fuzzers of the driver of networks share: how an input begins, and the turns of the
 * program and the device until it ends.
 */
#ifndef TESTS_FUZZ_VIRTIO_HOSTILE_NET_H
#define TESTS_FUZZ_VIRTIO_HOSTILE_NET_H

#include "bindings.h"
#include "virtio_hostile.h"

#define HANDLE 1
#define STEPS  400

/* The program has acquired the network HANDLE; false: the driver does not take the device. */
static inline bool hostile_net_begin(struct hostile *hostile, struct fake *fake,
                                     struct input *input)
{
    struct solo5_net_info info;
    solo5_handle_t handle;

    hostile_init(hostile, fake, VIRTIO_TYPE_NET, input);
    if (!virtio_net_open(&fake->dev))
        return false;
    fake_attach(fake);
    solo5_net_acquire("device", &handle, &info);
    return true;
}

/* After the steps, or when the driver ends the program, nothing is left of the device. */
static inline void hostile_net_run(struct input *input, void (*step)(struct input *input))
{
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        for (unsigned i = 0; i < STEPS && input->size > 0; i++)
            step(input);
        virtio_finish();
    }
    fake_reset();
}

#endif
