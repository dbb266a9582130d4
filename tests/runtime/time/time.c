/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Clocks and sleeping.
 */
#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static double now(clockid_t clock)
{
    struct timespec ts;

    check(clock_gettime(clock, &ts) == 0);
    check(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#define took(from, to, call)                     \
    do {                                         \
        double start = now(CLOCK_MONOTONIC);     \
        check((call) == 0);                      \
        double s = now(CLOCK_MONOTONIC) - start; \
        check(s >= (from) && s < (to));          \
    } while (0)

int main(void)
{
    struct timeval tv;
    struct timespec ts;
    struct tms tms;

    check(gettimeofday(&tv, NULL) == 0);
    check(now(CLOCK_REALTIME) - (double)tv.tv_sec < 2);
    check(time(NULL) - tv.tv_sec < 2);
    check(tv.tv_sec > 1700000000);
    check(clock_getres(CLOCK_MONOTONIC, &ts) == 0 && ts.tv_sec == 0 && ts.tv_nsec == 1);
    check(clock_gettime(77, &ts) == -1 && errno == EINVAL);
    check(clock_settime(CLOCK_REALTIME, &ts) == -1 && errno == EPERM);
    check(times(&tms) != (clock_t)-1 && clock() != (clock_t)-1);
    check(now(CLOCK_PROCESS_CPUTIME_ID) > 0);

    took(0.02, 0.5, usleep(20000));
    took(0.02, 0.5, nanosleep(&(struct timespec){0, 20000000}, NULL));
    took(0, 0.2, nanosleep(&(struct timespec){0, 0}, NULL));
    check(nanosleep(&(struct timespec){0, 1000000000}, NULL) == -1 && errno == EINVAL);
    check(nanosleep(&(struct timespec){-1, 0}, NULL) == -1 && errno == EINVAL);
    took(1.0, 1.5, sleep(1));
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec++;
    took(0.9, 1.5, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
    took(0, 0.2, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_sec++;
    took(0.9, 1.5, clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL));

    time_t t = 86400 * 365;
    char text[64];
    check(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime(&t)) > 0);
    printf("%s\nSUCCESS\n", text);
    return 0;
}
