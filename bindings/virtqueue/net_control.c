/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See net_control.h. There is one command at a time; nobody waits for the device to return it.
 */
#include "net_control.h"

#include "bindings.h"

#define CONTROL_QUEUE 2 /* without MQ: 5.1.2 */

/* 5.1.6.5 */
#define CLASS_ANNOUNCE 3
#define ANNOUNCE_ACK   0

/* RFC 903, in Ethernet: a machine says its hardware address and asks for its other one. */
#define RARP_REQUEST 3
struct rarp {
    uint8_t to[SOLO5_NET_ALEN], from[SOLO5_NET_ALEN], type[2];
    uint8_t hardware[2], protocol[2], lengths[2], operation[2];
    uint8_t sender[SOLO5_NET_ALEN], sender_ip[4];
    uint8_t target[SOLO5_NET_ALEN], target_ip[4];
    uint8_t padding[18];
};
_Static_assert(sizeof(struct rarp) == 60, "the shortest frame of Ethernet");

bool net_control_open(struct net_control *control, struct virtio_device *dev)
{
    return !VIRTIO_HAS(dev->features, NET_CONTROL_CTRL_VQ) ||
           vq_open(&control->vq, dev, CONTROL_QUEUE, 2, 0);
}

static void send_rarp(solo5_handle_t handle, const uint8_t *mac)
{
    struct rarp frame = {
        .to = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        .type = {0x80, 0x35},
        .hardware = {0, 1},
        .protocol = {0x08, 0x00},
        .lengths = {SOLO5_NET_ALEN, 4},
        .operation = {0, RARP_REQUEST},
    };
    memcpy(frame.from, mac, SOLO5_NET_ALEN);
    memcpy(frame.sender, mac, SOLO5_NET_ALEN);
    memcpy(frame.target, mac, SOLO5_NET_ALEN);
    virtio_net_write(handle, (const uint8_t *)&frame, sizeof frame);
}

static void tell(struct net_control *control, uint8_t class, uint8_t command)
{
    struct net_command *c = &control->command;
    *c = (struct net_command){.class = class, .command = command};
    const struct vq_piece pieces[] = {
        vq_piece(c, offsetof(struct net_command, status), 0),
        vq_piece(&c->status, sizeof c->status, VQ_DESC_WRITE),
    };
    vq_add(&control->vq, pieces, 2, sizeof c->status);
    vq_offer(&control->vq);
}

/* A device that has not done the last of these asks in vain. */
void net_control_announce(struct net_control *control, solo5_handle_t handle)
{
    struct virtqueue *vq = &control->vq;
    struct vq_used used;
    if (vq->dev == NULL || vq->dev->failed ||
        !VIRTIO_HAS(vq->dev->features, NET_CONTROL_GUEST_ANNOUNCE))
        return;
    if (vq->out != 0 && !vq_take(vq, &used))
        return;
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    if (dev != NULL)
        send_rarp(handle, dev->u.net_basic.mac);
    tell(control, CLASS_ANNOUNCE, ANNOUNCE_ACK);
    log_write(LOG_INFO, "virtio %s: announced, as its host asked", vq->dev->name);
}
