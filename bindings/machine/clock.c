/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The clocks of a machine.
 */
#include "arch.h"
#include "machine.h"

static uint64_t base;

void machine_clock_init(void)
{
    base = arch_cycles();
}

solo5_time_t machine_clock_monotonic(void)
{
    return arch_cycles() - base;
}

solo5_time_t machine_clock_wall(void)
{
    return machine_clock_monotonic();
}
