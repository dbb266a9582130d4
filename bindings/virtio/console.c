/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Output to a console device: virtio 1.2, 5.3, the first port. What is written has left when the
 * call returns; a device that takes too long is not written to any more, and output goes where it
 * went before. A device that has ports is asked whether the first of them is there: many have none
 * but one for an agent of the host's, and would swallow all output.
 */
#include "bindings.h"
#include "probe.h"
#include "virtqueue.h"

#define F_MULTIPORT 1

/* Queues: 5.3.2. */
#define TRANSMIT         1
#define CONTROL_RECEIVE  2
#define CONTROL_TRANSMIT 3

#define PATIENCE_NS UINT64_C(1000000000)
#define COPY_SIZE   4096
#define MESSAGES    32 /* as many as a device has ports, and one */

/* 5.3.6.2 */
struct message {
    uint32_t port;
    uint16_t event;
    uint16_t value;
};
#define DEVICE_READY 0
#define DEVICE_ADD   1

static struct virtqueue queue, control_receive, control_transmit;
static struct virtio_device *console;
static char copy[COPY_SIZE]; /* what is written may be anywhere, and the device's for too long */
static struct message messages[MESSAGES], ready;

/* Waits until the device is done with the one thing that it has been given. */
static bool done(struct virtqueue *vq)
{
    struct vq_used used;
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    while (!vq_take(vq, &used)) {
        if (target_clock_monotonic() > end)
            return false;
        __builtin_ia32_pause();
    }
    return true;
}

/* The device tells of its ports when it is told that somebody listens; that it has done before it
 * gives the message back. */
static bool has_first_port(void)
{
    uint32_t ports[MESSAGES];
    struct vq_used used;
    bool has = false;
    for (unsigned i = 0; i < MESSAGES && vq_room(&control_receive, 1); i++) {
        struct vq_piece piece = vq_piece(&messages[i], sizeof messages[i], VQ_DESC_WRITE);
        uint16_t id = vq_add(&control_receive, &piece, 1, sizeof messages[i]);
        if (id < MESSAGES)
            ports[id] = i;
    }
    vq_offer(&control_receive);
    ready = (struct message){.port = UINT32_MAX, .event = DEVICE_READY, .value = 1};
    struct vq_piece piece = vq_piece(&ready, sizeof ready, 0);
    vq_add(&control_transmit, &piece, 1, 0);
    vq_offer(&control_transmit);
    if (!done(&control_transmit))
        return false;
    while (vq_take(&control_receive, &used)) {
        if (used.id >= MESSAGES || used.len < sizeof(struct message))
            continue;
        struct message message = messages[ports[used.id]];
        has |= message.event == DEVICE_ADD && message.port == 0;
    }
    return has;
}

void console_device(struct virtio_device *dev)
{
    if (console != NULL ||
        !dev->transport->negotiate(dev, VQ_FEATURES | UINT64_C(1) << F_MULTIPORT, 0))
        return;
    bool many = VIRTIO_HAS(dev->features, F_MULTIPORT);
    if (!vq_open(&queue, dev, TRANSMIT, 1, 0) ||
        (many && (!vq_open(&control_receive, dev, CONTROL_RECEIVE, 1, 0) ||
                  !vq_open(&control_transmit, dev, CONTROL_TRANSMIT, 1, 0))) ||
        !dev->transport->start(dev))
        return;
    if (!many || has_first_port()) {
        console = dev;
        return;
    }
    log_write(LOG_INFO, "virtio %s: it has no console, not used", dev->name);
    dev->transport->reset(dev);
    dev->failed = true;
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
        struct vq_piece piece = vq_piece(copy, part, 0);
        vq_add(&queue, &piece, 1, 0);
        vq_offer(&queue);
        if (!done(&queue)) {
            virtio_fail(dev, "the console takes no output");
            return false;
        }
        buf += part, size -= part;
    }
    console = dev;
    return true;
}
