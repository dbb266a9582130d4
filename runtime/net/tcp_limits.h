/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How many connections there are, and room for one more: see tcp_limits.c.
 */
#ifndef RUNTIME_NET_TCP_LIMITS_H
#define RUNTIME_NET_TCP_LIMITS_H

#include <stdbool.h>

struct tcp_pcb_listen;

/* Makes room for one connection more, at the cost of idle ones if need be. Returns false when there
 * is none. */
bool tcp_limits_admit(void);

/* A connection began; its socket left it to itself; it is gone, (left) then saying which kind. */
void tcp_limits_opened(void);
void tcp_limits_left(void);
void tcp_limits_closed(bool left);

/* Gives up the oldest half-open connection of a listener, if it has waited for long. */
bool tcp_limits_evict_half_open(const struct tcp_pcb_listen *lpcb);

#endif
