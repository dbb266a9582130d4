/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * net_control.h: the control queue of a network, virtio 1.2, 5.1.6.5. It is used for one thing: a
 * machine that has moved to another host is asked to make itself known there (5.1.6.5.4). What else
 * a device takes by it is not asked for:
 *
 *     CTRL_RX                a program gets every frame that the link brings, on every target, and
 *                            may have addresses of its own: no filter
 *     CTRL_VLAN              the same; without it a device filters no VLANs
 *     CTRL_MAC_ADDR          the address is the device's; its machine's monitor sets it
 *     CTRL_GUEST_OFFLOADS    what a program wants is known before the device is opened, for good
 *     MQ, RSS, HASH_REPORT   there is one processor
 */
#ifndef NET_CONTROL_H
#define NET_CONTROL_H

#include "virtqueue.h"

#define NET_CONTROL_CTRL_VQ        17
#define NET_CONTROL_GUEST_ANNOUNCE 21
#define NET_CONTROL_FEATURES \
    (UINT64_C(1) << NET_CONTROL_CTRL_VQ | UINT64_C(1) << NET_CONTROL_GUEST_ANNOUNCE)

/* Zeroes: a device without the queue. In memory that the device finds. */
struct net_control {
    struct virtqueue vq;
    struct net_command {
        uint8_t class, command; /* which the device reads */
        uint8_t status;         /* which it writes */
    } command;
};

/* Sets the queue up, if it was negotiated. False: the device is failed. */
bool net_control_open(struct net_control *control, struct virtio_device *dev);

/* The device asks that its network, which serves (handle), be announced: sends a frame from its
 * address, by which switches learn where it is now, and tells the device so. */
void net_control_announce(struct net_control *control, solo5_handle_t handle);

#endif
