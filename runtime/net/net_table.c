/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A hash table of connections. The chains run through the control blocks themselves, in lwIP's
 * extra arguments: the next block, and where the pointer to this one is, so that a block can leave
 * without its names, which lwIP has cleared by then. The hash has a secret factor, so that nobody
 * outside can choose ports that meet in one chain.
 */
#include "net_table.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "net.h"

#define BUCKET_BITS 10

static struct tcp_pcb *buckets[1 << BUCKET_BITS];

static struct tcp_pcb **bucket_of(uint16_t local_port, uint32_t remote_ip, uint16_t remote_port)
{
    static uint64_t factor;
    uint64_t names = (uint64_t)remote_ip << 32 | (uint32_t)remote_port << 16 | local_port;

    if (factor == 0)
        factor = (uint64_t)net_random32() << 32 | net_random32() | 1;
    names *= factor;
    names ^= names >> 32;
    return &buckets[names * factor >> (64 - BUCKET_BITS)];
}

static struct tcp_pcb *next_of(const struct tcp_pcb *pcb)
{
    return tcp_ext_arg_get(pcb, NET_TABLE_NEXT);
}

/* (link) is where a chain's pointer is: a bucket, or the argument NEXT of a block. */
static void set_link(struct tcp_pcb **link, struct tcp_pcb *pcb)
{
    *link = pcb;
    if (pcb != NULL)
        tcp_ext_arg_set(pcb, NET_TABLE_LINK, link);
}

static void take_out(u8_t id, void *data)
{
    struct tcp_pcb *pcb = data;

    (void)id;
    set_link(tcp_ext_arg_get(pcb, NET_TABLE_LINK), next_of(pcb));
}

void net_table_add(struct tcp_pcb *pcb)
{
    static const struct tcp_ext_arg_callbacks callbacks = {take_out, NULL};
    struct tcp_pcb **bucket =
        bucket_of(pcb->local_port, ip_2_ip4(&pcb->remote_ip)->addr, pcb->remote_port);

    tcp_ext_arg_set_callbacks(pcb, NET_TABLE_SELF, &callbacks);
    tcp_ext_arg_set(pcb, NET_TABLE_SELF, pcb);
    tcp_ext_arg_set(pcb, NET_TABLE_NEXT, *bucket);
    if (*bucket != NULL)
        tcp_ext_arg_set(*bucket, NET_TABLE_LINK, &pcb->ext_args[NET_TABLE_NEXT].data);
    set_link(bucket, pcb);
}

struct tcp_pcb *net_table_find(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                               uint16_t remote_port)
{
    struct tcp_pcb *pcb = *bucket_of(local_port, remote_ip, remote_port);

    while (pcb != NULL && (pcb->remote_port != remote_port || pcb->local_port != local_port ||
                           ip_2_ip4(&pcb->remote_ip)->addr != remote_ip ||
                           ip_2_ip4(&pcb->local_ip)->addr != local_ip))
        pcb = next_of(pcb);
    return pcb;
}
