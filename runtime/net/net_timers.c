/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * lwIP's periodic work. Each timer runs only while there is something that it looks after, so that
 * an idle program sleeps: TCP's while there are connections, and ten of its ticks at once while
 * none of them is waiting for anything; that of probes while much is under way; ARP's and
 * reassembly's for a while after the last traffic; DHCP's and the resolver's while they wait for an
 * answer.
 *
 * What ages while its timer stands still has its ticks made up for before anything new happens
 * (net_timers_touch), so that nothing outlives its time, and nothing new ages at once.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ip4_frag.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/dhcp.h"

#include "net.h"
#include "thread/sched.h"
#include "timewait.h"

/* Longer than an address resolution and than the reassembly of a datagram may take. */
#define ACTIVITY_NS (20 * NET_NS_PER_S)
/* How long after the last traffic TCP ticks one by one, and how long the ticks at once take. */
#define TCP_BUSY_NS (2 * NET_NS_PER_S)
#define TCP_SLOW_NS (10 * TCP_TMR_INTERVAL * NET_NS_PER_MS)
/* Longer than all the tries of one query. */
#define DNS_NS (60 * NET_NS_PER_S)

enum timer_kind {
    TIMER_TCP,
    TIMER_PROBE,
    TIMER_ARP,
    TIMER_REASS,
    TIMER_DHCP,
    TIMER_LEASE,
    TIMER_DNS
};

struct timer {
    uint64_t interval_ns;
    void (*tick)(void);
    unsigned make_up; /* ticks that change anything after a pause; 0: time stood still */
};

static const struct timer timers[] = {
    [TIMER_TCP] = {TCP_TMR_INTERVAL * NET_NS_PER_MS, tcp_tmr, 0},
    [TIMER_PROBE] = {TCP_PROBE_MIN * NET_NS_PER_MS, tcp_probe_tmr, 0},
    [TIMER_ARP] = {ARP_TMR_INTERVAL * NET_NS_PER_MS, etharp_tmr, 310},
    [TIMER_REASS] = {IP_TMR_INTERVAL * NET_NS_PER_MS, ip_reass_tmr, IP_REASS_MAXAGE + 1},
    [TIMER_DHCP] = {DHCP_FINE_TIMER_MSECS * NET_NS_PER_MS, dhcp_fine_tmr, 0},
    [TIMER_LEASE] = {DHCP_COARSE_TIMER_MSECS * NET_NS_PER_MS, dhcp_coarse_tmr, 0},
    [TIMER_DNS] = {DNS_TMR_INTERVAL * NET_NS_PER_MS, dns_tmr, 86400},
};
#define TIMER_COUNT (sizeof timers / sizeof timers[0])

static struct {
    uint64_t due[TIMER_COUNT]; /* 0: stopped */
    uint64_t last[TIMER_COUNT];
    uint64_t active_until;
    uint64_t dns_until;
    uint64_t tcp_busy_until;
    bool tcp_slow;
} state;

static bool dhcp_in(bool bound)
{
    struct netif *netif;

    NETIF_FOREACH(netif)
    {
        const struct dhcp *dhcp = netif_dhcp_data(netif);

        if (dhcp != NULL && (dhcp->state == DHCP_STATE_BOUND) == bound)
            return true;
    }
    return false;
}

static bool timer_needed(unsigned kind, uint64_t now_ns)
{
    bool tcp = tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL;

    switch (kind) {
    case TIMER_TCP:
        return tcp;
    case TIMER_PROBE:
        return tcp_probe_needed();
    case TIMER_ARP:
    case TIMER_REASS:
        return tcp || now_ns < state.active_until;
    case TIMER_DHCP:
        return dhcp_in(false);
    case TIMER_LEASE:
        return dhcp_in(true) || dhcp_in(false);
    default:
        return now_ns < state.dns_until;
    }
}

static void timer_start(unsigned kind, uint64_t now_ns)
{
    const struct timer *timer = &timers[kind];

    if (state.last[kind] == 0)
        state.last[kind] = now_ns;
    for (unsigned i = 0; i < timer->make_up && state.last[kind] + timer->interval_ns <= now_ns;
         i++) {
        timer->tick();
        state.last[kind] += timer->interval_ns;
    }
    state.last[kind] = now_ns;
    state.due[kind] = now_ns + timer->interval_ns;
}

/* Is no connection waiting for an answer, nor owing one? Then all that the timer does is count. */
static bool tcp_is_quiet(void)
{
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->unacked != NULL || pcb->unsent != NULL || pcb->ooseq != NULL ||
            pcb->refused_data != NULL || (pcb->flags & (TF_ACK_DELAY | TF_CLOSEPEND)) != 0)
            return false;
    }
    return true;
}

/* The ticks of TCP up to now: one, or those that were put off. */
static void tcp_tick(uint64_t now_ns)
{
    uint64_t interval_ns = timers[TIMER_TCP].interval_ns;
    uint64_t ticks = state.tcp_slow ? (now_ns - state.last[TIMER_TCP]) / interval_ns : 1;

    for (uint64_t i = 0; i < ticks; i++)
        tcp_tmr();
    state.last[TIMER_TCP] = now_ns;
    state.tcp_slow = now_ns >= state.tcp_busy_until && tcp_is_quiet();
    state.due[TIMER_TCP] = now_ns + (state.tcp_slow ? TCP_SLOW_NS : interval_ns);
}

void net_timers_run(uint64_t now_ns)
{
    net_timewait_expire(now_ns);
    for (unsigned kind = 0; kind < TIMER_COUNT; kind++) {
        if (!timer_needed(kind, now_ns)) {
            state.due[kind] = 0;
            state.tcp_slow = state.tcp_slow && kind != TIMER_TCP;
        } else if (state.due[kind] == 0) {
            timer_start(kind, now_ns);
        } else if (state.due[kind] <= now_ns && kind == TIMER_TCP) {
            tcp_tick(now_ns);
        } else if (state.due[kind] <= now_ns) {
            timers[kind].tick();
            state.last[kind] = now_ns;
            state.due[kind] = now_ns + timers[kind].interval_ns;
        }
    }
}

uint64_t net_timers_deadline(void)
{
    uint64_t now_ns = sched_now();
    uint64_t deadline = SCHED_NEVER;

    for (unsigned kind = 0; kind < TIMER_COUNT; kind++) {
        if (!timer_needed(kind, now_ns))
            continue;
        if (state.due[kind] == 0)
            timer_start(kind, now_ns);
        if (state.due[kind] < deadline)
            deadline = state.due[kind];
    }
    return net_timewait_deadline() < deadline ? net_timewait_deadline() : deadline;
}

void net_timers_touch(uint64_t now_ns)
{
    for (unsigned kind = TIMER_ARP; kind <= TIMER_REASS; kind++) {
        if (state.due[kind] == 0)
            timer_start(kind, now_ns);
    }
    state.active_until = now_ns + ACTIVITY_NS;
    state.tcp_busy_until = now_ns + TCP_BUSY_NS;
    if (state.tcp_slow)
        tcp_tick(now_ns);
}

void net_timers_touch_dns(uint64_t now_ns)
{
    net_timers_touch(now_ns);
    if (state.due[TIMER_DNS] == 0)
        timer_start(TIMER_DNS, now_ns);
    state.dns_until = now_ns + DNS_NS;
}
