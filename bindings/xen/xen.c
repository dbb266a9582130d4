/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The xen target: a PVH domain. Its end is Xen's shutdown: by a program's status 0 a power-off, by
 * any other a crash, which is how `xl` tells them apart; the status itself is in the store, as
 * data/exit, as long as the domain is kept.
 */
#include "xen.h"

#include <xen/sched.h>
#include <xen/xen.h>

#include "arch.h"
#include "clock.h"
#include "machine.h"

DECLARE_ABI1_NOTE(XEN_ABI_TARGET, 1);

#define FINISH_NS UINT64_C(2000000000)
#define LOOK_NS   UINT64_C(10000000)

#define BLOCK_MAX (UINT64_C(1) << 20) /* of a request by solo5_block_read and _write */

_Static_assert(sizeof(struct pvclock_time) == sizeof(struct vcpu_time_info), "the same");

/* Xen's, once it is there: in the place of this page. */
static union {
    struct shared_info info;
    uint8_t bytes[XEN_PAGE];
} shared __attribute__((aligned(XEN_PAGE)));

static uintptr_t pages_next; /* free memory after the image */
static bool running;         /* devices are open */

extern char _end[];

void xen_lie(const char *who, const char *what)
{
    running = false;
    log_write(LOG_ERROR, "%s %s", who, what);
    solo5_abort();
}

void *xen_pages(size_t count)
{
    size_t size = count * XEN_PAGE;
    uintptr_t limit = machine.end - MACHINE_PROGRAM_PAGES * XEN_PAGE;
    if (pages_next > limit || size > limit - pages_next) {
        log_write(LOG_ERROR, "too little memory for the devices: give more");
        solo5_abort();
    }
    void *pages = (void *)pages_next;
    pages_next += size;
    return pages;
}

void target_init(const void *arg, struct boot *boot)
{
    (void)arg;
    if (!hyper_present()) {
        log_write(LOG_ERROR, "this is not Xen; link with another solo5-abi");
        solo5_abort();
    }
    if (!hyper_map_shared_info(&shared))
        xen_lie("xen", "does not let this domain have its shared page");
    if (shared.info.wc_sec == 0)
        hyper_wake_wall_clock();
    clock_use_pv((const volatile struct pvclock_time *)&shared.info.vcpu_info[0].time,
                 (const volatile struct pvclock_wall *)&shared.info.wc_version, NULL);
    machine_init(boot);
    event_init(&shared.info);
    console_init();
    store_init();
    pages_next = ((uintptr_t)_end + XEN_PAGE - 1) & ~(uintptr_t)(XEN_PAGE - 1);
    boot->cmdline = bus_init(machine_manifest(), machine.cmdline);
    boot->heap_start = pages_next;
    control_init();
    ext_offer.features |= UINT64_C(1) << EXT1_BLOCK_MULTI;
    ext_offer.block_max = BLOCK_MAX;
    running = true;
}

void target_console_write(const char *buf, size_t size)
{
    console_write(buf, size);
}

solo5_time_t target_clock_monotonic(void)
{
    return machine_clock_monotonic();
}

solo5_time_t target_clock_wall(void)
{
    return machine_clock_wall();
}

/* ---- Waiting ---- */

void xen_look(void)
{
    uint64_t tokens = store_changed();
    if (tokens == 0)
        return;
    if (tokens >> TOKEN_CONTROL & 1)
        control_changed();
    bus_changed(tokens);
}

static solo5_handle_set_t found;
static bool asking;
static solo5_time_t wait_until;

static void ask(struct xen_device *dev)
{
    if (dev->driver->ready(dev, asking))
        found |= UINT64_C(1) << dev->handle;
    if (dev->driver->wait_until != NULL)
        wait_until = dev->driver->wait_until(dev, wait_until);
}

static solo5_handle_set_t ready(bool before)
{
    found = 0;
    asking = before;
    bus_each(ask);
    return found;
}

solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    for (;;) {
        bool sleeps = deadline != 0 && target_clock_monotonic() < deadline;
        if (sleeps)
            event_clear();
        xen_look();
        wait_until = deadline;
        solo5_handle_set_t set = ready(sleeps);
        if (set != 0 || !sleeps)
            return set;
        if (!store_pending())
            event_wait(wait_until);
    }
}

/* ---- Devices ---- */

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    (void)dev;
    return netfront_write(bus_device(handle), buf, size);
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    (void)dev;
    return netfront_read(bus_device(handle), buf, size, read_size);
}

solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size)
{
    (void)dev;
    return blkfront_move(bus_device(handle), SOLO5_BLOCK_WRITE, offset, (uint8_t *)buf, size);
}

solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size)
{
    (void)dev;
    return blkfront_move(bus_device(handle), SOLO5_BLOCK_READ, offset, buf, size);
}

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)handle, (void)dev;
    return netfront_io();
}

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    return blkfront_io(bus_device(handle));
}

/* ---- The end ---- */

static bool unfinished;

static void ask_finished(struct xen_device *dev)
{
    unfinished |= !dev->driver->finished(dev);
}

/* A backend that does not get on does not keep the program from its end. */
static void finish(void)
{
    solo5_time_t end = target_clock_monotonic() + FINISH_NS;
    for (;;) {
        unfinished = false;
        bus_each(ask_finished);
        solo5_time_t now = target_clock_monotonic();
        if (!unfinished || now >= end)
            return;
        event_clear();
        event_wait(now + LOOK_NS);
    }
}

void target_exit(int status, const struct trap_frame *cookie)
{
    uint8_t code = (uint8_t)status;
    if (!hyper_present()) {
        machine_end_status(code);
        machine_end();
    }
    if (running && cookie == NULL)
        finish();
    /* Who learns the status expects no more output after it. */
    console_finish();
    if (running) {
        running = false;
        store_write_number("data/exit", code);
    }
    hyper_shutdown(code == 0 ? SHUTDOWN_poweroff : SHUTDOWN_crash);
}
