/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network: a libslirp instance, the wire to the guest, and what usernet does with the frames in
 * between:
 *
 *     guest -> tap -> (probe) -> (guard) -> libslirp -> host's sockets
 *     guest <- tap <- (guard notes)      <- libslirp <- host's sockets
 *
 * Only ARP and whole IPv4 packets reach libslirp: the 4.7.0 that Debian 12 has writes over its own
 * queue when the last fragment of a packet is the first to come. Its IPv6, TFTP files and protocol
 * emulation are off.
 */
#ifndef QUINTET_TENDERS_USERNET_NET_H
#define QUINTET_TENDERS_USERNET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include <libslirp.h>

#include "cidr.h"
#include "forward.h"
#include "guard.h"
#include "pcap.h"
#include "probe.h"
#include "tap.h"

#define NET_FORWARDS_MAX 64u

struct pollset;

struct net_config {
    struct cidr cidr;
    uint32_t dns;        /* the name server to announce; 0 for libslirp's forwarding one */
    bool restrict_guest; /* only what answers a forward leaves the network */
    struct pcap *pcap;   /* the capture, or NULL; it outlives the network */
};

struct net {
    Slirp *slirp;
    struct tap tap;
    struct pcap *pcap;
    struct guard *guard; /* NULL unless the guest is restricted */
    struct probe probe;
    uint32_t host_addr;
    uint32_t guest_addr; /* the first that DHCP gives; forwards lead there */
    struct forward forwards[NET_FORWARDS_MAX];
    unsigned forward_count;
    int listeners[NET_FORWARDS_MAX]; /* libslirp's sockets that wait for connections */
    unsigned listener_count;
    struct pollset *pollset; /* from net_fill() to net_dispatch() */
    int tap_index;           /* of the wire in it, or -1 */
};

/* The monotonic clock. */
uint64_t net_now_ns(void);

/* Sets up a network that is not moved afterwards. (*guest_fd) becomes the guest's end of the wire.
 * Returns 0, or -1 with errno.
 */
int net_open(struct net *net, const struct net_config *config, int *guest_fd);

/* Listens on the host's side of a forward, of which a copy is kept. Returns 0, or -1 with errno. */
int net_forward(struct net *net, const struct forward *forward);

/* To be called once after the last net_forward(). */
void net_start(struct net *net);

/* Adds what this network waits for to (set), and lowers (*timeout_ms) to when it wants a turn. */
void net_fill(struct net *net, struct pollset *set, uint32_t *timeout_ms);

/* Does what can be done after poll() has filled in (set). */
void net_dispatch(struct net *net, struct pollset *set);

#endif
