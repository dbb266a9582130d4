/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The hvt target: every call to the host is a hypercall (hvt_abi.h). Argument blocks are on the
 * stack; addresses are below 4 GiB, as the tender gives no more memory.
 */
#include "bindings.h"

#include "arch.h"
#include "hypercall.h"
#include "ring.h"

#define NS_PER_S UINT64_C(1000000000)

/* Longest sleep without a call, in seconds. */
#define SLEEP_MAX 3600

DECLARE_ABI1_NOTE(HVT_ABI_TARGET, HVT_ABI_VERSION);

/* Nanoseconds are cycles * scale / 2^32. */
static struct {
    uint64_t base, scale, per_s;
} cycles;

static solo5_handle_set_t polled; /* networks of which only POLL knows */

solo5_handle_set_t (*ring_ready)(bool before);
void (*ring_finish)(void);

static uint64_t addr_of(const volatile void *p)
{
    return (uint64_t)p;
}

void target_init(const void *arg, struct boot *boot)
{
    const struct hvt_boot_info *info = arg;
    arch_traps_init();
    if (EXT1_HAS(ext_offer.features, EXT1_INTERRUPT))
        arch_interrupts_init();
    cycles.base = arch_cycles();
    cycles.scale = (NS_PER_S << 32) / info->cpu_cycle_freq;
    cycles.per_s = info->cpu_cycle_freq;
    *boot = (struct boot){
        .cmdline = (const char *)info->cmdline,
        .mft = (const struct mft *)info->mft,
        .mem_size = info->mem_size,
    };
    for (uint32_t i = 1; i < boot->mft->entries && i < MFT_MAX_ENTRIES; i++)
        if (boot->mft->e[i].type == MFT_DEV_NET_BASIC)
            polled |= UINT64_C(1) << i;
}

void target_console_write(const char *buf, size_t size)
{
    struct hvt_hc_puts call = {.data = addr_of(buf), .len = size};
    hypercall(HVT_HYPERCALL_PUTS, &call);
}

solo5_time_t target_clock_monotonic(void)
{
    return (uint64_t)((unsigned __int128)(arch_cycles() - cycles.base) * cycles.scale >> 32);
}

solo5_time_t target_clock_wall(void)
{
    struct hvt_hc_walltime call = {0};
    hypercall(HVT_HYPERCALL_WALLTIME, &call);
    return call.nsecs;
}

/* Whether the processor is told of what rings have: in it we wait for them, and for the time. */
static bool has_interrupts(void)
{
    return polled == 0 && ring_ready != NULL && EXT1_HAS(ext_offer.features, EXT1_INTERRUPT);
}

static uint64_t cycles_of(solo5_time_t ns)
{
    if (ns / NS_PER_S >= SLEEP_MAX)
        return SLEEP_MAX * cycles.per_s;
    return ns / NS_PER_S * cycles.per_s + ns % NS_PER_S * cycles.per_s / NS_PER_S;
}

/* Waits until a queue that was asked has something, or another device, or (deadline). Returns the
 * others. */
static solo5_handle_set_t sleep_until(solo5_time_t deadline)
{
    solo5_time_t now = deadline == 0 ? 0 : target_clock_monotonic();
    struct hvt_hc_poll call = {.timeout_nsecs = deadline > now ? deadline - now : 0};
    if (!has_interrupts())
        hypercall(HVT_HYPERCALL_POLL, &call);
    else if (call.timeout_nsecs != 0)
        arch_sleep(arch_cycles() + cycles_of(call.timeout_nsecs));
    return call.ready_set;
}

/* What rings have is known without a call; the call is for the others, and for sleeping. */
solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    solo5_handle_set_t ready = ring_ready != NULL ? ring_ready(true) : 0;
    if (ready != 0 && polled == 0)
        return ready;
    if (ready != 0 || (polled == 0 && ring_ready != NULL && deadline <= target_clock_monotonic()))
        deadline = 0;
    if (deadline != 0 || polled != 0 || ring_ready == NULL)
        ready = sleep_until(deadline);
    return ready | (ring_ready != NULL ? ring_ready(false) : 0);
}

void poll_without(solo5_handle_t handle)
{
    polled &= ~(UINT64_C(1) << handle);
}

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    (void)dev;
    struct hvt_hc_net call = {.handle = handle, .data = addr_of(buf), .len = size};
    hypercall(HVT_HYPERCALL_NET_WRITE, &call);
    return (solo5_result_t)call.ret;
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    (void)dev;
    struct hvt_hc_net call = {.handle = handle, .data = addr_of(buf), .len = size};
    hypercall(HVT_HYPERCALL_NET_READ, &call);
    *read_size = call.len;
    /* It has failed for good, and the tender does not wait for it any more either. */
    if (call.ret == SOLO5_R_EUNSPEC)
        poll_without(handle);
    return (solo5_result_t)call.ret;
}

solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size)
{
    (void)dev;
    struct hvt_hc_block call = {
        .handle = handle, .offset = offset, .data = addr_of(buf), .len = size};
    hypercall(HVT_HYPERCALL_BLOCK_WRITE, &call);
    return (solo5_result_t)call.ret;
}

solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size)
{
    (void)dev;
    struct hvt_hc_block call = {
        .handle = handle, .offset = offset, .data = addr_of(buf), .len = size};
    hypercall(HVT_HYPERCALL_BLOCK_READ, &call);
    return (solo5_result_t)call.ret;
}

solo5_result_t target_mem_guard(uintptr_t addr, size_t size)
{
    struct hvt_hc_guard call = {.addr = addr, .len = size};
    hypercall(HVT_HYPERCALL_GUARD, &call);
    for (uintptr_t page = addr; page < addr + size; page += SOLO5_PAGE_SIZE)
        arch_forget_page(page);
    return (solo5_result_t)call.ret;
}

solo5_result_t target_set_tls_base(uintptr_t base)
{
    if (!arch_is_canonical(base))
        return SOLO5_R_EINVAL;
    arch_set_fs_base(base);
    return SOLO5_R_OK;
}

void target_exit(int status, const struct trap_frame *cookie)
{
    /* A core dumper reads the whole area, so the frame must not be its last part. */
    static uint8_t area[HVT_HALT_COOKIE_MAX];
    struct hvt_hc_halt call = {.exit_status = status};
    if (ring_finish != NULL && cookie == NULL)
        ring_finish();
    if (cookie != NULL) {
        memcpy(area, cookie, sizeof *cookie);
        call.cookie = addr_of(area);
    }
    for (;;)
        hypercall(HVT_HYPERCALL_HALT, &call);
}

void target_trap_exit(const struct trap_frame *frame)
{
    target_exit(SOLO5_EXIT_ABORT, frame);
}
