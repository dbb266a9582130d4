/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See thread.h.
 *
 * A thread lives in one piece of the heap:
 *
 *     guard page | stack, growing down ... | thread-local storage | struct thread | struct stack
 *
 * A guard page is for ever, so such a piece is never freed but kept for the next thread that wants
 * one of its size. Where the tender has no guard pages it is freed.
 */
#include "thread/thread.h"

#include <stdlib.h>
#include <string.h>

#include "solo5_io.h"

struct stack {
    struct stack *next; /* in the list of those to be used again */
    void *base;
    size_t size; /* of the whole piece */
    bool guarded;
};

static struct thread first_thread;
static struct stack *unused_stacks;
static size_t thread_count = 1;

void thread_init(uintptr_t tls_base)
{
    first_thread.tls_base = tls_base;
    sched_init(&first_thread);
}

struct thread *thread_self(void)
{
    return sched_current();
}

/* ---- Stacks ---------------------------------------------------------------------------------- */

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static struct stack *stack_get(size_t size)
{
    for (struct stack **link = &unused_stacks; *link != NULL; link = &(*link)->next) {
        struct stack *stack = *link;
        if (stack->size == size) {
            *link = stack->next;
            return stack;
        }
    }
    char *base = aligned_alloc(SOLO5_PAGE_SIZE, size);
    if (base == NULL)
        return NULL;
    struct stack *stack = (struct stack *)(base + size) - 1;
    stack->base = base;
    stack->size = size;
    stack->guarded = solo5_mem_guard((uintptr_t)base, SOLO5_PAGE_SIZE) == SOLO5_R_OK;
    return stack;
}

/* (stack) is nobody's any more. */
static void stack_put(struct stack *stack)
{
    if (!stack->guarded) {
        free(stack->base);
        return;
    }
    stack->next = unused_stacks;
    unused_stacks = stack;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

static void thread_entry(void)
{
    struct thread *self = sched_current();

    sched_reap();
    thread_exit(self->function(self->arg));
}

struct thread *thread_create(void *(*function)(void *), void *arg, size_t stack_size, bool detached)
{
    size_t tls_size = round_up(solo5_tls_size(), THREAD_TLS_ALIGN);
    size_t above = round_up(tls_size + sizeof(struct thread) + sizeof(struct stack), 64);
    if (stack_size > SIZE_MAX / 2)
        return NULL;
    size_t size = round_up(SOLO5_PAGE_SIZE + stack_size + above, SOLO5_PAGE_SIZE);
    struct stack *stack = stack_get(size);
    if (stack == NULL)
        return NULL;
    char *top = (char *)stack->base + size - above;
    struct thread *thread = (struct thread *)(top + tls_size);
    *thread =
        (struct thread){.function = function, .arg = arg, .stack = stack, .detached = detached};
    solo5_tls_init((uintptr_t)top);
    thread->tls_base = solo5_tls_tp_offset((uintptr_t)top);
    thread->sp = arch_stack_prepare(top, thread_entry);
    thread_count++;
    sched_add(thread);
    return thread;
}

static void thread_free(struct thread *thread)
{
    if (thread->stack != NULL)
        stack_put(thread->stack);
}

/* On another thread's stack, right after the last switch away from (thread). */
static void thread_reap(struct thread *thread)
{
    if (thread->detached)
        thread_free(thread);
}

void thread_exit(void *result)
{
    struct thread *self = sched_current();

    if (thread_run_key_destructors != NULL)
        thread_run_key_destructors(self);
    if (--thread_count == 0)
        exit(EXIT_SUCCESS);
    self->result = result;
    self->ended = true;
    sched_wake_all(&self->end_queue);
    sched_leave(thread_reap);
}

void *thread_join(struct thread *thread)
{
    thread->joined = true;
    while (!thread->ended)
        sched_wait(&thread->end_queue, SCHED_NEVER);
    void *result = thread->result;
    thread_free(thread);
    return result;
}

void thread_detach(struct thread *thread)
{
    thread->detached = true;
    if (thread->ended)
        thread_free(thread);
}
