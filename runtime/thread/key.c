/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pthread.h: values of a thread's own. The table of a thread is made when it sets its first.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "thread/thread.h"

static struct {
    bool used;
    unsigned generation; /* a value set for an earlier key of this number does not count */
    void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];

struct key_value {
    void *value;
    unsigned generation;
};

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++) {
        if (keys[i].used)
            continue;
        keys[i].used = true;
        keys[i].generation++;
        keys[i].destructor = destructor;
        *key = i;
        return 0;
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
        return EINVAL;
    keys[key].used = false;
    keys[key].destructor = NULL;
    return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
    struct key_value *values = thread_self()->keys;

    if (key >= PTHREAD_KEYS_MAX || values == NULL)
        return NULL;
    return values[key].generation == keys[key].generation ? values[key].value : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    struct thread *self = thread_self();

    if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
        return EINVAL;
    if (self->keys == NULL) {
        self->keys = calloc(PTHREAD_KEYS_MAX, sizeof *self->keys);
        if (self->keys == NULL)
            return ENOMEM;
    }
    self->keys[key] = (struct key_value){(void *)value, keys[key].generation};
    return 0;
}

void thread_run_key_destructors(struct thread *thread)
{
    if (thread->keys == NULL)
        return;
    /* A destructor may set values again. */
    for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
        for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++) {
            struct key_value set = thread->keys[i];
            thread->keys[i].value = NULL;
            if (set.value != NULL && set.generation == keys[i].generation &&
                keys[i].destructor != NULL)
                keys[i].destructor(set.value);
        }
    }
    free(thread->keys);
    thread->keys = NULL;
}
