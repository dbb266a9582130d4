/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console: a ring that a daemon of the first domain empties (xen/io/console.h). Where nobody
 * does for a while, output is lost rather than the program stopped. Without the ring, output goes
 * to Xen's own console, which shows it where Xen was told to. Without Xen there is one line to
 * write.
 */
#include "xen.h"

#include <xen/hvm/params.h>
#include <xen/io/console.h>

#include "machine.h"

#define PATIENCE_NS UINT64_C(1000000000)
#define LOOK_NS     UINT64_C(10000000)

static struct xencons_interface *ring;
static uint32_t port;
static uint32_t produced; /* ours; never read back */
static bool deaf;         /* nobody has taken anything for too long */

void console_init(void)
{
    uint64_t frame, event;
    if (!hyper_parameter(HVM_PARAM_CONSOLE_PFN, &frame) ||
        !hyper_parameter(HVM_PARAM_CONSOLE_EVTCHN, &event) || frame == 0 || event == 0 ||
        event > UINT32_MAX)
        return;
    ring = machine_map(frame * XEN_PAGE, XEN_PAGE, MACHINE_SHARED);
    port = (uint32_t)event;
    if (ring != NULL)
        produced = __atomic_load_n(&ring->out_prod, __ATOMIC_RELAXED);
}

/* Bytes of the ring that nobody has taken yet; more than it holds is nonsense, and full. */
static uint32_t waiting(void)
{
    uint32_t used = produced - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE);
    return used > sizeof ring->out ? sizeof ring->out : used;
}

/* Waits until fewer than (limit) bytes wait. */
static bool wait_below(uint32_t limit)
{
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    while (waiting() >= limit) {
        if (deaf || target_clock_monotonic() > end) {
            deaf = true;
            return false;
        }
        hyper_notify(port);
        event_wait_port(port, LOOK_NS);
    }
    deaf = false;
    return true;
}

void console_write(const char *buf, size_t size)
{
    if (!hyper_present()) {
        machine_console_write(buf, size);
        return;
    }
    if (ring == NULL) {
        hyper_console(buf, size);
        return;
    }
    while (size != 0 && wait_below(sizeof ring->out)) {
        uint32_t room = sizeof ring->out - waiting();
        for (; room != 0 && size != 0; room--, size--)
            ring->out[MASK_XENCONS_IDX(produced++, ring->out)] = *buf++;
        __atomic_store_n(&ring->out_prod, produced, __ATOMIC_RELEASE);
    }
    hyper_notify(port);
}

void console_finish(void)
{
    if (ring != NULL)
        wait_below(1);
}
