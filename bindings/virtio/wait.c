/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Waiting, for all devices together.
 */
#include "bindings.h"
#include "irq.h"
#include "probe.h"

/* How long a sleep may be where interrupts do not come. */
#define TICK_NS UINT64_C(1000000)

/* How often devices are looked at whose program never sleeps. */
#define LOOK_NS UINT64_C(1000000000)

/* What sleeps would notice: a program that always has something to do may not come to sleep. */
static void look_around(void)
{
    static solo5_time_t next;
    solo5_time_t now = target_clock_monotonic();
    if (now < next)
        return;
    next = now + LOOK_NS;
    probe_before_sleep();
    probe_after_sleep();
    virtio_look();
}

/* What a device does between the last look and the sleep ends the sleep at once: its interrupt has
 * been asked for before, and taken back before that. */
solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    look_around();
    solo5_handle_set_t ready = virtio_ready(false);
    while (ready == 0) {
        solo5_time_t now = target_clock_monotonic();
        if (now >= deadline)
            return 0;
        bool tick = probe_before_sleep();
        ready = virtio_ready(true);
        if (ready != 0)
            break;
        solo5_time_t until = virtio_wait_until(deadline);
        irq_wait(tick && until > now + TICK_NS ? now + TICK_NS : until);
        ready = virtio_ready(false);
        if (ready == 0 && target_clock_monotonic() < deadline)
            probe_after_sleep();
    }
    return ready | virtio_ready(false);
}
