/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The scheduler: cooperative threads on one processor, tickless.
 *
 * A thread runs until it waits or yields; nothing takes the processor from it, so code that calls
 * neither needs no lock. Where no thread can run, the one that waits calls solo5_yield on its own
 * stack until a wait queue, a deadline or the network makes one runnable, itself perhaps, and then
 * no context is switched.
 *
 * Times are nanoseconds of the monotonic clock, absolute, UINT64_MAX meaning never.
 */
#ifndef RUNTIME_THREAD_SCHED_H
#define RUNTIME_THREAD_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solo5.h"

#define SCHED_NEVER UINT64_MAX

struct thread;
struct wait_queue;

/* One thread's place in one queue. It belongs to the thread that waits, usually on its stack. */
struct waiter {
    struct waiter *next;
    struct waiter *prev;
    struct wait_queue *queue; /* the queue to wait in; NULL: none */
    struct thread *thread;    /* the scheduler's */
};

/* The threads that wait for one event, the first in being the first out. It may be freed when
 * empty: a thread leaves every queue at the moment it is woken or its deadline passes, before it
 * runs. */
struct wait_queue {
    struct waiter *first;
    struct waiter *last;
};

#define WAIT_QUEUE_INIT \
    {                   \
        NULL, NULL      \
    }

/* Waits in (q) until woken or until (deadline_ns). (q) may be NULL: then only the deadline ends it.
 * Returns true when woken, false on the deadline; a deadline that has passed returns false after
 * the others and the poller had their turn. The event may be gone again when the thread runs: test
 * the condition in a loop. MUST NOT be called from the poller. */
bool sched_wait(struct wait_queue *q, uint64_t deadline_ns);

/* The same for (count) queues at once: the caller sets waiters[i].queue, and the first queue woken
 * ends the wait. The array is the scheduler's until the call returns. */
bool sched_wait_any(struct waiter *waiters, size_t count, uint64_t deadline_ns);

/* Makes the first thread, or every thread, that waits in (q) runnable. Neither switches to it, so
 * both may be called from anywhere, the poller included. Nothing happens when (q) is empty. */
void sched_wake_one(struct wait_queue *q);
void sched_wake_all(struct wait_queue *q);

static inline bool sched_has_waiters(const struct wait_queue *q)
{
    return q->first != NULL;
}

/* The monotonic clock as it was when the poller last had its turn: the real clock is a system call
 * on some targets. A thread that computes for long without waiting sees it stand still; for a
 * deadline of its own it adds to sched_now_exact(), which also brings sched_now() up to date. */
uint64_t sched_now(void);
uint64_t sched_now_exact(void);

/* Who is to be asked when nothing can run, and every so often when something can. */
struct sched_poller {
    /* The networks in (ready) have packets; (now_ns) is sched_now(). Called also with an empty set,
     * for the poller's own timers. Runs on the stack of any thread and MUST NOT wait. */
    void (*run)(solo5_handle_set_t ready, uint64_t now_ns);
    /* When run() must be called even if no packet comes. */
    uint64_t (*deadline)(void);
};

/* Installs (p), which stays the caller's and must live for ever. One poller: the last one set. With
 * a poller installed, all threads waiting without a deadline is idleness; without, it is a
 * deadlock, which ends the program with a message. */
void sched_set_poller(const struct sched_poller *p);

/* Lets the other runnable threads run once, or, where there is none, the poller. */
void sched_yield_now(void);

#endif
