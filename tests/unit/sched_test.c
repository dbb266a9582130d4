/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The scheduler, its timers and threads, with a clock that only waiting moves.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "runtime_fake.h"
#include "thread/thread.h"

#define MANY 2000

/* What threads did, in order. */
static char trace[256];
static size_t trace_len;
static struct wait_queue queue, other_queue;

static void mark(char c)
{
    if (trace_len < sizeof trace - 1)
        trace[trace_len++] = c;
}

static void setup(void)
{
    thread_init(1);
    fake.now_ns = 1000;
}

static struct thread *start(void *(*function)(void *), const char *name)
{
    struct thread *thread = thread_create(function, (void *)name, THREAD_STACK_MIN, false);

    ck_assert_ptr_nonnull(thread);
    return thread;
}

static void *say_and_yield(void *name)
{
    for (int i = 0; i < 3; i++) {
        mark(*(const char *)name);
        sched_yield_now();
    }
    return name;
}

START_TEST(turns)
{
    struct thread *a = start(say_and_yield, "a"), *b = start(say_and_yield, "b");

    ck_assert_str_eq(trace, ""); /* nothing runs before the caller waits */
    ck_assert_str_eq(thread_join(a), "a");
    ck_assert_str_eq(thread_join(b), "b");
    ck_assert_str_eq(trace, "ababab");
}
END_TEST

static void *wait_in_queue(void *name)
{
    bool woken = sched_wait(&queue, SCHED_NEVER);

    mark(woken ? *(const char *)name : '-');
    return NULL;
}

START_TEST(wakes)
{
    struct thread *t[3] = {start(wait_in_queue, "a"), start(wait_in_queue, "b"),
                           start(wait_in_queue, "c")};

    sched_yield_now();
    ck_assert(sched_has_waiters(&queue));
    sched_wake_one(&queue);
    ck_assert_str_eq(trace, ""); /* a wake does not switch */
    sched_yield_now();
    ck_assert_str_eq(trace, "a");
    sched_wake_all(&queue);
    ck_assert(!sched_has_waiters(&queue));
    sched_wake_all(&queue);
    for (int i = 0; i < 3; i++)
        thread_join(t[i]);
    ck_assert_str_eq(trace, "abc");
}
END_TEST

static void *sleep_till(void *arg)
{
    uint64_t deadline_ns = *(const uint64_t *)arg;

    ck_assert(!sched_wait(NULL, deadline_ns));
    ck_assert_uint_ge(sched_now(), deadline_ns);
    ck_assert_uint_lt(sched_now(), deadline_ns + 10);
    mark((char)('a' + deadline_ns / 10000));
    return NULL;
}

START_TEST(deadlines)
{
    static const uint64_t times[] = {50000, 10000, 30000, 20000, 40000};
    struct thread *t[5];

    for (int i = 0; i < 5; i++)
        t[i] = thread_create(sleep_till, (void *)&times[i], THREAD_STACK_MIN, false);
    for (int i = 0; i < 5; i++)
        thread_join(t[i]);
    ck_assert_str_eq(trace, "bcdef");
    ck_assert_uint_eq(fake.now_ns, 50000);
}
END_TEST

/* The only thread, asleep: the loop runs on its stack, and asks for just its deadline. */
START_TEST(alone)
{
    ck_assert(!sched_wait(&queue, 77000));
    ck_assert(!sched_has_waiters(&queue));
    ck_assert_uint_eq(fake.yields, 1);
    ck_assert_uint_eq(fake.deadline_ns, 77000);
    ck_assert(!sched_wait(&queue, 5)); /* passed */
    ck_assert_uint_eq(fake.yields, 2);
    sched_yield_now();
    ck_assert_uint_eq(fake.yields, 3);
    ck_assert_uint_eq(fake.deadline_ns, 0);
}
END_TEST

static void *wake_after(void *arg)
{
    sched_wait(NULL, 20000);
    sched_wake_one(arg);
    return NULL;
}

/* A wait that ends before its deadline leaves no timer, one that ends by it no queue entry. */
START_TEST(both_ends)
{
    struct thread *t = thread_create(wake_after, &queue, THREAD_STACK_MIN, false);

    ck_assert(!sched_wait(&queue, 10000));
    ck_assert(!sched_has_waiters(&queue));
    ck_assert(sched_wait(&queue, 90000));
    ck_assert_uint_eq(fake.now_ns, 20000);
    thread_join(t);
    ck_assert(!sched_wait(NULL, 30000));
    ck_assert_uint_eq(fake.deadline_ns, 30000);
}
END_TEST

START_TEST(several_queues)
{
    struct waiter waiters[3] = {{.queue = &queue}, {.queue = NULL}, {.queue = &other_queue}};
    struct thread *t = thread_create(wake_after, &other_queue, THREAD_STACK_MIN, false);

    ck_assert(sched_wait_any(waiters, 3, SCHED_NEVER));
    ck_assert(!sched_has_waiters(&queue));
    ck_assert(!sched_has_waiters(&other_queue));
    thread_join(t);
    ck_assert(!sched_wait_any(waiters, 3, 50000));
    ck_assert(!sched_has_waiters(&queue));
    ck_assert(!sched_wait_any(NULL, 0, 60000));
}
END_TEST

static uint64_t poll_deadline_ns = SCHED_NEVER;
static unsigned polls;
static solo5_handle_set_t polled_set;

static void poll_run(solo5_handle_set_t ready, uint64_t now_ns)
{
    polls++;
    polled_set |= ready;
    ck_assert_uint_eq(now_ns, fake.now_ns);
    if (ready != 0)
        sched_wake_one(&queue);
    if (now_ns >= poll_deadline_ns) {
        poll_deadline_ns = SCHED_NEVER;
        sched_wake_all(&other_queue);
    }
}

static uint64_t poll_deadline(void)
{
    return poll_deadline_ns;
}

static const struct sched_poller poller = {poll_run, poll_deadline};

START_TEST(network_wakes)
{
    sched_set_poller(&poller);
    fake.ready = 1 << 3;
    ck_assert(sched_wait(&queue, SCHED_NEVER)); /* no deadlock: there is a poller */
    ck_assert_uint_eq(polled_set, 1 << 3);
    ck_assert_uint_eq(fake.deadline_ns, SCHED_NEVER);
    poll_deadline_ns = 40000;
    ck_assert(sched_wait(&other_queue, 90000)); /* the poller's timer is earlier */
    ck_assert_uint_eq(fake.now_ns, 40000);
}
END_TEST

static void *busy(void *arg)
{
    for (int i = 0; i < 1000; i++)
        sched_yield_now();
    return arg;
}

/* Threads that never wait do not keep the network and the timers from their turn. */
START_TEST(busy_threads_poll)
{
    sched_set_poller(&poller);
    struct thread *a = start(busy, "a"), *b = start(busy, "b");
    fake.ready = 1;
    ck_assert(sched_wait(&queue, SCHED_NEVER));
    ck_assert_uint_ge(polls, 1);
    ck_assert_uint_le(polls, 3);
    ck_assert(!sched_wait(NULL, 5));
    thread_join(a);
    thread_join(b);
    ck_assert_uint_ge(polls, 2 * 1000 / 16 - 2);
    ck_assert_uint_le(polls, 2 * 1000 / 16 + 4);
}
END_TEST

static void bad_poll(solo5_handle_set_t ready, uint64_t now_ns)
{
    (void)ready;
    (void)now_ns;
    sched_wait(&queue, SCHED_NEVER);
}

START_TEST(poller_must_not_wait)
{
    static const struct sched_poller bad = {bad_poll, poll_deadline};

    sched_set_poller(&bad);
    if (!fake_ends())
        sched_wait(NULL, 5000);
    ck_assert_int_eq(fake.status, 255);
    ck_assert_ptr_nonnull(strstr(fake.console, "while it polled"));
}
END_TEST

START_TEST(deadlock)
{
    if (!fake_ends())
        sched_wait(&queue, SCHED_NEVER);
    ck_assert_int_eq(fake.status, 255);
    ck_assert_ptr_nonnull(strstr(fake.console, "deadlock"));
}
END_TEST

static void *nothing(void *arg)
{
    return arg;
}

START_TEST(stacks_are_used_again)
{
    struct thread *a = start(nothing, "a");
    uintptr_t guard = fake.guard;

    ck_assert_uint_eq(guard % 4096, 0);
    thread_join(a);
    fake.guard = 0;
    struct thread *b = start(nothing, "b");
    ck_assert_ptr_eq(a, b);
    ck_assert_uint_eq(fake.guard, 0); /* it has its guard */
    thread_detach(b);
    sched_yield_now();
    struct thread *c = thread_create(nothing, NULL, THREAD_STACK_MIN, true);
    ck_assert_ptr_eq(b, c);
    sched_yield_now();
    struct thread *d = thread_create(nothing, NULL, THREAD_STACK_DEFAULT, true);
    ck_assert_ptr_ne(c, d);
    ck_assert_uint_ne(fake.guard, guard);
    ck_assert_ptr_null(thread_create(nothing, NULL, SIZE_MAX, true));
    sched_yield_now();
}
END_TEST

START_TEST(stacks_without_guards)
{
    fake.no_guards = true;
    for (int i = 0; i < 100; i++)
        thread_join(start(nothing, "a"));
}
END_TEST

static void *sum_on_stack(void *arg)
{
    volatile double x = 1.5;
    char room[8000];

    memset(room, 1, sizeof room);
    for (int i = 0; i < 10; i++) {
        sched_wait(NULL, sched_now() + (uintptr_t)arg % 7);
        x = x * 2;
    }
    for (size_t i = 0; i < sizeof room; i++)
        if (room[i] != 1)
            ck_abort();
    ck_assert_double_eq(x, 1536);
    return arg;
}

START_TEST(many_threads)
{
    static struct thread *t[MANY];

    for (uintptr_t i = 0; i < MANY; i++)
        t[i] = thread_create(sum_on_stack, (void *)i, THREAD_STACK_MIN, false);
    for (uintptr_t i = 0; i < MANY; i++)
        ck_assert_uint_eq((uintptr_t)thread_join(t[i]), i);
}
END_TEST

/* The order of expiry and removal from the middle, against a plain search. */
START_TEST(timers_in_order)
{
    enum { COUNT = 500 };
    static struct timer timers[COUNT];
    static bool in[COUNT];
    struct timer *root = NULL;
    unsigned seed = 7;

    for (int step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        unsigned i = (seed >> 8) % COUNT;
        if (in[i]) {
            timers_remove(&root, &timers[i]);
        } else {
            timers[i].deadline_ns = seed >> 20;
            timers_add(&root, &timers[i]);
        }
        in[i] = !in[i];
        uint64_t first = UINT64_MAX;
        for (unsigned j = 0; j < COUNT; j++)
            if (in[j] && timers[j].deadline_ns < first)
                first = timers[j].deadline_ns;
        ck_assert_uint_eq(root == NULL ? UINT64_MAX : root->deadline_ns, first);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched");
    TCase *tc = tcase_create("sched");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, turns);
    tcase_add_test(tc, wakes);
    tcase_add_test(tc, deadlines);
    tcase_add_test(tc, alone);
    tcase_add_test(tc, both_ends);
    tcase_add_test(tc, several_queues);
    tcase_add_test(tc, network_wakes);
    tcase_add_test(tc, busy_threads_poll);
    tcase_add_test(tc, poller_must_not_wait);
    tcase_add_test(tc, deadlock);
    tcase_add_test(tc, stacks_are_used_again);
    tcase_add_test(tc, stacks_without_guards);
    tcase_add_test(tc, many_threads);
    tcase_add_test(tc, timers_in_order);
    suite_add_tcase(suite, tc);
    SRunner *sr = srunner_create(suite);
    srunner_set_tap(sr, "-");
    srunner_run_all(sr, CK_SILENT);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
