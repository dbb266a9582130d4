/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console: a ring that a daemon of the first domain empties (xen/io/console.h). Where nobody
 * does for a while, output is lost rather than the program stopped. What is said before
 * console_init, by whoever ends the program then, goes as far as there is room: there is no clock
 * to wait by. Without the ring, output goes to Xen's own console, which shows it where Xen was told
 * to. Without Xen there is one line to write.
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

/* The ring, as it can be reached now; NULL: there is none. */
static struct xencons_interface *find_ring(void)
{
    struct xencons_interface *found;
    uint64_t frame, event;
    if (!hyper_parameter(HVM_PARAM_CONSOLE_PFN, &frame) ||
        !hyper_parameter(HVM_PARAM_CONSOLE_EVTCHN, &event) || frame == 0 || event == 0 ||
        event > UINT32_MAX)
        return NULL;
    port = (uint32_t)event;
    found = machine_map(frame * XEN_PAGE, XEN_PAGE, MACHINE_SHARED);
    if (found != NULL)
        produced = __atomic_load_n(&found->out_prod, __ATOMIC_RELAXED);
    return found;
}

void console_init(void)
{
    ring = find_ring();
}

/* Bytes of the ring that nobody has taken yet; more than it holds is nonsense, and full. */
static uint32_t waiting(const struct xencons_interface *to)
{
    uint32_t used = produced - __atomic_load_n(&to->out_cons, __ATOMIC_ACQUIRE);
    return used > sizeof to->out ? sizeof to->out : used;
}

/* Puts in what there is room for; returns how much that was. */
static size_t put(struct xencons_interface *to, const char *buf, size_t size)
{
    size_t room = sizeof to->out - waiting(to);
    size = size < room ? size : room;
    for (size_t i = 0; i < size; i++)
        to->out[MASK_XENCONS_IDX(produced++, to->out)] = buf[i];
    __atomic_store_n(&to->out_prod, produced, __ATOMIC_RELEASE);
    return size;
}

/* Waits until fewer than (limit) bytes wait. */
static bool wait_below(uint32_t limit)
{
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    while (waiting(ring) >= limit) {
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

/* Nothing is kept of a ring that is found before console_init: it may be elsewhere then. */
static void write_early(const char *buf, size_t size)
{
    struct xencons_interface *early = find_ring();
    if (early == NULL) {
        hyper_console(buf, size);
        return;
    }
    put(early, buf, size);
    hyper_notify(port);
}

void console_write(const char *buf, size_t size)
{
    if (!hyper_present()) {
        machine_console_write(buf, size);
        return;
    }
    if (ring == NULL) {
        write_early(buf, size);
        return;
    }
    while (size != 0 && wait_below(sizeof ring->out)) {
        size_t done = put(ring, buf, size);
        buf += done, size -= done;
    }
    hyper_notify(port);
}

void console_finish(void)
{
    if (ring != NULL)
        wait_below(1);
}
