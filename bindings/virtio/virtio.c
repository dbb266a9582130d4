/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The virtio target: a machine whose networks and disks are virtio devices. Rings lie behind the
 * image, in memory that is taken from the program before it starts.
 */
#include "bindings.h"
#include "machine.h"
#include "probe.h"
#include "virtio_abi.h"

#define PAGE ((size_t)SOLO5_PAGE_SIZE)

/* Bytes of a disk that go with one call of solo5.h. */
#define BLOCK_MAX 0x100000

DECLARE_ABI1_NOTE(VIRTIO_ABI_TARGET, VIRTIO_ABI_VERSION);

extern char _end[];

static uintptr_t memory_next;

static uintptr_t page_up(uintptr_t addr)
{
    return (addr + PAGE - 1) & ~(PAGE - 1);
}

void *virtio_memory(size_t size)
{
    uintptr_t start = memory_next;
    uintptr_t limit = machine.split - MACHINE_PROGRAM_PAGES * PAGE;
    if (size > limit - start || start > limit) {
        log_write(LOG_ERROR, "too little memory for the queues of the machine's devices");
        solo5_abort();
    }
    memory_next = page_up(start + size);
    machine_phys((void *)start, &size, true); /* which makes it zeroes */
    return (void *)start;
}

uint64_t virtio_phys(const volatile void *addr, size_t *size, bool written)
{
    return machine_phys(addr, size, written);
}

void target_init(const void *arg, struct boot *boot)
{
    (void)arg;
    machine_init(boot);
    machine_clock_init();
    memory_next = page_up((uintptr_t)_end);
    boot->cmdline = probe_devices(machine.cmdline, machine_manifest());
    boot->heap_start = memory_next;
    ext_offer.features |= UINT64_C(1) << EXT1_BLOCK_MULTI;
    ext_offer.block_max = BLOCK_MAX;
}

void target_console_write(const char *buf, size_t size)
{
    if (!console_write(buf, size))
        machine_console_write(buf, size);
}

solo5_time_t target_clock_monotonic(void)
{
    return machine_clock_monotonic();
}

solo5_time_t target_clock_wall(void)
{
    return machine_clock_wall();
}

void target_exit(int status, const struct trap_frame *cookie)
{
    if (cookie == NULL)
        virtio_finish();
    power_off((uint8_t)status);
}
