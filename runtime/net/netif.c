/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Between a Solo5 network device and lwIP. Large frames are read straight into the buffers that
 * sockets will copy from; all are written straight from where lwIP built them. A frame may have any
 * length, content and header: what is shorter than an Ethernet header ends here, as does what says
 * of itself what cannot be; the rest is for lwIP to judge.
 *
 * The host's queue is short. So it is emptied into memory before anything is done about the first
 * frame, and looked at again while a program that answers many takes its time.
 */
#include "netif.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/priv/tcp_priv.h"

#include "net.h"
#include "netif_offload.h"

/* The stack's own buffers are counted in 16 bits. */
#define NET_MTU_MAX 65521
#define NET_MTU_MIN 68 /* RFC 791 */
#define NET_LEN_MAX 65535

#define SMALL_ROOM    384 /* for a frame without much data */
#define MEDIUM_ROOM   4096
#define KEEP          128 /* frames not given back */
#define KEEP_LARGE    24
#define POST_LARGE    16 /* frames of 64 KiB that the device has */
#define POST_MAX      64
#define RECEIVE_BATCH 16
#define IN_MAX        16384 /* frames that wait for lwIP */
#define LOOK_AFTER    64    /* packets given to lwIP, and */
#define LOOK_EVERY    16    /* packets sent between looks at what was received */

SOLO5_WANTS_NET_OFFLOAD;

/* A packet that the device may still look at. */
struct net_sending {
    struct net_sending *next;
    struct pbuf *p;
    struct solo5_segment segments[SOLO5_SEGMENTS_MAX];
};

/* ---- Sending ------------------------------------------------------------------------------- */

static void reclaim(struct net_device *dev)
{
    uint64_t cookies[32];
    size_t count;

    do {
        count = solo5_net_reclaim(dev->handle, cookies, 32);
        for (size_t i = 0; i < count; i++) {
            struct net_sending *sending = (struct net_sending *)(uintptr_t)cookies[i];

            pbuf_free(sending->p);
            sending->next = dev->unused;
            dev->unused = sending;
        }
    } while (count == 32);
}

/* A hold on (p), or a copy of it where it is in too many pieces, or in memory that its owner takes
 * back when this call returns. NULL: no memory. */
static struct pbuf *hold(struct pbuf *p)
{
    unsigned count = 0;

    for (const struct pbuf *q = p; q != NULL; q = q->next) {
        if (PBUF_NEEDS_COPY(q))
            return pbuf_clone(PBUF_RAW, PBUF_RAM, p);
        count += q->len > 0;
    }
    if (count > SOLO5_SEGMENTS_MAX)
        return pbuf_clone(PBUF_RAW, PBUF_RAM, p);
    pbuf_ref(p);
    return p;
}

static err_t transmit(struct net_device *dev, struct net_sending *sending)
{
    struct solo5_packet packet = {.segments = sending->segments,
                                  .cookie = (uint64_t)(uintptr_t)sending};
    solo5_result_t result;
    size_t sent;

    net_offload_fill(dev, sending->p, &packet.hdr);
    for (const struct pbuf *q = sending->p; q != NULL; q = q->next) {
        if (q->len > 0)
            sending->segments[packet.segment_count++] = (struct solo5_segment){q->payload, q->len};
    }
    result = solo5_net_send(dev->handle, &packet, 1, &sent);
    if (result == SOLO5_R_AGAIN) {
        reclaim(dev);
        result = solo5_net_send(dev->handle, &packet, 1, &sent);
    }
    switch (result) {
    case SOLO5_R_OK:
        return ERR_OK;
    case SOLO5_R_AGAIN:
        dev->blocked = true;
        return ERR_MEM;
    default:
        if (!dev->failed)
            net_say(dev->name, ": the host's device fails to send", NULL);
        dev->failed = true;
        return ERR_IF;
    }
}

static void take_in(struct net_device *dev);

static err_t net_device_send(struct netif *netif, struct pbuf *p)
{
    struct net_device *dev = netif->state;
    struct net_sending *sending = dev->unused;
    err_t err;

    if (p->tot_len < SOLO5_NET_HLEN)
        return ERR_BUF;
    if (sending != NULL)
        dev->unused = sending->next;
    else if ((sending = malloc(sizeof *sending)) == NULL)
        return ERR_MEM;
    sending->p = hold(p);
    err = sending->p == NULL ? ERR_MEM : transmit(dev, sending);
    if (err != ERR_OK) {
        if (sending->p != NULL)
            pbuf_free(sending->p);
        sending->next = dev->unused;
        dev->unused = sending;
    }
    reclaim(dev);
    if (++dev->sent_count >= LOOK_EVERY)
        take_in(dev);
    return err;
}

void net_device_retry(struct net_device *dev)
{
    reclaim(dev);
    if (!dev->blocked)
        return;
    dev->blocked = false;
    tcp_txnow();
}

/* ---- Opening ------------------------------------------------------------------------------- */

static err_t net_device_init(struct netif *netif)
{
    const struct net_device *dev = netif->state;

    netif->name[0] = 'n';
    netif->name[1] = 'e';
    netif->output = etharp_output;
    netif->linkoutput = net_device_send;
    netif->mtu = (u16_t)(dev->mtu < NET_MTU_MAX ? dev->mtu : NET_MTU_MAX);
    netif->hwaddr_len = SOLO5_NET_ALEN;
    memcpy(netif->hwaddr, dev->mac, SOLO5_NET_ALEN);
    netif_set_hostname(netif, net_config_hostname());
    netif_set_flags(netif, NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET);
    if (NET_HAS(dev, SOLO5_NET_TSO4_OUT) && NET_HAS(dev, SOLO5_NET_CSUM_OUT))
        netif_set_flags(netif, NETIF_FLAG_TSO);
    NETIF_SET_CHECKSUM_CTRL(netif, net_offload_checks(dev, true));
    return ERR_OK;
}

bool net_device_open(struct net_device *dev, const char *name)
{
    struct solo5_net_info info;
    size_t room, depth;

    /* A device that has no frames of ours is never ready: the first turn of the poller lends some.
     */
    *dev = (struct net_device){.name = name, .more = true};
    if (solo5_net_acquire(name, &dev->handle, &info) != SOLO5_R_OK)
        return false;
    if (info.mtu < NET_MTU_MIN)
        net_die(name, ": the MTU is too small for IP; it must be at least 68", NULL);

    dev->mtu = info.mtu;
    dev->features = solo5_net_features(dev->handle);
    memcpy(dev->mac, info.mac_address, SOLO5_NET_ALEN);
    /* The device may hand out frames up to this length, whatever IP uses of it. */
    room = solo5_net_frame_max(dev->handle);
    depth = solo5_net_depth(dev->handle);
    dev->post_max = room > MEDIUM_ROOM ? POST_LARGE : POST_MAX;
    if (dev->post_max > depth)
        dev->post_max = (unsigned)depth;
    frame_pool_init(&dev->large, room, room > MEDIUM_ROOM ? KEEP_LARGE : KEEP);
    frame_pool_init(&dev->medium, MEDIUM_ROOM, KEEP);
    frame_pool_init(&dev->small, SMALL_ROOM, KEEP);
    if (netif_add_noaddr(&dev->netif, dev, net_device_init, netif_input) == NULL)
        net_die(name, ": out of memory", NULL);
    netif_set_link_up(&dev->netif);
    return true;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Is the frame for us, or for everybody? A device that a bridge or a hub floods brings others' too.
 */
static bool frame_is_ours(const struct net_device *dev, const uint8_t *frame, size_t len)
{
    if (len < SOLO5_NET_HLEN || len > NET_LEN_MAX)
        return false;
    return (frame[0] & 1) != 0 || memcmp(frame, dev->mac, SOLO5_NET_ALEN) == 0;
}

static void lend_frame(struct net_device *dev, struct frame *frame)
{
    const struct solo5_packet buffer = {
        .segment_count = 1, .segments = frame_segment(frame), .cookie = (uint64_t)(uintptr_t)frame};
    size_t posted;

    if (dev->posted < dev->post_max &&
        solo5_net_post(dev->handle, &buffer, 1, &posted) == SOLO5_R_OK)
        dev->posted++;
    else
        frame_put(frame);
}

static void lend_frames(struct net_device *dev)
{
    while (dev->posted < dev->post_max) {
        unsigned before = dev->posted;
        struct frame *frame = frame_get(&dev->large);

        if (frame == NULL)
            return;
        lend_frame(dev, frame);
        if (dev->posted == before)
            return;
    }
}

bool net_device_has_room(const struct net_device *dev)
{
    return dev->in_count < IN_MAX && frame_bytes_used() < 2 * net_budget();
}

void net_device_queue(struct net_device *dev, struct pbuf *p)
{
    if (dev->in_last == NULL)
        dev->in_first = p;
    else
        dev->in_last->next = p;
    dev->in_last = p;
    dev->in_count++;
}

/* The frame, or a copy of it that takes less memory: then (frame) is left over. */
static struct frame *fit(struct net_device *dev, struct frame *frame, size_t len)
{
    struct frame_pool *pool = len <= SMALL_ROOM ? &dev->small : &dev->medium;
    struct frame *copy;

    if (len > pool->room || dev->large.room <= pool->room || (copy = frame_get(pool)) == NULL)
        return frame;
    memcpy(frame_data(copy), frame_data(frame), len);
    return copy;
}

static void receive_one(struct net_device *dev, const struct solo5_received *r)
{
    struct frame *frame = (struct frame *)(uintptr_t)r->cookie;
    const uint8_t *data = frame_data(frame);
    struct frame *kept = NULL;

    enum net_offload_verdict verdict = NET_OFFLOAD_BAD;

    dev->posted--;
    if (frame_is_ours(dev, data, r->len))
        verdict = net_offload_judge(dev, data, r);
    if (verdict == NET_OFFLOAD_SPLIT) {
        net_offload_split(dev, data, r);
    } else if (verdict != NET_OFFLOAD_BAD) {
        kept = fit(dev, frame, r->len);
        struct pbuf *p = frame_to_pbuf(kept, (uint16_t)r->len);
        if (verdict == NET_OFFLOAD_CHECKED)
            p->flags |= FRAME_FLAG_CHECKED;
        net_device_queue(dev, p);
    }
    if (kept != frame)
        lend_frame(dev, frame);
}

/* Takes what the device received into memory, as far as there is some. */
static void take_in(struct net_device *dev)
{
    struct solo5_received received[RECEIVE_BATCH];
    size_t count = 0, most = 0;

    dev->sent_count = 0;
    if (dev->reading)
        return;
    dev->reading = true;
    /* Fewer than there could have been were all. */
    while (count == most && net_device_has_room(dev)) {
        lend_frames(dev);
        most = dev->posted < RECEIVE_BATCH ? dev->posted : RECEIVE_BATCH;
        if (solo5_net_receive(dev->handle, received, RECEIVE_BATCH, &count) != SOLO5_R_OK)
            break;
        for (size_t i = 0; i < count; i++)
            receive_one(dev, &received[i]);
    }
    /* Without a frame to lend there is nothing that would wake the poller. */
    dev->more = dev->posted == 0;
    dev->reading = false;
}

void net_device_poll(struct net_device *dev)
{
    take_in(dev);
    for (unsigned i = 0; i < NET_BATCH && dev->in_first != NULL; i++) {
        struct pbuf *p = dev->in_first;

        if (i % LOOK_AFTER == LOOK_AFTER - 1)
            take_in(dev);
        dev->in_first = p->next;
        if (dev->in_first == NULL)
            dev->in_last = NULL;
        dev->in_count--;
        p->next = NULL;
        NETIF_SET_CHECKSUM_CTRL(&dev->netif,
                                net_offload_checks(dev, (p->flags & FRAME_FLAG_CHECKED) != 0));
        if (netif_input(p, &dev->netif) != ERR_OK)
            pbuf_free(p);
    }
    NETIF_SET_CHECKSUM_CTRL(&dev->netif, net_offload_checks(dev, true));
    dev->more = dev->more || dev->in_first != NULL;
}
