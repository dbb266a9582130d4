/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * picolibc's locks, all of them recursive.
 */
#ifndef RUNTIME_LIBC_LOCK_H
#define RUNTIME_LIBC_LOCK_H

#include <sys/lock.h>

#include "thread/thread.h"

struct __lock {
    struct thread *owner; /* NULL: free */
    unsigned depth;
    struct wait_queue queue;
    void (*released)(void); /* called when the owner lets go, still holding it; may be NULL */
};

#endif
