/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * POSIX threads of the runtime.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define MANY 1000

static __thread int own = 5;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static int count, destroyed;

static struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    ts.tv_nsec += ms * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return ts;
}

static long ms_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static void *storage(void *arg)
{
    check(own == 5);
    own = (int)(long)arg;
    errno = own;
    sched_yield();
    double x = own / 3.0;
    sched_yield();
    check(own == (int)(long)arg && errno == own && x == own / 3.0);
    return arg;
}

static void test_storage(void)
{
    static pthread_t t[MANY];
    void *result;

    own = -1;
    errno = -2;
    for (long i = 0; i < MANY; i++)
        check(pthread_create(&t[i], NULL, storage, (void *)i) == 0);
    for (long i = 0; i < MANY; i++) {
        check(pthread_join(t[i], &result) == 0);
        check(result == (void *)i);
    }
    check(own == -1 && errno == -2);
    check(pthread_join(pthread_self(), NULL) == EDEADLK);
    check(pthread_equal(pthread_self(), pthread_self()));
}

static void *add(void *arg)
{
    for (int i = 0; i < 10; i++) {
        pthread_mutex_lock(&mutex);
        int was = count;
        sched_yield();
        count = was + 1;
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static void test_mutex(void)
{
    pthread_t t[10];
    pthread_mutex_t recursive;
    pthread_mutexattr_t attr;
    struct timespec when;

    for (int i = 0; i < 10; i++)
        pthread_create(&t[i], NULL, add, NULL);
    for (int i = 0; i < 10; i++)
        pthread_join(t[i], NULL);
    check(count == 100);

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &attr);
    check(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0);
    check(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_destroy(&recursive) == EBUSY);
    check(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == EPERM);
    check(pthread_mutex_destroy(&recursive) == 0);

    check(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY);
    when = in_ms(CLOCK_REALTIME, 20);
    check(pthread_mutex_timedlock(&mutex, &when) == ETIMEDOUT);
    check(pthread_mutex_unlock(&mutex) == 0);
    check(pthread_mutex_timedlock(&mutex, &when) == 0);
    check(pthread_mutex_unlock(&mutex) == 0);
}

static void *produce(void *arg)
{
    usleep(10000);
    pthread_mutex_lock(&mutex);
    count = 1;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return arg;
}

static void test_cond(void)
{
    pthread_t t;
    pthread_cond_t monotonic;
    pthread_condattr_t attr;
    struct timespec start, when;

    count = 0;
    pthread_mutex_lock(&mutex);
    pthread_create(&t, NULL, produce, NULL);
    while (count == 0)
        check(pthread_cond_wait(&cond, &mutex) == 0);
    pthread_mutex_unlock(&mutex);
    pthread_join(t, NULL);

    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_mutex_lock(&mutex);
    when = in_ms(CLOCK_REALTIME, 30);
    check(pthread_cond_timedwait(&cond, &mutex, &when) == ETIMEDOUT);
    check(ms_since(&start) >= 29 && ms_since(&start) < 500);
    pthread_condattr_init(&attr);
    check(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    pthread_cond_init(&monotonic, &attr);
    when = in_ms(CLOCK_MONOTONIC, 30);
    check(pthread_cond_timedwait(&monotonic, &mutex, &when) == ETIMEDOUT);
    check(ms_since(&start) >= 59 && ms_since(&start) < 1000);
    check(pthread_mutex_unlock(&mutex) == 0);
}

static sem_t sem;

static void *post(void *arg)
{
    for (int i = 0; i < 5; i++) {
        usleep(1000);
        sem_post(&sem);
    }
    return arg;
}

static void test_sem(void)
{
    pthread_t t;
    struct timespec when = in_ms(CLOCK_REALTIME, 10);
    int value;

    sem_init(&sem, 0, 1);
    check(sem_wait(&sem) == 0);
    check(sem_trywait(&sem) == -1 && errno == EAGAIN);
    check(sem_timedwait(&sem, &when) == -1 && errno == ETIMEDOUT);
    pthread_create(&t, NULL, post, NULL);
    for (int i = 0; i < 5; i++)
        check(sem_wait(&sem) == 0);
    pthread_join(t, NULL);
    check(sem_getvalue(&sem, &value) == 0 && value == 0 && sem_destroy(&sem) == 0);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *write_lock(void *arg)
{
    pthread_rwlock_wrlock(&rwlock);
    count++;
    sched_yield();
    pthread_rwlock_unlock(&rwlock);
    return arg;
}

static void test_rwlock(void)
{
    pthread_t t[3];

    count = 0;
    check(pthread_rwlock_rdlock(&rwlock) == 0 && pthread_rwlock_rdlock(&rwlock) == 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, write_lock, NULL);
    sched_yield();
    check(count == 0 && pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
    pthread_rwlock_unlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    check(count == 3 && pthread_rwlock_trywrlock(&rwlock) == 0);
    check(pthread_rwlock_unlock(&rwlock) == 0);
}

static void destroy(void *value)
{
    check(value == &own);
    destroyed++;
}

static void *set_key(void *arg)
{
    check(pthread_getspecific(key) == NULL);
    check(pthread_setspecific(key, &own) == 0);
    sched_yield();
    check(pthread_getspecific(key) == &own);
    pthread_exit(arg);
}

static void once(void)
{
    count++;
    usleep(1000);
}

static void *call_once(void *control)
{
    pthread_once(control, once);
    check(count == 1);
    return NULL;
}

static void test_keys_and_once(void)
{
    pthread_t t[3];
    static pthread_once_t control = PTHREAD_ONCE_INIT;
    pthread_key_t again;

    check(pthread_key_create(&key, NULL) == 0);
    own = 1;
    check(pthread_setspecific(key, &count) == 0 && pthread_key_delete(key) == 0);
    check(pthread_key_create(&again, NULL) == 0 && again == key);
    check(pthread_getspecific(again) == NULL && pthread_key_delete(again) == 0);
    check(pthread_setspecific(key, &count) == EINVAL);

    check(pthread_key_create(&key, (void (*)(void *))destroy) == 0);
    (void)pthread_key_delete(key);
    check(pthread_key_create(&key, NULL) == 0);
    count = 0;
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, call_once, &control);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    check(count == 1);
}

static void count_destroyed(void *value)
{
    (void)value;
    destroyed++;
}

static void test_destructors(void)
{
    pthread_t t[3];

    check(pthread_key_delete(key) == 0);
    check(pthread_key_create(&key, count_destroyed) == 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, set_key, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    check(destroyed == 3);
}

static void *last(void *arg)
{
    usleep(10000);
    printf("SUCCESS\n");
    return arg;
}

static void test_attributes(void)
{
    pthread_attr_t attr;
    pthread_t t;
    size_t size;

    pthread_attr_init(&attr);
    check(pthread_attr_setstacksize(&attr, 1000) == EINVAL);
    check(pthread_attr_setstacksize(&attr, 300000) == 0);
    check(pthread_attr_getstacksize(&attr, &size) == 0 && size == 300000);
    check(pthread_create(&t, &attr, storage, NULL) == 0 && pthread_join(t, NULL) == 0);
    check(pthread_attr_setstacksize(&attr, (size_t)1 << 40) == 0);
    check(pthread_create(&t, &attr, storage, NULL) == EAGAIN);
    check(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN) == 0);
    check(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
    check(pthread_create(&t, &attr, last, NULL) == 0);
    check(pthread_join(t, NULL) == EINVAL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "deadlock") == 0) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_lock(&mutex);
    }
    test_storage();
    test_mutex();
    test_cond();
    test_sem();
    test_rwlock();
    test_keys_and_once();
    test_destructors();
    test_attributes();
    pthread_exit(NULL); /* the program ends with its last thread */
}
