/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a device does of TCP's and UDP's work: the headers that go with packets (struct
 * solo5_net_hdr), filled in for what is sent, judged for what is received.
 */
#ifndef RUNTIME_NET_NETIF_OFFLOAD_H
#define RUNTIME_NET_NETIF_OFFLOAD_H

#include "netif.h"

#define NET_HAS(dev, feature) (((dev)->features >> (feature)) & 1)

/* Which checksums lwIP makes and checks for the next packets of the device; (checked): not those of
 * TCP and UDP that come in. */
uint16_t net_offload_checks(const struct net_device *dev, bool checked);

/* Fills in the header of an Ethernet frame that lwIP built, and the part of its checksum that the
 * device wants to have. */
void net_offload_fill(const struct net_device *dev, struct pbuf *p, struct solo5_net_hdr *hdr);

enum net_offload_verdict {
    NET_OFFLOAD_PLAIN,   /* a packet as any other */
    NET_OFFLOAD_CHECKED, /* its checksum need not be looked at */
    NET_OFFLOAD_SPLIT,   /* several datagrams in one */
    NET_OFFLOAD_BAD,     /* what its header says cannot be */
};

/* Of a frame of at least an Ethernet header at (data). */
enum net_offload_verdict net_offload_judge(const struct net_device *dev, const uint8_t *data,
                                           const struct solo5_received *r);

/* Queues each of the datagrams, as far as there is room. */
void net_offload_split(struct net_device *dev, const uint8_t *data, const struct solo5_received *r);

/* netif.c: adds a pbuf to what waits for lwIP; is there room for more? */
void net_device_queue(struct net_device *dev, struct pbuf *p);
bool net_device_has_room(const struct net_device *dev);

#endif
