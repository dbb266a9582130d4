/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See runtime_fake.h.
 */
#include "runtime_fake.h"

#include <string.h>

#include "solo5.h"
#include "solo5_io.h"

struct fake fake;

void solo5_console_write(const char *buf, size_t size)
{
    for (size_t i = 0; i < size && fake.console_len < sizeof fake.console - 1; i++)
        fake.console[fake.console_len++] = buf[i];
    fake.console[fake.console_len] = '\0';
}

void solo5_exit(int status)
{
    fake.status = status;
    longjmp(fake.end, 1);
}

void solo5_abort(void)
{
    solo5_exit(SOLO5_EXIT_ABORT);
}

solo5_time_t solo5_clock_monotonic(void)
{
    return fake.now_ns;
}

solo5_time_t solo5_clock_wall(void)
{
    return fake.now_ns;
}

void solo5_yield(solo5_time_t deadline, solo5_handle_set_t *ready_set)
{
    fake.yields++;
    fake.deadline_ns = deadline;
    *ready_set = fake.ready;
    if (fake.ready == 0 && deadline > fake.now_ns && deadline != UINT64_MAX)
        fake.now_ns = deadline;
    fake.ready = 0;
}

size_t solo5_tls_size(void)
{
    return 40;
}

uintptr_t solo5_tls_tp_offset(uintptr_t tls)
{
    return tls + 32;
}

solo5_result_t solo5_tls_init(uintptr_t tls)
{
    memset((void *)tls, 0, 40);
    return SOLO5_R_OK;
}

solo5_result_t solo5_set_tls_base(uintptr_t base)
{
    (void)base;
    return SOLO5_R_OK;
}

solo5_result_t solo5_mem_guard(uintptr_t addr, size_t size)
{
    (void)size;
    if (fake.no_guards)
        return SOLO5_R_EINVAL;
    fake.guard = addr;
    return SOLO5_R_OK;
}

solo5_result_t solo5_random_seed(uint64_t seed[2])
{
    if (!fake.has_seed)
        return SOLO5_R_EUNSPEC;
    memcpy(seed, fake.seed, sizeof fake.seed);
    return SOLO5_R_OK;
}
