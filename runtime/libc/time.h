/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Times of C and POSIX as deadlines of the scheduler.
 */
#ifndef RUNTIME_LIBC_TIME_H
#define RUNTIME_LIBC_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000L

bool timespec_valid(const struct timespec *ts);

/* The deadline after (span) from now, or at (when) on (clock); never SCHED_NEVER. Both valid. */
uint64_t deadline_in(const struct timespec *span);
uint64_t deadline_at(clockid_t clock, const struct timespec *when);

#endif
