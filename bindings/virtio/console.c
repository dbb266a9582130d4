/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Output to a console device: virtio 1.2, 5.3, the first port's second queue. What is written has
 * left when the call returns; a device that takes too long is not written to any more, and output
 * goes where it went before.
 */
#include "bindings.h"
#include "probe.h"
#include "virtqueue.h"

#define TRANSMIT    1
#define PATIENCE_NS UINT64_C(1000000000)
#define COPY_SIZE   4096

static struct virtqueue queue;
static struct virtio_device *console;
static char copy[COPY_SIZE]; /* what is written may be anywhere, and the device's for too long */

void console_device(struct virtio_device *dev)
{
    if (console != NULL || !dev->transport->negotiate(dev, VQ_FEATURES, 0) ||
        !vq_open(&queue, dev, TRANSMIT, 1, 0) || !dev->transport->start(dev))
        return;
    console = dev;
}

static bool write_copy(size_t size)
{
    struct vq_piece piece = vq_piece(copy, size, 0);
    struct vq_used used;
    vq_add(&queue, &piece, 1, 0);
    vq_offer(&queue);
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    while (!vq_take(&queue, &used)) {
        if (target_clock_monotonic() > end)
            return false;
        __builtin_ia32_pause();
    }
    return true;
}

bool console_write(const char *buf, size_t size)
{
    struct virtio_device *dev = console;
    if (dev == NULL || dev->failed)
        return false;
    /* A message about the console must not come here again. */
    console = NULL;
    while (size != 0) {
        size_t part = size < COPY_SIZE ? size : COPY_SIZE;
        memcpy(copy, buf, part);
        if (!write_copy(part)) {
            virtio_fail(dev, "the console takes no output");
            return false;
        }
        buf += part, size -= part;
    }
    console = dev;
    return true;
}
