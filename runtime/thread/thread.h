/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Threads: what one is, how it begins and ends. When it runs is the scheduler's, sched.h.
 */
#ifndef RUNTIME_THREAD_THREAD_H
#define RUNTIME_THREAD_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thread/sched.h"
#include "thread/timers.h"

#define THREAD_TLS_ALIGN     64
#define THREAD_STACK_DEFAULT (64 * 1024)
#define THREAD_STACK_MIN     (16 * 1024)

struct key_value;
struct stack;

struct thread {
    void *sp;            /* while another runs; see arch_switch */
    uintptr_t tls_base;  /* the thread pointer */
    struct thread *next; /* in the run queue */
    /* The wait that it is in, while waiting. */
    struct waiter *waiters;
    size_t waiter_count;
    struct timer timer;
    bool timed; /* timer is in the heap */
    bool woken; /* how the last wait ended */
    /* Its end. */
    bool detached;
    bool ended;
    bool joined; /* somebody waits for it */
    struct wait_queue end_queue;
    void *result;
    void *(*function)(void *);
    void *arg;
    struct stack *stack;    /* NULL: the first thread, whose stack and memory nobody frees */
    struct key_value *keys; /* pthread_setspecific; NULL: none set */
};

/* Makes the caller the first thread. (tls_base): its thread pointer. */
void thread_init(uintptr_t tls_base);

struct thread *thread_self(void);

/* Starts (function) in a new thread with (stack_size) bytes of stack, which runs when the caller
 * waits. Returns NULL when there is no memory. */
struct thread *thread_create(void *(*function)(void *), void *arg, size_t stack_size,
                             bool detached);

/* Ends the calling thread. The last one ends the program. */
void thread_exit(void *result) __attribute__((noreturn));

/* Waits for the end of (thread) and frees it. */
void *thread_join(struct thread *thread);

/* Lets (thread) be freed at its end, now when that was before. */
void thread_detach(struct thread *thread);

/* Called at a thread's end for what it set by pthread_setspecific. Not there in a program without.
 */
void thread_run_key_destructors(struct thread *thread) __attribute__((weak));

/* ---- Between thread.c and sched.c ------------------------------------------------------------ */

void sched_init(struct thread *first);
struct thread *sched_current(void);
/* Adds (thread), which is in no wait, to those that can run. */
void sched_add(struct thread *thread);
/* Leaves the calling thread for ever; (reap) is called with it on another thread's stack. */
void sched_leave(void (*reap)(struct thread *)) __attribute__((noreturn));
/* The first thing that a new thread calls: reaps who left for it. */
void sched_reap(void);

/* ---- The processor's part -------------------------------------------------------------------- */

/* Saves the registers that a call preserves on the stack, the stack pointer in (*save_sp), and goes
 * on where the arch_switch() that saved (sp) was called. */
void arch_switch(void **save_sp, void *sp);

/* Prepares a stack whose end is (top), aligned to 16, so that arch_switch() to the value returned
 * calls (entry), which must not return. */
void *arch_stack_prepare(void *top, void (*entry)(void));

#endif
