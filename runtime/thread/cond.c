/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pthread.h: condition variables. Between the unlock and the wait nothing else runs, so no signal
 * is lost.
 */
#include <errno.h>
#include <pthread.h>

#include "libc/time.h"
#include "thread/pthread_queue.h"

int pthread_condattr_init(pthread_condattr_t *attr)
{
    attr->__clock = CLOCK_REALTIME;
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return EINVAL;
    attr->__clock = clock;
    return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict attr, clockid_t *restrict clock)
{
    *clock = attr->__clock;
    return 0;
}

int pthread_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attr)
{
    *cond = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    if (attr != NULL)
        cond->__clock = attr->__clock;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond)
{
    return sched_has_waiters(queue_of(&cond->__queue)) ? EBUSY : 0;
}

static int wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline_ns)
{
    unsigned depth = mutex->__depth;

    if (mutex->__owner != thread_self())
        return EPERM;
    mutex->__depth = 1;
    pthread_mutex_unlock(mutex);
    bool woken = sched_wait(queue_of(&cond->__queue), deadline_ns);
    pthread_mutex_lock(mutex);
    mutex->__depth = depth;
    return woken ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
    return wait_until(cond, mutex, SCHED_NEVER);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict when)
{
    if (!timespec_valid(when))
        return EINVAL;
    return wait_until(cond, mutex, deadline_at(cond->__clock, when));
}

int pthread_cond_signal(pthread_cond_t *cond)
{
    sched_wake_one(queue_of(&cond->__queue));
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
    sched_wake_all(queue_of(&cond->__queue));
    return 0;
}
