/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Connections that have nothing left to do but to wait for what may still be on its way: see
 * timewait.h. Each is a few words in a hash table and in a list by age. Invariant: an entry is in
 * both, or dead and in the list alone; the list's first is the oldest, and all wait equally long.
 */
#include "timewait.h"

#include <stdlib.h>

#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"

#include "hooks.h"

#include "net.h"
#include "thread/sched.h"

#define TIME_WAIT_MAX  8192
#define TIME_WAIT_NS   (2ULL * TCP_MSL * NET_NS_PER_MS)
#define BUCKETS        2048
#define PORTS          1024
#define BYTES_PER_MORE 16384 /* of the heap's share for the network, for each that is kept */

struct timewait {
    struct timewait *hash_next;
    struct timewait *next;
    uint64_t end_ns;
    uint32_t local_ip, remote_ip; /* network byte order */
    uint16_t local_port, remote_port;
    uint32_t rcv_nxt, snd_nxt;
    uint16_t wnd;
    bool dead; /* no longer in the table */
};

static struct {
    struct timewait *buckets[BUCKETS];
    struct timewait *first, *last;
    unsigned count;
    uint16_t ports[PORTS]; /* how many in the table have a local port of this remainder */
    /* Its place is taken by a connection that begins with this number. */
    struct timewait replaced;
    uint32_t isn;
    bool isn_set;
} tw;

static struct timewait **bucket(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                                uint16_t remote_port)
{
    const ip_addr_t local = IPADDR4_INIT(local_ip), remote = IPADDR4_INIT(remote_ip);

    return &tw.buckets[net_tcp_hash(&local, local_port, &remote, remote_port) % BUCKETS];
}

/* The link to the entry of a connection; it links to NULL when there is none. */
static struct timewait **find(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                              uint16_t remote_port)
{
    struct timewait **link = bucket(local_ip, local_port, remote_ip, remote_port);

    while (*link != NULL &&
           ((*link)->remote_port != remote_port || (*link)->local_port != local_port ||
            (*link)->remote_ip != remote_ip || (*link)->local_ip != local_ip))
        link = &(*link)->hash_next;
    return link;
}

/* Takes an entry out of the table. It stays in the list, as a dead one, until it is the oldest. */
static void forget(struct timewait **link)
{
    struct timewait *t = *link;

    *link = t->hash_next;
    t->dead = true;
    tw.ports[t->local_port % PORTS]--;
}

static void drop_oldest(void)
{
    struct timewait *t = tw.first;

    if (!t->dead)
        forget(find(t->local_ip, t->local_port, t->remote_ip, t->remote_port));
    tw.first = t->next;
    if (tw.first == NULL)
        tw.last = NULL;
    tw.count--;
    free(t);
}

static unsigned count_max(void)
{
    size_t max = net_budget() / BYTES_PER_MORE;

    return max < TIME_WAIT_MAX ? (unsigned)max : TIME_WAIT_MAX;
}

void net_timewait_expire(uint64_t now_ns)
{
    while (tw.first != NULL && tw.first->end_ns <= now_ns)
        drop_oldest();
}

uint64_t net_timewait_deadline(void)
{
    return tw.first == NULL ? SCHED_NEVER : tw.last->end_ns;
}

void net_timewait_trim(unsigned keep)
{
    while (tw.count > keep)
        drop_oldest();
}

bool net_timewait_uses(uint16_t local_port)
{
    net_timewait_expire(sched_now());
    if (tw.ports[local_port % PORTS] == 0)
        return false;
    for (const struct timewait *t = tw.first; t != NULL; t = t->next) {
        if (t->local_port == local_port && !t->dead)
            return true;
    }
    return false;
}

void net_timewait_enter(struct tcp_pcb *pcb)
{
    struct timewait *t;
    struct timewait **link;

    net_timewait_expire(sched_now());
    net_timewait_trim(count_max());
    t = malloc(sizeof *t);
    if (t != NULL) {
        *t = (struct timewait){
            .end_ns = sched_now() + TIME_WAIT_NS,
            .local_ip = ip_2_ip4(&pcb->local_ip)->addr,
            .remote_ip = ip_2_ip4(&pcb->remote_ip)->addr,
            .local_port = pcb->local_port,
            .remote_port = pcb->remote_port,
            .rcv_nxt = pcb->rcv_nxt,
            .snd_nxt = pcb->snd_nxt,
            .wnd = (uint16_t)TCPWND_MIN16(RCV_WND_SCALE(pcb, pcb->rcv_ann_wnd)),
        };
        link = bucket(t->local_ip, t->local_port, t->remote_ip, t->remote_port);
        t->hash_next = *link;
        *link = t;
        if (tw.last == NULL)
            tw.first = t;
        else
            tw.last->next = t;
        tw.last = t;
        tw.count++;
        tw.ports[t->local_port % PORTS]++;
    }
    tcp_abort(pcb); /* frees it, and sends nothing in this state */
}

/* Confirms what came, once more. */
static void acknowledge(const struct timewait *t)
{
    struct tcp_pcb pcb = {
        .state = TIME_WAIT,
        .ttl = TCP_TTL,
        .local_ip = IPADDR4_INIT(t->local_ip),
        .remote_ip = IPADDR4_INIT(t->remote_ip),
        .local_port = t->local_port,
        .remote_port = t->remote_port,
        .rcv_nxt = t->rcv_nxt,
        .snd_nxt = t->snd_nxt,
        .rcv_ann_wnd = t->wnd,
    };

    tcp_send_empty_ack(&pcb);
}

bool net_timewait_input(const struct tcp_hdr *header, uint16_t len)
{
    struct timewait **link = find(ip_2_ip4(ip_current_dest_addr())->addr, header->dest,
                                  ip_2_ip4(ip_current_src_addr())->addr, header->src);
    struct timewait *t = *link;
    u8_t flags = TCPH_FLAGS(header);

    tw.isn_set = false;
    if (t == NULL)
        return false;
    if ((flags & TCP_RST) != 0) {
        /* RFC 1337 would rather ignore it; but a client that was answered for the old connection
         * says with this one that it knows of none, and asks again for a new one. RFC 5961, 3.2. */
        if (header->seqno == t->rcv_nxt)
            forget(link);
        return true;
    }
    if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && TCP_SEQ_GT(header->seqno, t->rcv_nxt)) {
        /* RFC 1122, 4.2.2.13: a new connection, which starts beyond the numbers of the old one. */
        tw.replaced = *t;
        tw.isn = t->snd_nxt + 0x10000;
        tw.isn_set = true;
        forget(link);
        return false;
    }
    if (len > 0)
        acknowledge(t);
    return true;
}

bool net_timewait_isn(uint32_t local_ip, uint16_t local_port, uint32_t remote_ip,
                      uint16_t remote_port, uint32_t *isn)
{
    const struct timewait *t = &tw.replaced;

    if (!tw.isn_set || t->local_ip != local_ip || t->local_port != local_port ||
        t->remote_ip != remote_ip || t->remote_port != remote_port)
        return false;
    tw.isn_set = false;
    *isn = tw.isn;
    return true;
}
