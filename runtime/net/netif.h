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
#include "solo5.h"

#include "frame.h"

struct net_device {
    struct netif netif;
    const char *name; /* in the manifest */
    solo5_handle_t handle;
    size_t mtu;
    uint8_t mac[SOLO5_NET_ALEN];
    struct frame_pool frames;
    uint8_t *tx_buf;    /* where the pieces of a frame are put together; made when first needed */
    bool more;          /* the last batch was full, so there may be frames yet */
    bool said_up;       /* the line with the address was printed */
    bool failed;        /* the host's device reported a failure, which was printed */
    uint64_t dhcp_warn; /* when to say that there is no lease; 0: not any more */
};

/* Acquires (name) and adds it to lwIP, without an address. Returns false when there is none. */
bool net_device_open(struct net_device *dev, const char *name);

/* Takes at most NET_BATCH frames from the device to lwIP. */
#define NET_BATCH 64
void net_device_poll(struct net_device *dev);

#endif
