/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Deadlines in order: a pairing heap, whose nodes are part of what they belong to, so that a wait
 * needs no memory. Adding takes constant time, removing the logarithm of the count on average.
 */
#ifndef RUNTIME_THREAD_TIMERS_H
#define RUNTIME_THREAD_TIMERS_H

#include <stdint.h>

struct timer {
    uint64_t deadline_ns;
    struct timer *child;   /* the first of those that are not earlier */
    struct timer *sibling; /* the next child of the same parent */
    struct timer *before;  /* the sibling before, or the parent; NULL: the root */
};

/* Adds (timer), with its deadline set, to the heap with root (*root), NULL when empty. */
void timers_add(struct timer **root, struct timer *timer);

/* Takes (timer) out of the heap that it is in. */
void timers_remove(struct timer **root, struct timer *timer);

#endif
