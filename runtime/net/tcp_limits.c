/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The bound on connections. When it is reached, those go first that their program has closed and
 * that wait for the other side to agree, then those that were silent for long, the longest ones
 * first; when all are busy, the new one is refused. Looking for them takes a walk over all, so it
 * is done once a tick and then for several.
 */
#include "tcp_limits.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "net.h"
#include "thread/sched.h"
#include "timewait.h"

/* What an idle connection takes, with its socket and its descriptor. */
#define CONNECTION_COST 1024
#define CONNECTIONS_MAX 65536

#define SAY_FULL_NS       (60 * NET_NS_PER_S)
#define EVICT_BATCH       64
#define LEFT_AGED_MS      1000  /* closed by the program, not by the other side */
#define IDLE_AGED_MS      10000 /* nothing came */
#define HALF_OPEN_AGED_MS 3000

static struct {
    unsigned connections; /* control blocks that are not listeners */
    unsigned left;        /* of those: without a socket */
    u32_t looked;         /* the tick of the last walk, of the last for half-open ones */
    u32_t looked_half_open;
    uint64_t say_full_ns; /* when it may be said again that there are too many */
} limits;

static u32_t age_of(const struct tcp_pcb *pcb)
{
    return tcp_ticks - pcb->tmr;
}

static bool may_go(const struct tcp_pcb *pcb, bool left, u32_t age)
{
    bool is_left =
        pcb->state >= FIN_WAIT_1 && pcb->state != CLOSE_WAIT && (pcb->flags & TF_RXCLOSED) != 0;

    return is_left == left && pcb->state >= ESTABLISHED && age_of(pcb) >= age;
}

/* Ends up to EVICT_BATCH connections that are older than (age), the older ones. */
static bool evict(bool left, u32_t age)
{
    u32_t oldest = 0;
    unsigned count = 0;

    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (may_go(pcb, left, age) && age_of(pcb) > oldest)
            oldest = age_of(pcb);
    }
    if (oldest < age)
        return false;
    age = age > oldest / 2 ? age : oldest / 2;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL && count < EVICT_BATCH;) {
        struct tcp_pcb *next = pcb->next;

        if (may_go(pcb, left, age)) {
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

bool tcp_limits_admit(void)
{
    if (limits.connections < connections_max())
        return true;
    if (limits.looked != tcp_ticks) {
        limits.looked = tcp_ticks;
        net_timewait_trim(0);
        if (limits.left == 0 || !evict(true, LEFT_AGED_MS / TCP_SLOW_INTERVAL))
            evict(false, IDLE_AGED_MS / TCP_SLOW_INTERVAL);
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

bool tcp_limits_evict_half_open(const struct tcp_pcb_listen *lpcb)
{
    struct tcp_pcb *oldest = NULL;
    u32_t age = HALF_OPEN_AGED_MS / TCP_SLOW_INTERVAL;

    if (limits.looked_half_open == tcp_ticks)
        return false;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->state == SYN_RCVD && pcb->listener == lpcb && age_of(pcb) >= age) {
            age = age_of(pcb);
            oldest = pcb;
        }
    }
    if (oldest == NULL) {
        limits.looked_half_open = tcp_ticks;
        return false;
    }
    tcp_abandon(oldest, 0);
    return true;
}
