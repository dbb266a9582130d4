/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pthread.h: threads, their attributes, pthread_once.
 */
#include <errno.h>
#include <pthread.h>

#include "thread/pthread_queue.h"

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
                   void *(*function)(void *), void *restrict arg)
{
    size_t stack_size = attr != NULL ? attr->__stack_size : THREAD_STACK_DEFAULT;
    bool detached = attr != NULL && attr->__detached == PTHREAD_CREATE_DETACHED;
    int saved = errno;
    struct thread *made = thread_create(function, arg, stack_size, detached);

    errno = saved;
    if (made == NULL)
        return EAGAIN;
    *thread = made;
    return 0;
}

int pthread_join(pthread_t thread, void **result)
{
    if (thread == thread_self())
        return EDEADLK;
    if (thread->detached || thread->joined)
        return EINVAL;
    void *value = thread_join(thread);
    if (result != NULL)
        *result = value;
    return 0;
}

int pthread_detach(pthread_t thread)
{
    if (thread->detached || thread->joined)
        return EINVAL;
    thread_detach(thread);
    return 0;
}

pthread_t pthread_self(void)
{
    return thread_self();
}

int pthread_equal(pthread_t a, pthread_t b)
{
    return a == b;
}

void pthread_exit(void *result)
{
    thread_exit(result);
}

int pthread_attr_init(pthread_attr_t *attr)
{
    *attr = (pthread_attr_t){THREAD_STACK_DEFAULT, PTHREAD_CREATE_JOINABLE};
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
    if (size < THREAD_STACK_MIN)
        return EINVAL;
    attr->__stack_size = size;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *restrict attr, size_t *restrict size)
{
    *size = attr->__stack_size;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
    if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
        return EINVAL;
    attr->__detached = state;
    return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
    *state = attr->__detached;
    return 0;
}

enum { ONCE_NOT_BEGUN, ONCE_RUNNING, ONCE_DONE };

int pthread_once(pthread_once_t *once, void (*function)(void))
{
    if (once->__state == ONCE_NOT_BEGUN) {
        once->__state = ONCE_RUNNING;
        function();
        once->__state = ONCE_DONE;
        sched_wake_all(queue_of(&once->__queue));
    }
    while (once->__state != ONCE_DONE)
        sched_wait(queue_of(&once->__queue), SCHED_NEVER);
    return 0;
}
