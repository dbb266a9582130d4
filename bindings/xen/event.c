/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Waiting. No event interrupts anything: all ports are masked, and Xen wakes a guest that polls
 * them. A pending bit only means that one may look; who sleeps clears the bits first, looks, and
 * sleeps then, so that nothing that comes in between is missed.
 */
#include "xen.h"

#include <xen/xen.h>

#include "machine.h"

#define PORTS_MAX 68 /* all devices, the store, one spare; Xen polls 128 */
#define BITS      64

static struct shared_info *shared;
static uint32_t ports[PORTS_MAX];
static unsigned count;

void event_init(struct shared_info *info)
{
    shared = info;
    for (unsigned i = 0; i < BITS; i++)
        __atomic_store_n(&shared->evtchn_mask[i], UINT64_MAX, __ATOMIC_RELAXED);
}

void event_watch(uint32_t port)
{
    if (count == PORTS_MAX || port >= BITS * BITS)
        xen_lie("xen", "gives more event channels than there are");
    ports[count++] = port;
}

void event_unwatch(uint32_t port)
{
    for (unsigned i = 0; i < count; i++) {
        if (ports[i] == port) {
            ports[i] = ports[--count];
            return;
        }
    }
}

static void clear(uint32_t port)
{
    uint64_t bit = UINT64_C(1) << port % BITS;
    unsigned long *word = &shared->evtchn_pending[port / BITS];
    if (__atomic_load_n(word, __ATOMIC_RELAXED) & bit)
        __atomic_and_fetch(word, ~bit, __ATOMIC_SEQ_CST);
}

void event_clear(void)
{
    for (unsigned i = 0; i < count; i++)
        clear(ports[i]);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void event_wait(solo5_time_t deadline)
{
    hyper_poll(ports, count, deadline);
}

void event_wait_port(uint32_t port, uint64_t ns)
{
    hyper_poll(&port, 1, target_clock_monotonic() + ns);
    clear(port);
}
