/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where lwIP asks for what it leaves to its surroundings: unpredictable numbers, and a look at each
 * packet before it is taken apart.
 */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip4.h"

#include "hooks.h"

#include "frame.h"
#include "libc/siphash.h"
#include "net.h"
#include "thread/sched.h"
#include "timewait.h"

/* ---- Unpredictable numbers ----------------------------------------------------------------- */

static void random_bytes(void *buf, size_t len)
{
    if (getentropy(buf, len) != 0)
        net_die("no random numbers to be had", NULL);
}

uint32_t net_random32(void)
{
    static uint32_t pool[16];
    static unsigned left;

    if (left == 0) {
        random_bytes(pool, sizeof pool);
        left = sizeof pool / sizeof pool[0];
    }
    return pool[--left];
}

u32_t net_tcp_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip,
                  u16_t remote_port)
{
    static uint64_t key[2];
    uint64_t addresses = (uint64_t)ip_2_ip4(local_ip)->addr << 32 | ip_2_ip4(remote_ip)->addr;
    uint64_t ports = (uint64_t)local_port << 16 | remote_port;
    uint32_t isn;

    if (net_timewait_isn(ip_2_ip4(local_ip)->addr, local_port, ip_2_ip4(remote_ip)->addr,
                         remote_port, &isn))
        return isn;
    if (key[0] == 0)
        random_bytes(key, sizeof key);
    /* RFC 6528, 3: M is a clock of 4 microseconds. */
    return (u32_t)(sched_now() / 4000 + siphash(key, addresses, ports));
}

/* One multiplication of keyed words: the table is only as good as it is hard to fill one of its
 * chains on purpose. */
u32_t net_tcp_hash(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip,
                   u16_t remote_port)
{
    static uint64_t key[2];
    unsigned __int128 product;

    if (key[0] == 0)
        random_bytes(key, sizeof key);
    product = ((uint64_t)ip_2_ip4(local_ip)->addr << 32 | ip_2_ip4(remote_ip)->addr) ^ key[0];
    product *= ((uint64_t)local_port << 16 | remote_port) ^ key[1];
    return (u32_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}

/* ---- Memory -------------------------------------------------------------------------------- */

/* As many segments as a window of the usual size holds, or none when frames are getting scarce. A
 * lost segment is then sent again with all that follow it. */
uint16_t net_ooseq_limit(const struct tcp_pcb *pcb)
{
    (void)pcb;
    return frame_bytes_used() < net_budget() / 2 ? 256 : 0;
}

/* ---- Packets ------------------------------------------------------------------------------- */

/* Packets from the wire with a source that can only be ourselves are forged. */
static bool is_forged(const struct ip_hdr *ip, const struct netif *netif)
{
    if ((netif->flags & NETIF_FLAG_ETHARP) == 0 || netif->hwaddr_len == 0)
        return false;
    return (ip->src.addr & PP_HTONL(0xff000000)) == PP_HTONL(0x7f000000) ||
           (ip->src.addr != 0 && ip->src.addr == netif_ip4_addr(netif)->addr);
}

/* RFC 6335, 6: port 0 is reserved; nobody can be answered there. */
static bool is_from_port_zero(const struct pbuf *p)
{
    const struct ip_hdr *ip = p->payload;
    const uint8_t *tcp = (const uint8_t *)p->payload + IPH_HL_BYTES(ip);

    return IPH_PROTO(ip) == IP_PROTO_TCP && (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK)) == 0 &&
           p->len >= IPH_HL_BYTES(ip) + 2 && tcp[0] == 0 && tcp[1] == 0;
}

int net_ip4_input(struct pbuf *p, struct netif *netif)
{
    if (p->len < IP_HLEN || !(is_forged(p->payload, netif) || is_from_port_zero(p)))
        return 0; /* lwIP's to judge */
    pbuf_free(p);
    return 1;
}
