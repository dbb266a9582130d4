/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Threads, POSIX.1-2017. They are cooperative: a thread runs until it waits in one of these calls,
 * in a read, write, accept, sleep or the like, or calls sched_yield(). Nothing is cancelled,
 * priorities have no meaning, and there is one process to share with. A stack is 64 KiB unless an
 * attribute says otherwise, and where the tender can do it, the page below it ends the program when
 * it is touched.
 */
#ifndef _PTHREAD_H_
#define _PTHREAD_H_

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct thread;
struct __rt_queue {
    void *__first;
    void *__last;
};

typedef struct thread *pthread_t;

typedef struct {
    size_t __stack_size;
    int __detached;
} pthread_attr_t;

typedef struct {
    int __type;
} pthread_mutexattr_t;

typedef struct {
    struct thread *__owner;
    unsigned __depth;
    int __type;
    struct __rt_queue __queue;
} pthread_mutex_t;

typedef struct {
    clockid_t __clock;
} pthread_condattr_t;

typedef struct {
    struct __rt_queue __queue;
    clockid_t __clock;
} pthread_cond_t;

typedef struct {
    int __none;
} pthread_rwlockattr_t;

typedef struct {
    int __readers; /* -1: one writer */
    int __writers_waiting;
    struct __rt_queue __queue;
} pthread_rwlock_t;

typedef struct {
    int __state; /* 0 not begun, 1 running, 2 done */
    struct __rt_queue __queue;
} pthread_once_t;

typedef unsigned pthread_key_t;

#define PTHREAD_CREATE_JOINABLE  0
#define PTHREAD_CREATE_DETACHED  1
#define PTHREAD_MUTEX_NORMAL     0
#define PTHREAD_MUTEX_RECURSIVE  1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT    PTHREAD_MUTEX_NORMAL
#define PTHREAD_PROCESS_PRIVATE  0
#define PTHREAD_PROCESS_SHARED   1

#ifndef PTHREAD_STACK_MIN
#define PTHREAD_STACK_MIN 16384
#endif
#ifndef PTHREAD_KEYS_MAX
#define PTHREAD_KEYS_MAX 128
#endif
#ifndef PTHREAD_DESTRUCTOR_ITERATIONS
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#endif

/* clang-format off */
#define PTHREAD_MUTEX_INITIALIZER \
    {NULL, 0, PTHREAD_MUTEX_NORMAL, {NULL, NULL}}
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP \
    {NULL, 0, PTHREAD_MUTEX_RECURSIVE, {NULL, NULL}}
#define PTHREAD_COND_INITIALIZER \
    {{NULL, NULL}, CLOCK_REALTIME}
#define PTHREAD_RWLOCK_INITIALIZER \
    {0, 0, {NULL, NULL}}
#define PTHREAD_ONCE_INIT \
    {0, {NULL, NULL}}
/* clang-format on */

int pthread_create(pthread_t *__restrict thread, const pthread_attr_t *__restrict attr,
                   void *(*function)(void *), void *__restrict arg);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);
void pthread_exit(void *result) __attribute__((__noreturn__));

int pthread_attr_init(pthread_attr_t *attr);
int pthread_attr_destroy(pthread_attr_t *attr);
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *__restrict attr, size_t *__restrict size);
int pthread_attr_setdetachstate(pthread_attr_t *attr, int state);
int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state);

int pthread_mutexattr_init(pthread_mutexattr_t *attr);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attr);
int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *__restrict attr, int *__restrict type);
int pthread_mutex_init(pthread_mutex_t *__restrict mutex,
                       const pthread_mutexattr_t *__restrict attr);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex);
int pthread_mutex_timedlock(pthread_mutex_t *__restrict mutex,
                            const struct timespec *__restrict when);
int pthread_mutex_unlock(pthread_mutex_t *mutex);

int pthread_condattr_init(pthread_condattr_t *attr);
int pthread_condattr_destroy(pthread_condattr_t *attr);
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock);
int pthread_condattr_getclock(const pthread_condattr_t *__restrict attr,
                              clockid_t *__restrict clock);
int pthread_cond_init(pthread_cond_t *__restrict cond, const pthread_condattr_t *__restrict attr);
int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *__restrict cond, pthread_mutex_t *__restrict mutex);
int pthread_cond_timedwait(pthread_cond_t *__restrict cond, pthread_mutex_t *__restrict mutex,
                           const struct timespec *__restrict when);
int pthread_cond_signal(pthread_cond_t *cond);
int pthread_cond_broadcast(pthread_cond_t *cond);

int pthread_rwlock_init(pthread_rwlock_t *__restrict lock,
                        const pthread_rwlockattr_t *__restrict attr);
int pthread_rwlock_destroy(pthread_rwlock_t *lock);
int pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock);
int pthread_rwlock_wrlock(pthread_rwlock_t *lock);
int pthread_rwlock_trywrlock(pthread_rwlock_t *lock);
int pthread_rwlock_unlock(pthread_rwlock_t *lock);

int pthread_once(pthread_once_t *once, void (*function)(void));

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);
void *pthread_getspecific(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);

int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);

#ifdef __cplusplus
}
#endif

#endif
