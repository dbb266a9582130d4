/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pthread.h: mutexes. An unlock hands the mutex over to the first that waits, so that a thread
 * which takes it again at once does not starve the others.
 */
#include <errno.h>
#include <pthread.h>

#include "libc/time.h"
#include "thread/pthread_queue.h"

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
    attr->__type = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
        return EINVAL;
    attr->__type = type;
    return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict attr, int *restrict type)
{
    *type = attr->__type;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attr)
{
    *mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    if (attr != NULL)
        mutex->__type = attr->__type;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    return mutex->__owner != NULL ? EBUSY : 0;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    struct thread *self = thread_self();

    if (mutex->__owner == NULL)
        mutex->__owner = self;
    else if (mutex->__owner != self || mutex->__type != PTHREAD_MUTEX_RECURSIVE)
        return EBUSY;
    mutex->__depth++;
    return 0;
}

static int lock_until(pthread_mutex_t *mutex, uint64_t deadline_ns)
{
    if (pthread_mutex_trylock(mutex) == 0)
        return 0;
    if (mutex->__owner == thread_self() && mutex->__type == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    /* Woken, it has been handed over. */
    if (!sched_wait(queue_of(&mutex->__queue), deadline_ns))
        return ETIMEDOUT;
    mutex->__depth = 1;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return lock_until(mutex, SCHED_NEVER);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict when)
{
    if (pthread_mutex_trylock(mutex) == 0)
        return 0;
    if (!timespec_valid(when))
        return EINVAL;
    return lock_until(mutex, deadline_at(CLOCK_REALTIME, when));
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    struct wait_queue *queue = queue_of(&mutex->__queue);

    if (mutex->__owner != thread_self())
        return EPERM;
    if (--mutex->__depth > 0)
        return 0;
    mutex->__owner = sched_has_waiters(queue) ? queue->first->thread : NULL;
    sched_wake_one(queue);
    return 0;
}
