/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-usernet's wire to the guest: order, the queue when the guest is slow, frames that are too
 * long, a guest that is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "unit.h"

static struct tap tap;
static int guest_fd;

static void set_up(void)
{
    ck_assert_int_eq(tap_open(&tap, &guest_fd), 0);
}

START_TEST(descriptors)
{
    ck_assert((fcntl(guest_fd, F_GETFL) & O_NONBLOCK) != 0);
    ck_assert((fcntl(guest_fd, F_GETFD) & FD_CLOEXEC) != 0);
    ck_assert((fcntl(tap.fd, F_GETFD) & FD_CLOEXEC) != 0);
}
END_TEST

START_TEST(batches)
{
    ck_assert_uint_eq(tap_receive(&tap), 0);
    for (unsigned i = 0; i < TAP_BATCH + 3; i++)
        ck_assert_int_eq(send(guest_fd, &i, sizeof i, 0), sizeof i);
    ck_assert_uint_eq(tap_receive(&tap), TAP_BATCH);
    for (unsigned i = 0; i < TAP_BATCH; i++) {
        ck_assert_uint_eq(tap.batch[i].len, sizeof i);
        ck_assert_mem_eq(tap.batch[i].data, &i, sizeof i);
    }
    ck_assert_uint_eq(tap_receive(&tap), 3);
    ck_assert_uint_eq(tap_receive(&tap), 0);
}
END_TEST

START_TEST(frame_lengths)
{
    static const uint8_t data[65000];

    ck_assert_int_eq(send(guest_fd, data, FRAME_MAX, 0), FRAME_MAX);
    ck_assert_int_eq(send(guest_fd, data, FRAME_MAX + 1, 0), FRAME_MAX + 1);
    ck_assert_int_eq(send(guest_fd, data, sizeof data, 0), (ssize_t)sizeof data);
    ck_assert_int_eq(send(guest_fd, data, 0, 0), 0);
    ck_assert_int_eq(send(guest_fd, data, 1, 0), 1);
    ck_assert_uint_eq(tap_receive(&tap), 5);
    ck_assert_uint_eq(tap.batch[0].len, FRAME_MAX);
    ck_assert_uint_eq(tap.batch[1].len, 0);
    ck_assert_uint_eq(tap.batch[2].len, 0);
    ck_assert_uint_eq(tap.batch[3].len, 0);
    ck_assert_uint_eq(tap.batch[4].len, 1);

    tap_send(&tap, data, FRAME_MAX + 1);
    ck_assert_int_eq(recv(guest_fd, &(uint8_t[1]){0}, 1, 0), -1);
    ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

/* Takes what is there, and checks that it goes on at (next). Returns where it ends. */
static unsigned take_in_order(unsigned next)
{
    uint8_t data[FRAME_MAX];

    while (recv(guest_fd, data, sizeof data, 0) == (ssize_t)sizeof data) {
        unsigned number;

        memcpy(&number, data, sizeof number);
        ck_assert_uint_eq(number, next);
        next++;
    }
    return next;
}

START_TEST(slow_guest)
{
    uint8_t data[FRAME_MAX] = {0};
    unsigned sent = 0;
    unsigned taken = 0;

    while (!tap_is_blocked(&tap)) {
        memcpy(data, &sent, sizeof sent);
        tap_send(&tap, data, sizeof data);
        sent++;
        ck_assert_uint_lt(sent, 100000);
    }
    for (unsigned i = 0; i < TAP_QUEUE - 1; i++, sent++) {
        memcpy(data, &sent, sizeof sent);
        tap_send(&tap, data, sizeof data);
    }
    /* now the queue is full, and this one is lost */
    memset(data, 0xff, sizeof data);
    tap_send(&tap, data, sizeof data);

    while (taken < sent) {
        unsigned before = taken;

        taken = take_in_order(taken);
        tap_flush(&tap);
        ck_assert_uint_gt(taken, before);
    }
    ck_assert_uint_eq(taken, sent);
    ck_assert(!tap_is_blocked(&tap));
    tap_send(&tap, (const uint8_t *)"x", 1);
    ck_assert_int_eq(recv(guest_fd, data, sizeof data, 0), 1);
}
END_TEST

START_TEST(guest_gone)
{
    close(guest_fd);
    tap_send(&tap, (const uint8_t *)"x", 1);
    ck_assert_int_eq(tap.fd, -1);
    tap_send(&tap, (const uint8_t *)"x", 1);
    ck_assert(!tap_is_blocked(&tap));
    ck_assert_uint_eq(tap_receive(&tap), 0);
}
END_TEST

START_TEST(guest_gone_with_frames_unread)
{
    tap_send(&tap, (const uint8_t *)"x", 1);
    close(guest_fd);
    ck_assert_uint_eq(tap_receive(&tap), 0);
    tap_send(&tap, (const uint8_t *)"x", 1);
    ck_assert_int_eq(tap.fd, -1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("usernet_wire");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, descriptors);
    tcase_add_test(tests, batches);
    tcase_add_test(tests, frame_lengths);
    tcase_add_test(tests, slow_guest);
    tcase_add_test(tests, guest_gone);
    tcase_add_test(tests, guest_gone_with_frames_unread);
    suite_add_tcase(suite, tests);
    return suite;
}
