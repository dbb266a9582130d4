/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a guest under --restrict may send. libslirp's own restriction also drops the answers that a
 * guest gives on a forwarded UDP port, and hides the router, without which no peer but the host
 * itself is answered; so usernet decides frame by frame, before libslirp sees them:
 *
 * - ARP, and DHCP to the server: yes.
 * - TCP: what belongs to a connection that came in by a forward, which is everything but a SYN that
 *   opens one; libslirp resets what belongs to none.
 * - UDP: only from a forwarded port, to a peer that has sent to it in the last four minutes.
 * - ICMP: only to the host's address on this network, which libslirp answers by itself.
 * - All else: no.
 */
#ifndef QUINTET_TENDERS_USERNET_GUARD_H
#define QUINTET_TENDERS_USERNET_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

#define GUARD_PEERS   1024u
#define GUARD_PEER_NS (240ull * 1000 * 1000 * 1000)

struct guard_peer {
    uint32_t addr;
    uint16_t port;
    uint16_t guest_port;
    uint64_t until_ns;
};

struct guard {
    uint32_t host_addr;
    struct guard_peer peers[GUARD_PEERS]; /* by hash; a newcomer takes the place of an older one */
};

/* A guard that has seen nothing yet, on the network where the host is (host_addr). */
void guard_init(struct guard *guard, uint32_t host_addr);

/* Notes a frame on its way to the guest. (now_ns) never goes back. */
void guard_note(struct guard *guard, const struct frame *frame, uint64_t now_ns);

/* Whether the guest may send this frame. */
bool guard_allows(const struct guard *guard, const struct frame *frame, uint64_t now_ns);

#endif
