/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * semaphore.h. A post while threads wait goes to the first of them, not to the value.
 */
#include <errno.h>
#include <semaphore.h>

#include "libc/time.h"
#include "thread/pthread_queue.h"

static struct wait_queue *sem_queue(sem_t *sem)
{
    return (struct wait_queue *)sem->__queue;
}

int sem_init(sem_t *sem, int shared, unsigned value)
{
    (void)shared;
    if (value > SEM_VALUE_MAX) {
        errno = EINVAL;
        return -1;
    }
    *sem = (sem_t){.__value = value};
    return 0;
}

int sem_destroy(sem_t *sem)
{
    if (!sched_has_waiters(sem_queue(sem)))
        return 0;
    errno = EBUSY;
    return -1;
}

int sem_trywait(sem_t *sem)
{
    if (sem->__value == 0) {
        errno = EAGAIN;
        return -1;
    }
    sem->__value--;
    return 0;
}

int sem_wait(sem_t *sem)
{
    if (sem->__value > 0)
        sem->__value--;
    else
        sched_wait(sem_queue(sem), SCHED_NEVER);
    return 0;
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict when)
{
    if (sem->__value > 0) {
        sem->__value--;
        return 0;
    }
    if (!timespec_valid(when)) {
        errno = EINVAL;
        return -1;
    }
    if (sched_wait(sem_queue(sem), deadline_at(CLOCK_REALTIME, when)))
        return 0;
    errno = ETIMEDOUT;
    return -1;
}

int sem_post(sem_t *sem)
{
    if (sched_has_waiters(sem_queue(sem))) {
        sched_wake_one(sem_queue(sem));
        return 0;
    }
    if (sem->__value == SEM_VALUE_MAX) {
        errno = EOVERFLOW;
        return -1;
    }
    sem->__value++;
    return 0;
}

int sem_getvalue(sem_t *restrict sem, int *restrict value)
{
    *value = (int)sem->__value;
    return 0;
}
