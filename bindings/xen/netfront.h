/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * netfront.h: a network, which two files drive: netfront_tx.c, netfront_rx.c.
 */
#ifndef NETFRONT_H
#define NETFRONT_H

#include "xen.h"

#include <xen/io/netif.h>

#include "checksum.h"

#define NET_RING 256 /* slots that fit into a page, of both rings */

/* Most slots of a packet that every backend takes. */
#define NET_SLOTS XEN_NETIF_NR_SLOTS_MIN

/* Packets lent at a time: each may have two slots, when it lies across two pages. */
#define NET_DEPTH (NET_RING / 2)

#define NET_COPIES 128 /* pages for packets that cannot be lent as they are */

#define NET_GRANTS (2 + 2 * NET_RING + NET_COPIES)

/* A slot that is sent and not answered. */
struct net_slot {
    uint32_t grant; /* to be ended, or GRANT_NONE: a page of `copies`, */
    uint16_t copy;  /* which is this one */
    uint16_t packet;
    bool sent;
};

/* A packet that is sent, by its position modulo NET_DEPTH. */
struct net_packet {
    uint64_t cookie;
    uint16_t unanswered; /* slots */
    bool lent;           /* its cookie goes back to the program */
};

struct net_tx {
    netif_tx_sring_t *ring;
    uint32_t ring_grant;
    uint32_t produced, answered; /* ours; never read back */
    uint32_t told;
    uint32_t extras; /* slots without an answer of their own that are not back yet */
    struct net_slot slots[NET_RING];
    uint16_t unused[NET_RING]; /* slots, a stack */
    unsigned unused_count;
    struct net_packet packets[NET_DEPTH];
    uint32_t first, next; /* packets: oldest that is not reclaimed, next to be sent */
    uint8_t *copies;
    uint32_t copy_grants[NET_COPIES];
    uint16_t copies_unused[NET_COPIES];
    unsigned copies_unused_count;
    bool wanted; /* the program waits for room */
};

struct net_rx {
    netif_rx_sring_t *ring;
    uint32_t ring_grant;
    uint32_t taken, offered;
    uint8_t *pages;
    uint32_t grants[NET_RING];
};

struct net {
    struct xen_device *dev;
    uint64_t features; /* set of SOLO5_NET_* */
    size_t frame_max;
    bool pieces;        /* the backend takes packets in several slots */
    bool ipv6_checksum; /* it completes checksums of IPv6 too */
    struct net_tx tx;
    struct net_rx rx;
};

struct net *net_of(solo5_handle_t handle);

/* Each ring is opened once: its pages are granted then, and remain so. Whenever a backend is to
 * connect, the ring is emptied. False: a page cannot be granted. */
bool net_tx_open(struct net *net);
bool net_tx_empty(struct net *net);
solo5_result_t net_tx_send(solo5_handle_t handle, const struct mft_entry *entry,
                           const struct solo5_packet *packets, size_t count, size_t *sent);
size_t net_tx_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max);
solo5_result_t net_tx_write(struct net *net, const uint8_t *buf, size_t size);
void net_tx_collect(struct net *net);
bool net_tx_ready(struct net *net, bool before);
void net_tx_lost(struct net *net);

bool net_rx_open(struct net *net);
bool net_rx_empty(struct net *net);
solo5_result_t net_rx_receive(solo5_handle_t handle, const struct mft_entry *entry,
                              struct solo5_received *packets, size_t max, size_t *count);
solo5_result_t net_rx_read(struct net *net, uint8_t *buf, size_t size, size_t *read_size);
bool net_rx_ready(struct net *net, bool before);

/* One frame in one piece, for what is rare. */
extern uint8_t net_scratch[UINT16_MAX + SOLO5_NET_HLEN];

#endif
