/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Clocks and sleeping. A program never shares its processor time with another inside the guest, so
 * the clocks of processor time run from the start, waiting included.
 */
#include "libc/time.h"

#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "solo5.h"
#include "thread/sched.h"

/* CLK_TCK: what times() counts in. */
#define TICK_NS 10000000

static bool clock_is_wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

static bool clock_exists(clockid_t clock)
{
    return clock_is_wall(clock) || (clock >= CLOCK_PROCESS_CPUTIME_ID && clock <= CLOCK_BOOTTIME);
}

static void timespec_set(struct timespec *ts, uint64_t ns)
{
    ts->tv_sec = (time_t)(ns / NS_PER_S);
    ts->tv_nsec = (long)(ns % NS_PER_S);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    if (!clock_exists(clock)) {
        errno = EINVAL;
        return -1;
    }
    timespec_set(ts, clock_is_wall(clock) ? solo5_clock_wall() : solo5_clock_monotonic());
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *ts)
{
    if (!clock_exists(clock)) {
        errno = EINVAL;
        return -1;
    }
    if (ts != NULL)
        timespec_set(ts, 1);
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *ts)
{
    (void)clock;
    (void)ts;
    errno = EPERM;
    return -1;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    uint64_t ns = solo5_clock_wall();

    (void)zone;
    tv->tv_sec = (time_t)(ns / NS_PER_S);
    tv->tv_usec = (suseconds_t)(ns % NS_PER_S / 1000);
    return 0;
}

clock_t times(struct tms *tms)
{
    clock_t ticks = (clock_t)(solo5_clock_monotonic() / TICK_NS);

    *tms = (struct tms){.tms_utime = ticks};
    return ticks;
}

bool timespec_valid(const struct timespec *ts)
{
    return ts->tv_sec >= 0 && ts->tv_nsec >= 0 && ts->tv_nsec < NS_PER_S;
}

static uint64_t add_capped(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) || sum == SCHED_NEVER ? SCHED_NEVER - 1 : sum;
}

static uint64_t timespec_ns(const struct timespec *ts)
{
    uint64_t ns;

    if (__builtin_mul_overflow((uint64_t)ts->tv_sec, (uint64_t)NS_PER_S, &ns))
        return SCHED_NEVER - 1;
    return add_capped(ns, (uint64_t)ts->tv_nsec);
}

uint64_t deadline_in(const struct timespec *span)
{
    return add_capped(sched_now_exact(), timespec_ns(span));
}

uint64_t deadline_at(clockid_t clock, const struct timespec *when)
{
    uint64_t ns = timespec_ns(when);

    if (!clock_is_wall(clock))
        return ns;
    uint64_t wall = solo5_clock_wall();
    return ns <= wall ? 0 : add_capped(sched_now_exact(), ns - wall);
}

static void sleep_until(uint64_t deadline_ns)
{
    /* No queue, so nothing but the deadline ends it. */
    sched_wait(NULL, deadline_ns);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *when, struct timespec *left)
{
    (void)left;
    if (!clock_exists(clock) || !timespec_valid(when))
        return EINVAL;
    sleep_until((flags & TIMER_ABSTIME) != 0 ? deadline_at(clock, when) : deadline_in(when));
    return 0;
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
    (void)left;
    if (!timespec_valid(span)) {
        errno = EINVAL;
        return -1;
    }
    sleep_until(deadline_in(span));
    return 0;
}

int usleep(useconds_t us)
{
    sleep_until(sched_now_exact() + (uint64_t)us * 1000);
    return 0;
}

unsigned sleep(unsigned seconds)
{
    sleep_until(sched_now_exact() + (uint64_t)seconds * NS_PER_S);
    return 0;
}
