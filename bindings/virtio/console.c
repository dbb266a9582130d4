/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Output to a console device: virtio 1.2, 5.3, the first port. What is written has left when the
 * call returns; a device that takes too long is not written to any more, and output goes where it
 * went before. A device that has ports is asked whether the first of them is there (5.3.5): many
 * have none but one for an agent of the host's, and would swallow all output. That port is opened.
 */
#include "bindings.h"
#include "probe.h"
#include "virtqueue.h"

#define F_MULTIPORT 1

/* Queues: 5.3.2. */
#define TRANSMIT         1
#define CONTROL_RECEIVE  2
#define CONTROL_TRANSMIT 3

#define COPY_SIZE   4096
#define MESSAGES    32   /* that the device may send at once */
#define LISTENS_MAX 4096 /* it has no more ports than that */

/* 5.3.6.2 */
struct message {
    uint32_t port;
    uint16_t event;
    uint16_t value;
};
#define DEVICE_READY 0
#define DEVICE_ADD   1
#define PORT_READY   3
#define PORT_OPEN    6
#define NO_PORT      UINT32_MAX

static struct virtqueue queue, control_receive, control_transmit;
static struct virtio_device *console;
static char copy[COPY_SIZE]; /* what is written may be anywhere, and the device's for too long */
static struct message messages[MESSAGES], told;
static uint8_t slots[VQ_SIZE_MAX]; /* of the messages, by chain */

/* Waits until the device is done with the one thing that it has been given. */
static bool done(struct virtqueue *vq)
{
    struct vq_used used;
    return vq_await(vq, &used, target_clock_monotonic() + VQ_PATIENCE_NS);
}

static void listen(uint8_t slot)
{
    struct vq_piece piece = vq_piece(&messages[slot], sizeof messages[slot], VQ_DESC_WRITE);
    slots[vq_add(&control_receive, &piece, 1, sizeof messages[slot])] = slot;
}

static bool tell(uint32_t port, uint16_t event)
{
    told = (struct message){.port = port, .event = event, .value = 1};
    struct vq_piece piece = vq_piece(&told, sizeof told, 0);
    vq_add(&control_transmit, &piece, 1, 0);
    vq_offer(&control_transmit);
    return done(&control_transmit);
}

/* The device tells of its ports, in any order, when it is told that somebody listens; of the first
 * ones it has done so before it gives the message back, of more when it is given room. A port is
 * used when the device knows that the driver is ready for it and has it open. */
static bool has_first_port(void)
{
    struct vq_used used;
    bool has = false;
    uint8_t given = 0;
    if (control_receive.size > VQ_SIZE_MAX)
        return false;
    while (given < MESSAGES && vq_room(&control_receive, 1))
        listen(given++);
    vq_offer(&control_receive);
    if (!tell(NO_PORT, DEVICE_READY))
        return false;
    solo5_time_t end = target_clock_monotonic() + VQ_PATIENCE_NS;
    for (unsigned i = 0; i < LISTENS_MAX && !has; i++) {
        if (!vq_take(&control_receive, &used) &&
            (i < given || !vq_await(&control_receive, &used, end)))
            break;
        uint8_t slot = slots[used.id];
        struct message message = messages[slot];
        has = used.len >= sizeof message && message.event == DEVICE_ADD && message.port == 0;
        listen(slot);
        vq_offer(&control_receive);
    }
    return has && tell(0, PORT_READY) && tell(0, PORT_OPEN);
}

static bool open_console(struct virtio_device *dev)
{
    if (!dev->transport->negotiate(dev, VQ_FEATURES | UINT64_C(1) << F_MULTIPORT, 0))
        return false;
    bool many = VIRTIO_HAS(dev->features, F_MULTIPORT);
    return vq_open(&queue, dev, TRANSMIT, 1, 0) &&
           (!many || (vq_open(&control_receive, dev, CONTROL_RECEIVE, 1, 0) &&
                      vq_open(&control_transmit, dev, CONTROL_TRANSMIT, 1, 0))) &&
           dev->transport->start(dev) && (!many || has_first_port());
}

void console_device(struct virtio_device *dev)
{
    if (console != NULL)
        return;
    if (open_console(dev)) {
        console = dev;
        return;
    }
    if (!dev->failed)
        log_write(LOG_INFO, "virtio %s: it has no console, not used", dev->name);
    vq_leave(dev);
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
