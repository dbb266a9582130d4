/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * poll() of many descriptors: that it says what is so, and that it asks only what may be ready. The
 * descriptors are of objects that count how often they are asked.
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "libc/fd.h"
#include "net_local.h"
#include "watch.h"

#define MANY 1000

struct object {
    struct watch *watches;
    short state;
};

static struct object objects[MANY];
static struct pollfd fds[MANY + 1];
static unsigned asked;

static short object_poll(void *obj)
{
    asked++;
    return ((struct object *)obj)->state;
}

static struct watch **object_watches(void *obj)
{
    return &((struct object *)obj)->watches;
}

static int object_close(void *obj)
{
    watch_forget(&((struct object *)obj)->watches);
    return 0;
}

static const struct fd_ops watched = {
    .poll = object_poll, .watches = object_watches, .close = object_close};
static const struct fd_ops unwatched = {.poll = object_poll, .close = object_close};

static void set_state(struct object *o, short state)
{
    short gained = (short)(state & ~o->state);

    o->state = state;
    watch_notify(o->watches, gained);
}

static void open_objects(nfds_t count)
{
    memset(objects, 0, sizeof objects);
    for (nfds_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){fd_alloc(&watched, &objects[i], 0), POLLIN, 99};
    asked = 0;
}

static void close_objects(nfds_t count)
{
    for (nfds_t i = 0; i < count; i++) {
        if (fds[i].fd >= 0)
            net_fake_close(fds[i].fd);
    }
}

static nfds_t with_events(nfds_t count)
{
    nfds_t found = 0;

    for (nfds_t i = 0; i < count; i++)
        found += fds[i].revents != 0;
    return found;
}

START_TEST(cost)
{
    open_objects(MANY);
    ck_assert_int_eq(poll(fds, MANY, 0), 0);
    ck_assert_uint_le(asked, 2 * MANY);
    ck_assert_uint_eq(with_events(MANY), 0);
    /* From now on, what is not ready costs nothing. */
    asked = 0;
    ck_assert_int_eq(poll(fds, MANY, 0), 0);
    ck_assert_int_eq(poll(fds, MANY, 5), 0);
    ck_assert_uint_eq(asked, 0);
    set_state(&objects[7], POLLIN);
    set_state(&objects[9], POLLOUT); /* not asked for */
    ck_assert_int_eq(poll(fds, MANY, -1), 1);
    ck_assert_int_eq(fds[7].revents, POLLIN);
    ck_assert_uint_eq(with_events(MANY), 1);
    ck_assert_uint_le(asked, 2);
    /* Level-triggered: again, and then no more. */
    ck_assert_int_eq(poll(fds, MANY, -1), 1);
    ck_assert_uint_le(asked, 4);
    objects[7].state = 0;
    ck_assert_int_eq(poll(fds, MANY, 0), 0);
    asked = 0;
    ck_assert_int_eq(poll(fds, MANY, 0), 0);
    ck_assert_uint_eq(asked, 0);
    /* What changed in the array is asked, alone. */
    fds[9].events = POLLIN | POLLOUT;
    ck_assert_int_eq(poll(fds, MANY, 0), 1);
    ck_assert_int_eq(fds[9].revents, POLLOUT);
    ck_assert_uint_le(asked, 3);
    close_objects(MANY);
}
END_TEST

/* A wait that ends by what comes from the network asks none of the others. */
START_TEST(sleep_cost)
{
    int pair[2];

    connection(pair);
    open_objects(MANY);
    fds[MANY] = (struct pollfd){pair[1], POLLIN, 0};
    ck_assert_int_eq(poll(fds, MANY + 1, 0), 0);
    asked = 0;
    ck_assert_int_eq(send(pair[0], "x", 1, 0), 1);
    ck_assert_int_eq(poll(fds, MANY + 1, -1), 1);
    ck_assert_int_eq(fds[MANY].revents, POLLIN);
    ck_assert_uint_eq(asked, 0);
    close_objects(MANY);
    net_fake_close(pair[0]);
    net_fake_close(pair[1]);
}
END_TEST

START_TEST(closed)
{
    int fd;

    open_objects(100);
    ck_assert_int_eq(poll(fds, 100, 0), 0);
    fd = fds[3].fd;
    net_fake_close(fd);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(poll(fds, 100, -1), 1);
        ck_assert_int_eq(fds[3].revents, POLLNVAL);
    }
    /* Another object gets the number; then one that says by itself nothing of what it has. */
    objects[200].state = POLLIN;
    ck_assert_int_eq(fd_alloc(&watched, &objects[200], 0), fd);
    ck_assert_int_eq(poll(fds, 100, 0), 1);
    ck_assert_int_eq(fds[3].revents, POLLIN);
    net_fake_close(fd);
    objects[201].state = 0;
    ck_assert_int_eq(fd_alloc(&unwatched, &objects[201], 0), fd);
    ck_assert_int_eq(poll(fds, 100, 0), 0);
    objects[201].state = POLLIN;
    ck_assert_int_eq(poll(fds, 100, 0), 1);
    ck_assert_int_eq(fds[3].revents, POLLIN);
    /* To be skipped, as the number is not changed back. */
    fds[3].fd = ~fds[3].fd;
    ck_assert_int_eq(poll(fds, 100, 0), 0);
    fds[3].fd = ~fds[3].fd;
    ck_assert_int_eq(poll(fds, 100, 0), 1);
    close_objects(100);
}
END_TEST

/* The same object twice, fewer entries, more, other ones. */
START_TEST(arrays)
{
    int spare;

    open_objects(MANY);
    spare = fds[1].fd;
    fds[1].fd = fds[0].fd;
    fds[1].events = POLLOUT;
    objects[0].state = POLLIN | POLLOUT;
    ck_assert_int_eq(poll(fds, 20, 0), 2);
    ck_assert_int_eq(fds[0].revents, POLLIN);
    ck_assert_int_eq(fds[1].revents, POLLOUT);
    objects[500].state = POLLIN;
    ck_assert_int_eq(poll(fds, MANY, 0), 3);
    ck_assert_int_eq(poll(fds + 490, 20, 0), 1);
    ck_assert_int_eq(fds[500].revents, POLLIN);
    ck_assert_int_eq(poll(fds, 20, 0), 2);
    ck_assert_int_eq(poll(fds + 2, 16, 0), 0);
    ck_assert_int_eq(poll(NULL, 0, 1), 0);
    fds[1].fd = spare;
    close_objects(MANY);
}
END_TEST

/* An epoll descriptor among many: told of what becomes ready in it. */
START_TEST(of_epoll)
{
    struct epoll_event in = {.events = EPOLLIN};
    int ep = epoll_create1(0);

    open_objects(100);
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0].fd, &in), 0);
    fds[100] = (struct pollfd){ep, POLLIN, 0};
    ck_assert_int_eq(poll(fds + 1, 100, 0), 0);
    set_state(&objects[0], POLLIN);
    ck_assert_int_eq(poll(fds + 1, 100, -1), 1);
    ck_assert(fds[100].revents & POLLIN);
    net_fake_close(ep);
    ck_assert_int_eq(poll(fds + 1, 100, -1), 1);
    ck_assert_int_eq(fds[100].revents, POLLNVAL);
    close_objects(100);
}
END_TEST

static void *poll_once(void *arg)
{
    *(int *)arg = poll(fds, 100, 0);
    return NULL;
}

/* What a thread remembers goes with it: the objects must not tell what is not there any more. */
START_TEST(thread_gone)
{
    pthread_t thread;
    int ready = -1;

    open_objects(100);
    ck_assert_int_eq(pthread_create(&thread, NULL, poll_once, &ready), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(ready, 0);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_null(objects[i].watches);
    close_objects(100);
}
END_TEST

/* Whatever happens, the answer is that of asking everybody. */
START_TEST(any_order)
{
    enum { COUNT_HERE = 40 };
    static const short states[] = {0, POLLIN, POLLOUT, POLLIN | POLLOUT, POLLHUP};

    open_objects(COUNT_HERE);
    srand(1);
    for (int round = 0; round < 20000; round++) {
        int i = rand() % COUNT_HERE, expected = 0;

        switch (rand() % 4) {
        case 0:
        case 1:
            set_state(&objects[i], states[rand() % 5]);
            break;
        case 2:
            fds[i].events = states[rand() % 4];
            break;
        default:
            net_fake_close(fds[i].fd);
            fds[i].fd = fd_alloc(&watched, &objects[i], 0);
        }
        if (rand() % 2)
            continue;
        for (i = 0; i < COUNT_HERE; i++)
            expected += (objects[i].state & (fds[i].events | POLLHUP)) != 0;
        ck_assert_int_eq(poll(fds, COUNT_HERE, 0), expected);
        for (i = 0; i < COUNT_HERE; i++)
            ck_assert_int_eq(fds[i].revents, objects[i].state & (fds[i].events | POLLHUP));
    }
    close_objects(COUNT_HERE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_poll");
    TCase *tc = tcase_create("poll");

    tcase_add_checked_fixture(tc, local_setup, local_teardown);
    tcase_add_test(tc, cost);
    tcase_add_test(tc, sleep_cost);
    tcase_add_test(tc, closed);
    tcase_add_test(tc, arrays);
    tcase_add_test(tc, of_epoll);
    tcase_add_test(tc, thread_gone);
    tcase_add_test(tc, any_order);
    suite_add_tcase(suite, tc);
    return suite;
}
