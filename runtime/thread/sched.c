/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See sched.h.
 *
 *              sched_add                 its turn
 *     new ----------------> runnable ---------------> running --- sched_leave ---> gone
 *                             ^   ^                    |   |
 *           woken or deadline |   +-- sched_yield_now -+   |
 *                          waiting <----- sched_wait ------+
 *
 * Invariants:
 *  1. A runnable thread is in the run queue and in no wait queue; the running one in neither; a
 *     waiting one in all the wait queues of its wait, and in the timers when that has a deadline.
 *  2. The running thread changes in switch_to() alone.
 *  3. The poller has its turn whenever the run queue is empty, and at least every POLL_INTERVAL
 *     switches. Nothing waits, switches or polls inside its turn.
 */
#include "thread/sched.h"

#include "start/message.h"
#include "thread/thread.h"

#define POLL_INTERVAL 16

static struct {
    struct thread *current;
    struct thread *run_first;
    struct thread *run_last;
    struct timer *timers;
    const struct sched_poller *poller;
    bool polling;
    unsigned switches; /* since the poller had its turn */
    uint64_t now_ns;
    bool now_known;
    struct thread *dead; /* left for ever, to be reaped by who runs next */
    void (*reap)(struct thread *);
} sched;

static struct thread *thread_of_timer(struct timer *timer)
{
    return (struct thread *)((char *)timer - offsetof(struct thread, timer));
}

uint64_t sched_now(void)
{
    return sched.now_known ? sched.now_ns : sched_now_exact();
}

uint64_t sched_now_exact(void)
{
    sched.now_ns = solo5_clock_monotonic();
    sched.now_known = true;
    return sched.now_ns;
}

/* ---- Queues ---------------------------------------------------------------------------------- */

static void run_push(struct thread *thread)
{
    thread->next = NULL;
    if (sched.run_first == NULL)
        sched.run_first = thread;
    else
        sched.run_last->next = thread;
    sched.run_last = thread;
}

static struct thread *run_pop(void)
{
    struct thread *thread = sched.run_first;

    sched.run_first = thread->next;
    return thread;
}

static void queue_add(struct wait_queue *q, struct waiter *w)
{
    w->next = NULL;
    w->prev = q->last;
    if (q->last == NULL)
        q->first = w;
    else
        q->last->next = w;
    q->last = w;
}

static void queue_remove(struct waiter *w)
{
    if (w->prev == NULL)
        w->queue->first = w->next;
    else
        w->prev->next = w->next;
    if (w->next == NULL)
        w->queue->last = w->prev;
    else
        w->next->prev = w->prev;
}

/* Ends the wait of (thread): out of all queues and timers, into the run queue. */
static void wait_end(struct thread *thread, bool woken)
{
    for (size_t i = 0; i < thread->waiter_count; i++)
        if (thread->waiters[i].queue != NULL)
            queue_remove(&thread->waiters[i]);
    if (thread->timed)
        timers_remove(&sched.timers, &thread->timer);
    thread->timed = false;
    thread->waiters = NULL;
    thread->waiter_count = 0;
    thread->woken = woken;
    run_push(thread);
}

void sched_wake_one(struct wait_queue *q)
{
    if (q->first != NULL)
        wait_end(q->first->thread, true);
}

void sched_wake_all(struct wait_queue *q)
{
    /* A woken thread does not run before its waker waits, so it cannot come back meanwhile. */
    while (q->first != NULL)
        wait_end(q->first->thread, true);
}

/* ---- The turn of the poller, and the switch -------------------------------------------------- */

static void timers_expire(uint64_t now_ns)
{
    while (sched.timers != NULL && sched.timers->deadline_ns <= now_ns)
        wait_end(thread_of_timer(sched.timers), false);
}

/* When the poller or a timer has to have its turn, while no thread can run. */
static uint64_t next_deadline(void)
{
    uint64_t deadline = SCHED_NEVER;

    if (sched.timers != NULL)
        deadline = sched.timers->deadline_ns;
    if (sched.poller != NULL) {
        uint64_t polled = sched.poller->deadline();
        return polled < deadline ? polled : deadline;
    }
    if (deadline == SCHED_NEVER)
        rt_panic("deadlock: every thread waits, and nothing is left that could wake one", NULL);
    return deadline;
}

/* Lets the network and the timers have their turn, after a wait until (deadline_ns) at most. */
static void poll_turn(uint64_t deadline_ns)
{
    solo5_handle_set_t ready = 0;

    solo5_yield(deadline_ns, &ready);
    sched.switches = 0;
    uint64_t now_ns = sched_now_exact();
    timers_expire(now_ns);
    if (sched.poller != NULL) {
        sched.polling = true;
        sched.poller->run(ready, now_ns);
        sched.polling = false;
    }
}

void sched_reap(void)
{
    if (sched.dead != NULL) {
        struct thread *dead = sched.dead;
        sched.dead = NULL;
        sched.reap(dead);
    }
}

static void switch_to(struct thread *next)
{
    struct thread *previous = sched.current;

    sched.switches++;
    sched.current = next;
    /* A system call on some targets. */
    if (next->tls_base != previous->tls_base)
        solo5_set_tls_base(next->tls_base);
    arch_switch(&previous->sp, next->sp);
    sched_reap();
}

/* Lets the next thread run, which may be the caller. */
static void run_next(void)
{
    if (sched.polling)
        rt_panic("the network code tried to wait while it polled", NULL);
    if (sched.run_first != NULL && sched.switches >= POLL_INTERVAL)
        poll_turn(0);
    while (sched.run_first == NULL)
        poll_turn(next_deadline());
    struct thread *next = run_pop();
    if (next != sched.current)
        switch_to(next);
}

/* ---- What threads call ----------------------------------------------------------------------- */

bool sched_wait_any(struct waiter *waiters, size_t count, uint64_t deadline_ns)
{
    struct thread *self = sched.current;

    for (size_t i = 0; i < count; i++) {
        waiters[i].thread = self;
        if (waiters[i].queue != NULL)
            queue_add(waiters[i].queue, &waiters[i]);
    }
    self->waiters = waiters;
    self->waiter_count = count;
    self->timed = deadline_ns != SCHED_NEVER;
    if (self->timed) {
        self->timer.deadline_ns = deadline_ns;
        timers_add(&sched.timers, &self->timer);
    }
    run_next();
    return self->woken;
}

bool sched_wait(struct wait_queue *q, uint64_t deadline_ns)
{
    struct waiter waiter = {.queue = q};

    return sched_wait_any(&waiter, 1, deadline_ns);
}

void sched_yield_now(void)
{
    if (sched.polling)
        rt_panic("the network code tried to yield while it polled", NULL);
    if (sched.run_first == NULL)
        poll_turn(0);
    run_push(sched.current);
    run_next();
}

void sched_set_poller(const struct sched_poller *p)
{
    sched.poller = p;
}

/* ---- What thread.c calls --------------------------------------------------------------------- */

void sched_init(struct thread *first)
{
    sched.current = first;
}

struct thread *sched_current(void)
{
    return sched.current;
}

void sched_add(struct thread *thread)
{
    run_push(thread);
}

void sched_leave(void (*reap)(struct thread *))
{
    sched.dead = sched.current;
    sched.reap = reap;
    run_next();
    rt_panic("a thread that ended was run again", NULL);
}
