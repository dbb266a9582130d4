/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The connections by their four names, for lwIP's search (deps/lwip/find-hooks.patch).
 */
#ifndef RUNTIME_NET_NET_TABLE_H
#define RUNTIME_NET_NET_TABLE_H

#include <stdint.h>

struct tcp_pcb;

/* lwIP's extra arguments of a control block: the table has three, beside the socket's. */
#define NET_TABLE_SELF 1
#define NET_TABLE_NEXT 2
#define NET_TABLE_LINK 3

/* Enters a connection, whose addresses and ports are set and stay. lwIP takes it out when it frees
 * it. */
void net_table_add(struct tcp_pcb *pcb);

/* Finds one, of network byte order addresses; NULL when there is none. It may be in any state. */
struct tcp_pcb *net_table_find(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                               uint16_t remote_port);

#endif
