/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls of solo5.h and solo5_io.h that a target serves as they are: console, clocks, waiting,
 * thread pointer, guard pages.
 */
#include "bindings.h"

void solo5_console_write(const char *buf, size_t size)
{
    if (size != 0)
        target_console_write(buf, size);
}

solo5_time_t solo5_clock_monotonic(void)
{
    return target_clock_monotonic();
}

solo5_time_t solo5_clock_wall(void)
{
    return target_clock_wall();
}

void solo5_yield(solo5_time_t deadline, solo5_handle_set_t *ready_set)
{
    net_direct_wait();
    /* A disk that has something to say may end the wait early, but is none of its results. */
    solo5_handle_set_t ready = target_wait(deadline) & devices_networks();
    if (ready_set != NULL)
        *ready_set = ready;
}

void solo5_io_wait(solo5_time_t deadline, solo5_handle_set_t *ready_set)
{
    solo5_handle_set_t ready = net_direct_wait() | block_plain_ready();
    /* What is ready already is not waited for, but the others are asked. */
    ready |= target_wait(ready != 0 ? 0 : deadline);
    if (ready_set != NULL)
        *ready_set = ready;
}

solo5_result_t solo5_set_tls_base(uintptr_t base)
{
    return target_set_tls_base(base);
}

solo5_result_t solo5_mem_guard(uintptr_t addr, size_t size)
{
    const uintptr_t mask = SOLO5_PAGE_SIZE - 1;
    if ((addr & mask) || (size & mask) || size == 0 || addr < memory_map.heap ||
        addr > memory_map.end || size > memory_map.end - addr)
        return SOLO5_R_EINVAL;
    if (!EXT1_HAS(ext_offer.features, EXT1_GUARD))
        return SOLO5_R_EINVAL;
    return target_mem_guard(addr, size);
}

solo5_result_t solo5_random_seed(uint64_t seed[2])
{
    if (!EXT1_HAS(ext_offer.features, EXT1_RANDOM))
        return SOLO5_R_EUNSPEC;
    seed[0] = ext_offer.random[0];
    seed[1] = ext_offer.random[1];
    return SOLO5_R_OK;
}
