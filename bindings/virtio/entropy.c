/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Random numbers for the program's start from the device for it (virtio 1.2, 5.4), where the
 * machine has one. The first that answers is asked once, before the program runs.
 */
#include "bindings.h"
#include "machine.h"
#include "probe.h"
#include "virtqueue.h"

#define PATIENCE_NS UINT64_C(1000000000)

static struct virtqueue queue;
static bool answered;

/* What the device says, and what is there when it says nothing: nobody knows it beforehand. */
static volatile uint64_t random[2];

/* Whether the device has filled `random` in. */
static bool ask(struct virtio_device *dev)
{
    struct vq_piece piece = vq_piece(random, sizeof random, VQ_DESC_WRITE);
    struct vq_used used;

    if (!dev->transport->negotiate(dev, VQ_FEATURES, 0) || !vq_open(&queue, dev, 0, 1, 0) ||
        !dev->transport->start(dev))
        return false;
    vq_add(&queue, &piece, 1, sizeof random);
    vq_offer(&queue);
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    while (!vq_take(&queue, &used)) {
        if (target_clock_monotonic() >= end)
            return false;
        __builtin_ia32_pause();
    }
    return used.len == sizeof random;
}

void entropy_device(struct virtio_device *dev)
{
    if (answered)
        return;
    answered = ask(dev);
    bool failed = dev->failed;
    vq_leave(dev);
    if (answered)
        machine_add_random(random[0], random[1]);
    else if (!failed)
        log_write(LOG_WARN, "virtio %s: it has no random numbers", dev->name);
}
