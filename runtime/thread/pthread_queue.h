/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The public headers show a wait queue as two pointers, so that a program's own names are not
 * taken.
 */
#ifndef RUNTIME_THREAD_PTHREAD_QUEUE_H
#define RUNTIME_THREAD_PTHREAD_QUEUE_H

#include <pthread.h>
#include <semaphore.h>

#include "thread/thread.h"

_Static_assert(sizeof(struct __rt_queue) == sizeof(struct wait_queue), "same contents");
_Static_assert(sizeof((sem_t){0}.__queue) == sizeof(struct wait_queue), "same contents");

static inline struct wait_queue *queue_of(struct __rt_queue *queue)
{
    return (struct wait_queue *)queue;
}

#endif
