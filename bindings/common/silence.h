/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * silence.h: how long a disk has had requests and answered none. Its driver looks whenever the
 * program is about to wait, and now and then when it does not come to that; a wait ends in time for
 * the next look.
 */
#ifndef SILENCE_H
#define SILENCE_H

#include <stdbool.h>

#include "target.h"

/* Who has said nothing for so long is not expected to any more: what was submitted fails. */
#define SILENCE_MAX_NS UINT64_C(30000000000)

/* However long it is between two looks, it counts as this at most: a guest that was stopped
 * meanwhile has not waited. */
#define SILENCE_LOOK_NS UINT64_C(5000000000)

struct silence {
    uint32_t moves; /* requests given and answers taken, at the last look */
    bool looks;     /* there was something to wait for, then, */
    solo5_time_t looked, lasted;
};

/* (moves): how many there have been; (expects): answers are outstanding. True: for too long. */
static inline bool silence_look(struct silence *silence, uint32_t moves, bool expects)
{
    solo5_time_t now = target_clock_monotonic(), passed = now - silence->looked;

    if (!expects || !silence->looks || silence->moves != moves)
        silence->lasted = 0;
    else
        silence->lasted += passed < SILENCE_LOOK_NS ? passed : SILENCE_LOOK_NS;
    silence->moves = moves;
    silence->looks = expects;
    silence->looked = now;
    return silence->lasted > SILENCE_MAX_NS;
}

/* The end of a wait until (deadline) that is in time for the next look. */
static inline solo5_time_t silence_deadline(const struct silence *silence, solo5_time_t deadline)
{
    solo5_time_t next = silence->looked + SILENCE_LOOK_NS;
    return silence->looks && next < deadline ? next : deadline;
}

#endif
