/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * clock.h: where the time of a machine comes from (clock.c), and what the processor's folder knows
 * of it.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include "bindings.h"

/* What Xen and KVM share (Xen, public/xen.h, struct vcpu_time_info and shared_info's wc_*):
 * nanoseconds = system_time + ((cycles - tsc_timestamp) << tsc_shift) * tsc_to_system_mul / 2^32.
 */
struct pvclock_time {
    uint32_t version, reserved;
    uint64_t tsc_timestamp, system_time;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags, reserved1[2];
};
_Static_assert(sizeof(struct pvclock_time) == 32, "struct vcpu_time_info");

/* Wall time when system_time was 0. */
struct pvclock_wall {
    uint32_t version, sec, nsec;
};
_Static_assert(sizeof(struct pvclock_wall) == 12, "wc_version, wc_sec, wc_nsec");

/* What Hyper-V shares (TLFS 6.0b, 12.7.2): units of 100 ns = cycles * scale / 2^64 + offset, unless
 * (sequence) is 0: then they are to be asked for. */
struct hyperv_time {
    uint32_t sequence, reserved;
    uint64_t scale, offset;
};
_Static_assert(sizeof(struct hyperv_time) == 24, "HV_REFERENCE_TSC_PAGE");

/* Makes this the clock. */
void clock_use_hyperv(const volatile struct hyperv_time *time);

/* Makes these the clocks; called by a target that knows where they are. Before (wall) is read,
 * (ask) has the hypervisor fill it in; NULL: it does so unasked. */
void clock_use_pv(const volatile struct pvclock_time *time,
                  const volatile struct pvclock_wall *wall,
                  void (*ask)(const volatile struct pvclock_wall *wall));

/* ---- The processor's: clock_source.c */

/* Asks the hypervisor for a clock of these kinds, and makes it the clock when there is one. */
bool clock_find_shared(void);

/* Hyper-V's time, in units of 100 ns; slow. */
uint64_t clock_ask_hyperv(void);

/* What the processor or the hypervisor tells the cycle counter's rate to be; 0: nothing. */
uint64_t clock_cycles_per_second(void);

/* Whether that rate stays the same, whatever the processor saves power by: it says so (SDM vol. 3,
 * 18.17.1), or is a hypervisor's, who sees to it. */
bool clock_cycles_are_steady(void);

/* Starts, or starts again, a timer to measure against. Returns false when there is none. */
bool clock_timer_start(void);

/* How many cycles and nanoseconds have gone by since. The i8254 comes round after 54.9 ms, which
 * nobody sees: nanoseconds are right for CLOCK_TIMER_NSECS, even by a clock that
 * is a third too slow. */
#define CLOCK_TIMER_NSECS 40000000
void clock_timer_read(uint64_t *cycles, uint64_t *nsecs);

/* Seconds since 1970 by the machine's calendar; 0, with a warning, when it has none. */
uint64_t clock_calendar(void);

#endif
