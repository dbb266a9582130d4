/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Clocks and waiting. The command line is the host's wall clock in seconds,
 * taken just before the program was started; after "asleep" nothing happens for an hour.
 */
#include "test.h"

#define LATE_MSEC 2000 /* a test machine may be this slow */

static void check_monotonic(void)
{
    solo5_time_t last = solo5_clock_monotonic();
    solo5_time_t begin = last;

    for (unsigned i = 0; i < 10000; i++) {
        solo5_time_t now = solo5_clock_monotonic();
        EXPECT(now >= last);
        last = now;
    }
    EXPECT(last > begin);
}

static void check_wall(uint64_t host_seconds)
{
    solo5_time_t wall = solo5_clock_wall();

    EXPECT(wall >= host_seconds * NSEC_PER_SEC);
    EXPECT(wall < (host_seconds + 30) * NSEC_PER_SEC);
}

/* Waits until (deadline), however often solo5_yield comes back early. */
static unsigned wait_until(solo5_time_t deadline)
{
    unsigned rounds = 0;

    while (solo5_clock_monotonic() < deadline) {
        solo5_handle_set_t ready = UINT64_MAX;
        solo5_yield(deadline, &ready);
        EXPECT(ready == 0);
        rounds++;
    }
    return rounds;
}

static void check_wait(uint64_t msec)
{
    solo5_time_t wall = solo5_clock_wall();
    solo5_time_t deadline = solo5_clock_monotonic() + msec * NSEC_PER_MSEC;
    unsigned rounds = wait_until(deadline);

    EXPECT(solo5_clock_monotonic() >= deadline);
    EXPECT(solo5_clock_monotonic() < deadline + LATE_MSEC * NSEC_PER_MSEC);
    EXPECT(rounds >= 1 && rounds <= 20); /* it blocks: it does not spin */
    solo5_time_t passed = solo5_clock_wall() - wall;
    EXPECT(passed >= (msec - 1) * NSEC_PER_MSEC);
    EXPECT(passed < (msec + LATE_MSEC) * NSEC_PER_MSEC);
}

static void check_past(void)
{
    static const solo5_time_t past[] = {0, 1, NSEC_PER_MSEC};

    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++) {
        solo5_handle_set_t ready = UINT64_MAX;
        solo5_time_t begin = solo5_clock_monotonic();
        solo5_yield(past[i], &ready);
        EXPECT(ready == 0);
        EXPECT(solo5_clock_monotonic() - begin < LATE_MSEC * NSEC_PER_MSEC);
    }
    solo5_yield(solo5_clock_monotonic(), NULL);
    solo5_yield(solo5_clock_monotonic() - 1, NULL);
    solo5_yield(solo5_clock_monotonic() + 1, NULL);
}

int solo5_app_main(const struct solo5_start_info *info)
{
    if (after_word(info->cmdline, "asleep")) {
        say("asleep\n");
        wait_until(solo5_clock_monotonic() + 3600 * NSEC_PER_SEC);
    }
    check_monotonic();
    check_wall(number_at(info->cmdline));
    check_past();
    check_wait(1);
    check_wait(20);
    check_wait(150);
    return test_success();
}
