/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See lock.h. A lock that is NULL, since there was no memory to make it, does not lock: threads are
 * cooperative, so it is missed only by two that wait in the middle of one stream.
 */
#include "libc/lock.h"

#include <stdlib.h>

struct __lock __lock___libc_recursive_mutex;

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
    *lock = calloc(1, sizeof **lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    struct thread *self = thread_self();

    if (lock == NULL)
        return;
    if (lock->owner == NULL)
        lock->owner = self;
    /* Who lets go of it hands it over. */
    while (lock->owner != self)
        sched_wait(&lock->queue, SCHED_NEVER);
    lock->depth++;
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    if (lock == NULL)
        return;
    if (lock->depth == 1 && lock->released != NULL)
        lock->released();
    if (--lock->depth > 0)
        return;
    lock->owner = sched_has_waiters(&lock->queue) ? lock->queue.first->thread : NULL;
    sched_wake_one(&lock->queue);
}

void __retarget_lock_init(_LOCK_T *lock)
{
    __retarget_lock_init_recursive(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
    __retarget_lock_close_recursive(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
    __retarget_lock_acquire_recursive(lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
    __retarget_lock_release_recursive(lock);
}
