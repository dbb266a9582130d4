/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where lwIP calls back: see net_hooks.c.
 */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

/* RFC 6528: a clock plus a keyed hash of the connection's ends. */
u32_t net_tcp_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip,
                  u16_t remote_port);
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) \
    net_tcp_isn(local_ip, local_port, remote_ip, remote_port)

/* Sees each IPv4 packet first. Never eats one. */
int net_ip4_input(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP4_INPUT(p, netif) net_ip4_input(p, netif)

/* The connection that the present packet belongs to; ports in host byte order. */
struct tcp_pcb *net_tcp_find_active(u16_t remote_port, u16_t local_port);
struct tcp_pcb *net_tcp_find_time_wait(u16_t remote_port, u16_t local_port);
#define LWIP_HOOK_TCP_FIND_ACTIVE(remote_port, local_port) \
    net_tcp_find_active(remote_port, local_port)
#define LWIP_HOOK_TCP_FIND_TIME_WAIT(remote_port, local_port) \
    net_tcp_find_time_wait(remote_port, local_port)

#endif
