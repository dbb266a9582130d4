/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pthread.h: locks for many readers or one writer. A writer that waits goes before new readers.
 */
#include <errno.h>
#include <pthread.h>

#include "thread/pthread_queue.h"

#define WRITER (-1)

int pthread_rwlock_init(pthread_rwlock_t *restrict lock, const pthread_rwlockattr_t *restrict attr)
{
    (void)attr;
    *lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
    return lock->__readers != 0 ? EBUSY : 0;
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
    if (lock->__readers == WRITER || lock->__writers_waiting > 0)
        return EBUSY;
    lock->__readers++;
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    while (pthread_rwlock_tryrdlock(lock) != 0)
        sched_wait(queue_of(&lock->__queue), SCHED_NEVER);
    return 0;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
    if (lock->__readers != 0)
        return EBUSY;
    lock->__readers = WRITER;
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    while (pthread_rwlock_trywrlock(lock) != 0) {
        lock->__writers_waiting++;
        sched_wait(queue_of(&lock->__queue), SCHED_NEVER);
        lock->__writers_waiting--;
    }
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    if (lock->__readers == 0)
        return EPERM;
    if (lock->__readers == WRITER)
        lock->__readers = 0;
    else
        lock->__readers--;
    if (lock->__readers == 0)
        sched_wake_all(queue_of(&lock->__queue));
    return 0;
}
