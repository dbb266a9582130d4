/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network devices as lwIP sees them.
 */
#ifndef RUNTIME_NET_NETIF_H
#define RUNTIME_NET_NETIF_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/netif.h"
#include "solo5_io.h"

#include "frame.h"

struct net_sending;

struct net_device {
    struct netif netif;
    const char *name; /* in the manifest */
    solo5_handle_t handle;
    size_t mtu;
    uint8_t mac[SOLO5_NET_ALEN];
    uint64_t features; /* set of SOLO5_NET_* */

    /* Frames come into large ones, which are lent to the device; what is much smaller is copied
     * into one of its size. */
    struct frame_pool large, medium, small;
    unsigned posted, post_max;
    struct pbuf *in_first, *in_last; /* received, not yet lwIP's; linked by next */
    unsigned in_count;
    bool reading;

    struct net_sending *unused; /* for packets to send */
    unsigned sent_count;        /* since there was a look at what was received */
    bool blocked;               /* the device had no room for a packet */

    bool more;          /* there may be frames yet */
    bool said_up;       /* the line with the address was printed */
    bool failed;        /* the host's device reported a failure, which was printed */
    uint64_t dhcp_warn; /* when to say that there is no lease; 0: not any more */
};

/* Acquires (name) and adds it to lwIP, without an address. Returns false when there is none. */
bool net_device_open(struct net_device *dev, const char *name);

/* Takes what the device received, at most NET_BATCH frames of it to lwIP. */
#define NET_BATCH 256
void net_device_poll(struct net_device *dev);

/* Tries again what the device had no room for. */
void net_device_retry(struct net_device *dev);

#endif
