/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where lwIP calls back: see net_hooks.c.
 */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include <stdbool.h>

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

/* RFC 6528: a clock plus a keyed hash of the connection's ends. */
u32_t net_tcp_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip,
                  u16_t remote_port);
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) \
    net_tcp_isn(local_ip, local_port, remote_ip, remote_port)

/* Of a connection's ends, not to be guessed from outside. */
u32_t net_tcp_hash(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip,
                   u16_t remote_port);
#define LWIP_HOOK_TCP_HASH(local_ip, local_port, remote_ip, remote_port) \
    net_tcp_hash(local_ip, local_port, remote_ip, remote_port)

/* See timewait.h. */
struct tcp_hdr;
struct tcp_pcb;
void net_timewait_enter(struct tcp_pcb *pcb);
bool net_timewait_input(const struct tcp_hdr *header, u16_t len);
#define LWIP_HOOK_TCP_TIME_WAIT(pcb)               net_timewait_enter(pcb)
#define LWIP_HOOK_TCP_TIME_WAIT_INPUT(header, len) net_timewait_input(header, len)

/* A pbuf for (len) bytes that stay where they are: see send_ref.h. */
struct pbuf *send_ref_pbuf(u16_t len);
#define LWIP_HOOK_TCP_REFERENCE(len) send_ref_pbuf(len)

/* Sees each IPv4 packet first; eats forged ones, and TCP from port 0. */
int net_ip4_input(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP4_INPUT(p, netif) net_ip4_input(p, netif)

#endif
