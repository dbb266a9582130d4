/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The two clocks, and two ways to do something ten times a second. A sleep never ends early and
 * always a little late; who sleeps for a tenth of a second again and again gets later each time,
 * who sleeps until the next tenth does not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define TICK_NS  INT64_C(100000000)
#define TICKS    5

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0) {
        perror("clock_gettime");
        exit(1);
    }
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct timespec to_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
}

static void print_wall_clock(void)
{
    time_t seconds = time(NULL);
    struct tm utc;
    char text[32];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    printf("Wall clock: %s UTC\n", text);
}

/* How late the tick (i) came, counted from (start). */
static int64_t late_ns(int64_t start, int i)
{
    return now_ns(CLOCK_MONOTONIC) - (start + i * TICK_NS);
}

int main(void)
{
    print_wall_clock();
    int64_t wall = now_ns(CLOCK_REALTIME);
    int64_t start = now_ns(CLOCK_MONOTONIC);
    printf("Monotonic clock: %" PRId64 ".%09" PRId64 " s\n", start / NS_PER_S, start % NS_PER_S);

    puts("Sleeping for 100 ms at a time:");
    for (int i = 1; i <= TICKS; i++) {
        struct timespec tick = to_timespec(TICK_NS);
        nanosleep(&tick, NULL);
        printf("  tick %d, %" PRId64 " us late\n", i, late_ns(start, i) / 1000);
    }

    puts("Sleeping until the next 100 ms:");
    int64_t again = now_ns(CLOCK_MONOTONIC);
    for (int i = 1; i <= TICKS; i++) {
        struct timespec next = to_timespec(again + i * TICK_NS);
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        printf("  tick %d, %" PRId64 " us late\n", i, late_ns(again, i) / 1000);
    }

    /* The wall clock is set and corrected from outside; the monotonic clock never is. */
    int64_t difference = now_ns(CLOCK_REALTIME) - wall - (now_ns(CLOCK_MONOTONIC) - start);
    printf("Meanwhile the clocks drifted apart by %" PRId64 " us\n", difference / 1000);
    return 0;
}
