/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * TIME_WAIT, apart from lwIP's control blocks: a few words a connection, a bounded number of them,
 * the oldest dropped first. A SYN that can only be new opens a connection at once (RFC 1122,
 * 4.2.2.13; RFC 6191), so that a client that connects fast may use its ports again.
 */
#ifndef RUNTIME_NET_TIMEWAIT_H
#define RUNTIME_NET_TIMEWAIT_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_hdr;
struct tcp_pcb;

/* Keeps what is needed of a connection in TIME_WAIT and frees its control block. */
void net_timewait_enter(struct tcp_pcb *pcb);

/* A segment of no active connection, its header in host byte order; (len) counts SYN and FIN.
 * Returns whether it was one of these connections' and needs nothing else. */
bool net_timewait_input(const struct tcp_hdr *header, uint16_t len);

/* The first sequence number for a connection, its addresses in network byte order. Returns false
 * when it is not the one whose SYN was let through last, in the place of another. */
bool net_timewait_isn(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                      uint16_t remote_port, uint32_t *isn);

/* Does one of them have this port? */
bool net_timewait_uses(uint16_t local_port);

/* Drops those whose time has passed, and all but the (keep) youngest. */
void net_timewait_expire(uint64_t now_ns);
void net_timewait_trim(unsigned keep);

/* When the youngest has waited long enough; SCHED_NEVER: there is none. */
uint64_t net_timewait_deadline(void);

#endif
