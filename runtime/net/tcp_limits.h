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

/* How many there are, 1 at least. */
unsigned tcp_limits_count(void);

/* How many half-open connections a listener may have, and giving up the older half of those that it
 * has; of all listeners for NULL. The newest stays. */
unsigned tcp_limits_half_open_max(void);
void tcp_limits_evict_half_open(const struct tcp_pcb_listen *lpcb);

#endif
