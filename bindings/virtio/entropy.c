/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Random numbers for the program's start from the device for it (virtio 1.2, 5.4), where the
 * machine has one. It is asked once, before the program runs.
 */
#include "bindings.h"
#include "machine.h"
#include "probe.h"
#include "virtqueue.h"

static struct virtqueue queue;

/* What the device says, and what is there when it says nothing: nobody knows it beforehand. */
static volatile uint64_t random[2];

/* Asks until `random` is full: 5.4.6 lets a device use less of a buffer. Whether anything came. */
static bool ask(struct virtio_device *dev)
{
    struct vq_used used;
    uint32_t count = 0;

    if (!dev->transport->negotiate(dev, VQ_FEATURES, 0) || !vq_open(&queue, dev, 0, 1, 0) ||
        !dev->transport->start(dev))
        return false;
    solo5_time_t end = target_clock_monotonic() + VQ_PATIENCE_NS;
    do {
        struct vq_piece piece = vq_piece((const volatile uint8_t *)random + count,
                                         sizeof random - count, VQ_DESC_WRITE);
        vq_add(&queue, &piece, 1, piece.len);
        vq_offer(&queue);
        if (!vq_await(&queue, &used, end))
            break;
        count += used.len;
    } while (used.len != 0 && count < sizeof random);
    return count != 0;
}

bool entropy_device(struct virtio_device *dev)
{
    bool answered = ask(dev);
    bool failed = dev->failed;
    vq_leave(dev);
    if (answered)
        machine_add_random(random[0], random[1]);
    else if (!failed)
        log_write(LOG_WARN, "virtio %s: it has no random numbers", dev->name);
    return answered;
}
