/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The bound on connections. When it is reached, those go first that their program has closed and
 * that wait for the other side to agree, then those that were silent for long, the longest ones
 * first, then half-open ones; when all are busy, the new one is refused. When memory is short and
 * another one comes, those go that have something to send of which the other side has taken nothing
 * for some seconds, however much it says. Looking for them takes a walk over all, so it is done
 * once a tick and then for several.
 *
 * A listener's half-open connections are bounded as well, and the older half of them goes when
 * there are too many: a flood of them keeps out nobody whose answer comes before its next half.
 */
#include "tcp_limits.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "net.h"
#include "quintet.h"
#include "sock_tcp.h"
#include "thread/sched.h"
#include "timewait.h"

/* What an idle connection takes, with its socket and its descriptor. */
#define CONNECTION_COST 1024
#define CONNECTIONS_MAX 65536

/* Of one listener, and which part of all connections they may be. */
#define HALF_OPEN_MAX  4096
#define HALF_OPEN_PART 4

#define SAY_FULL_NS (60 * NET_NS_PER_S)
#define EVICT_BATCH 64

/* Which connections may go, and after how long. */
enum kind {
    LEFT,    /* closed by the program, not by the other side; nothing came */
    IDLE,    /* nothing came */
    STALLED, /* nothing was taken of what is to be sent */
};

static const u32_t aged[] = {
    [LEFT] = 1000 / TCP_SLOW_INTERVAL,
    [IDLE] = 10000 / TCP_SLOW_INTERVAL,
    [STALLED] = 5000 / TCP_SLOW_INTERVAL,
};

static struct {
    unsigned connections; /* control blocks that are not listeners */
    unsigned left;        /* of those: without a socket */
    u32_t looked;         /* the tick of the last walk, of the last for stalled ones */
    u32_t looked_stalled;
    uint64_t say_full_ns; /* when it may be said again that there are too many */
} limits;

/* The age of a connection in ticks if it is of that kind, otherwise 0. */
static u32_t age_of(const struct tcp_pcb *pcb, enum kind kind)
{
    bool is_left =
        pcb->state >= FIN_WAIT_1 && pcb->state != CLOSE_WAIT && (pcb->flags & TF_RXCLOSED) != 0;

    if (pcb->state < ESTABLISHED)
        return 0;
    if (kind == STALLED)
        return sock_tcp_stalled(pcb);
    return is_left == (kind == LEFT) ? tcp_ticks - pcb->tmr : 0;
}

/* Ends up to EVICT_BATCH connections of a kind that are old enough, the older ones. */
static bool evict(enum kind kind)
{
    u32_t age = aged[kind];
    u32_t oldest = 0;
    unsigned count = 0;

    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (age_of(pcb, kind) > oldest)
            oldest = age_of(pcb, kind);
    }
    if (oldest < age)
        return false;
    age = age > oldest / 2 ? age : oldest / 2;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL && count < EVICT_BATCH;) {
        struct tcp_pcb *next = pcb->next;

        if (age_of(pcb, kind) >= age) {
            tcp_abort(pcb);
            count++;
        }
        pcb = next;
    }
    return count > 0;
}

static unsigned connections_max(void)
{
    size_t max = net_budget() / CONNECTION_COST;

    return max < CONNECTIONS_MAX ? (unsigned)max : CONNECTIONS_MAX;
}

/* Is there more to send than there should be, or little left of the heap? */
static bool memory_is_short(void)
{
    struct rt_heap_stats heap;

    rt_heap_stats(&heap);
    return sock_tcp_unacked() > net_budget() || heap.total - heap.used < net_budget() / 2;
}

bool tcp_limits_admit(void)
{
    if (limits.looked_stalled != tcp_ticks && memory_is_short()) {
        limits.looked_stalled = tcp_ticks;
        evict(STALLED);
    }
    if (limits.connections < connections_max())
        return true;
    if (limits.looked != tcp_ticks) {
        limits.looked = tcp_ticks;
        net_timewait_trim(0);
        if ((limits.left == 0 || !evict(LEFT)) && !evict(IDLE))
            tcp_limits_evict_half_open(NULL);
    }
    if (limits.connections < connections_max())
        return true;
    if (sched_now() >= limits.say_full_ns) {
        net_say("too many connections; further ones must wait until some are closed", NULL);
        limits.say_full_ns = sched_now() + SAY_FULL_NS;
    }
    return false;
}

void tcp_limits_opened(void)
{
    limits.connections++;
}

void tcp_limits_left(void)
{
    limits.left++;
}

void tcp_limits_closed(bool left)
{
    limits.connections--;
    if (left)
        limits.left--;
}

unsigned tcp_limits_count(void)
{
    return limits.connections > 0 ? limits.connections : 1;
}

unsigned tcp_limits_half_open_max(void)
{
    unsigned max = connections_max() / HALF_OPEN_PART;

    return max < HALF_OPEN_MAX ? max : HALF_OPEN_MAX;
}

static bool is_half_open(const struct tcp_pcb *pcb, const struct tcp_pcb_listen *lpcb)
{
    return pcb->state == SYN_RCVD && (lpcb == NULL || pcb->listener == lpcb);
}

void tcp_limits_evict_half_open(const struct tcp_pcb_listen *lpcb)
{
    unsigned count = 0;
    unsigned keep;

    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
        count += is_half_open(pcb, lpcb);
    keep = (count + 1) / 2;
    /* lwIP puts new ones first: the first of all may be the one for which there is to be room. */
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL;) {
        struct tcp_pcb *next = pcb->next;

        if (is_half_open(pcb, lpcb) && keep > 0)
            keep--;
        else if (is_half_open(pcb, lpcb))
            tcp_abandon(pcb, 0);
        pcb = next;
    }
}
