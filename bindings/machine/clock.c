/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The clocks of a machine. Where the hypervisor shares a page that says how its time follows from
 * the processor's cycle counter (pvclock, Hyper-V's), that is the time; else the counter itself is,
 * at the rate that processor or hypervisor tells, or else at the one that is measured against a
 * timer. A measured rate comes from half a millisecond at the start, and is made better once, when
 * a longer time has passed. A host may take the processor away at any moment for longer than the
 * timer takes to come round: what was measured then is dropped. Wall time is asked for when it is
 * first wanted, and where it is quickly told again after a second: while a host keeps a machine
 * suspended, wall time goes on, the machine's own does not.
 */
#include "clock.h"
#include "arch.h"
#include "machine.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

/* nanoseconds = base_nsecs + (cycles - base_cycles) * scale / 2^32 */
static struct {
    const volatile struct pvclock_time *pv;
    const volatile struct pvclock_wall *pv_wall;
    void (*ask_wall)(const volatile struct pvclock_wall *wall);
    const volatile struct hyperv_time *hyperv;
    uint64_t base_cycles, base_nsecs, scale;
    uint64_t last;                  /* what was said last */
    uint64_t wall;                  /* wall time at 0, once known */
    uint64_t wall_last, wall_until; /* what was said last; until when it is not asked for again */
    bool refining;
    uint64_t timer_cycles; /* when the timer was started */
} clock;

#define FIRST_NSECS  500000
#define REFINE_NSECS 20000000
#define TURNS_MAX    1000000
#define ATTEMPTS     100

static uint64_t scaled(uint64_t value, uint64_t scale)
{
    return (uint64_t)((unsigned __int128)value * scale >> 32);
}

/* A page that is never done with changing is a lie. The cycles go on to count, so that what ends
 * the program can wait. */
static __attribute__((noreturn)) void never_still(void)
{
    clock.pv = NULL;
    clock.pv_wall = NULL;
    clock.hyperv = NULL;
    clock.base_cycles = arch_cycles();
    clock.base_nsecs = clock.last;
    clock.scale = UINT64_C(1) << 32;
    log_write(LOG_ERROR, "the hypervisor's clock never stops changing");
    solo5_abort();
}

/* Xen, public/xen.h: the writer makes the version odd while it changes the rest. */
static uint64_t pv_now(void)
{
    const volatile struct pvclock_time *t = clock.pv;
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        uint32_t version = __atomic_load_n(&t->version, __ATOMIC_ACQUIRE);
        uint64_t delta = arch_cycles() - t->tsc_timestamp;
        uint64_t time = t->system_time;
        uint32_t mul = t->tsc_to_system_mul;
        int shift = t->tsc_shift;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if ((version & 1) || version != t->version)
            continue;
        if ((int64_t)delta < 0)
            delta = 0;
        delta = shift >= 0 ? delta << (shift & 63) : delta >> (-shift & 63);
        return time + scaled(delta, mul);
    }
    never_still();
}

/* The sequence changes with the rest. */
static uint64_t hyperv_now(void)
{
    const volatile struct hyperv_time *t = clock.hyperv;
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        uint32_t sequence = __atomic_load_n(&t->sequence, __ATOMIC_ACQUIRE);
        if (sequence == 0)
            return clock_ask_hyperv() * 100;
        uint64_t scale = t->scale, offset = t->offset;
        uint64_t time = (uint64_t)((unsigned __int128)arch_cycles() * scale >> 64) + offset;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (sequence == t->sequence)
            return time * 100;
    }
    never_still();
}

static uint64_t pv_wall_at_zero(void)
{
    const volatile struct pvclock_wall *w = clock.pv_wall;
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        uint32_t version = __atomic_load_n(&w->version, __ATOMIC_ACQUIRE);
        uint64_t time = w->sec * NSEC_PER_SEC + w->nsec;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!(version & 1) && version == w->version)
            return time;
    }
    never_still();
}

void clock_use_pv(const volatile struct pvclock_time *time,
                  const volatile struct pvclock_wall *wall,
                  void (*ask)(const volatile struct pvclock_wall *wall))
{
    clock.pv = time;
    clock.pv_wall = wall;
    clock.ask_wall = ask;
}

void clock_use_hyperv(const volatile struct hyperv_time *time)
{
    clock.hyperv = time;
}

/* From now on the cycle counter has that rate; (nsecs) is less than 2^32. */
static void use_rate(uint64_t cycles, uint64_t cycles_now, uint64_t nsecs)
{
    clock.base_nsecs += scaled(cycles_now - clock.base_cycles, clock.scale);
    clock.base_cycles = cycles_now;
    clock.scale = (nsecs << 32) / cycles;
}

/* Measures once more when that is worth it; later, when the timer has come round by the time that
 * it is read. */
static void refine(void)
{
    uint64_t cycles, nsecs, now = arch_cycles();
    if (scaled(now - clock.timer_cycles, clock.scale) < REFINE_NSECS)
        return;
    clock_timer_read(&cycles, &nsecs);
    if (cycles != 0 && scaled(cycles, clock.scale) < CLOCK_TIMER_NSECS) {
        use_rate(cycles, now, nsecs);
        clock.refining = false;
    } else {
        clock.refining = clock_timer_start();
        clock.timer_cycles = arch_cycles();
    }
}

static bool measure_until(uint64_t least, uint64_t *cycles, uint64_t *nsecs)
{
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        clock_timer_read(cycles, nsecs);
        if (*nsecs >= least && *cycles != 0)
            return true;
    }
    return false;
}

/* Whether two samples have about the same rate: that of one in which the timer has come round is at
 * least twice as high. */
static bool agree(uint64_t cycles, uint64_t nsecs, uint64_t other_cycles, uint64_t other_nsecs)
{
    unsigned __int128 a = (unsigned __int128)cycles * other_nsecs;
    unsigned __int128 b = (unsigned __int128)other_cycles * nsecs;
    return 2 * a < 3 * b && 2 * b < 3 * a;
}

/* One sample, of which both halves agree. */
static bool measure_first(uint64_t *cycles, uint64_t *nsecs)
{
    uint64_t half_cycles, half_nsecs;
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (!clock_timer_start())
            return false;
        clock.timer_cycles = arch_cycles();
        if (!measure_until(FIRST_NSECS / 2, &half_cycles, &half_nsecs) ||
            !measure_until(FIRST_NSECS, cycles, nsecs))
            return false;
        if (*nsecs > half_nsecs && *nsecs < CLOCK_TIMER_NSECS &&
            agree(half_cycles, half_nsecs, *cycles - half_cycles, *nsecs - half_nsecs))
            return true;
    }
    return false;
}

void machine_clock_init(void)
{
    uint64_t cycles, nsecs = NSEC_PER_SEC;
    if (clock_find_shared())
        return;
    cycles = clock_cycles_per_second();
    if (cycles == 0) {
        if (!measure_first(&cycles, &nsecs)) {
            log_write(LOG_ERROR,
                      "no usable clock: found no pvclock, no frequency told by the processor, no "
                      "i8254 and no HPET that keeps time; one of them is wanted");
            solo5_abort();
        }
        clock.refining = true;
    }
    if (!clock_cycles_are_steady())
        log_write(LOG_WARN,
                  "the processor does not say that its cycle counter keeps its rate: time "
                  "may go too slow or too fast");
    clock.base_cycles = arch_cycles();
    use_rate(cycles, clock.base_cycles, nsecs);
}

solo5_time_t machine_clock_monotonic(void)
{
    if (clock.refining)
        refine();
    uint64_t now = clock.pv != NULL ? pv_now()
                   : clock.hyperv != NULL
                       ? hyperv_now()
                       : clock.base_nsecs + scaled(arch_cycles() - clock.base_cycles, clock.scale);
    if (now > clock.last)
        clock.last = now;
    return clock.last;
}

/* A host's clock that was set back is followed by half a second at a time, in which this one stands
 * still: so it never goes back, and never stands for long. */
static void ask_wall(uint64_t now)
{
    if (clock.ask_wall != NULL)
        clock.ask_wall(clock.pv_wall);
    uint64_t wall = pv_wall_at_zero(), least = clock.wall - NSEC_PER_SEC / 2;
    clock.wall = (int64_t)(wall - least) < 0 ? least : wall;
    clock.wall_until = now + NSEC_PER_SEC;
}

solo5_time_t machine_clock_wall(void)
{
    uint64_t now = machine_clock_monotonic();
    if (clock.pv_wall != NULL) {
        if (now >= clock.wall_until)
            ask_wall(now);
    } else if (clock.wall == 0) {
        clock.wall = clock_calendar() * NSEC_PER_SEC - now;
    }
    if (clock.wall + now > clock.wall_last)
        clock.wall_last = clock.wall + now;
    return clock.wall_last;
}
