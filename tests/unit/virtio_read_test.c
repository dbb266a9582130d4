/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver of networks in a program that has no offload, and reads whole frames (solo5_net_read)
 * or posts buffers.
 */
#include <check.h>
#include <string.h>

#include "bindings.h"
#include "unit.h"
#include "virtio_fake.h"

#define FEATURES                                                                               \
    (FAKE_BIT(VIRTIO_F_VERSION_1) | FAKE_BIT(VIRTIO_F_EVENT_IDX) | FAKE_BIT(0) | FAKE_BIT(1) | \
     FAKE_BIT(7) | FAKE_BIT(11))
#define RECEIVE 0
#define HANDLE  1
#define FRAME   1514

static struct fake fake;
static uint8_t frame[FRAME];

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

static void setup(void)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, FEATURES);
    ck_assert(virtio_net_open(&fake.dev));
    fake_attach(&fake);
}

static void acquire(void)
{
    solo5_handle_t handle;
    struct solo5_net_info info;
    ck_assert_int_eq(solo5_net_acquire("device", &handle, &info), SOLO5_R_OK);
}

/* A frame of (len) bytes arrives. */
static bool arrive(uint32_t len, uint8_t byte)
{
    struct fake_chain chain;
    if (!fake_next(&fake, RECEIVE, &chain))
        return false;
    memset((void *)chain.piece[1].addr, byte, len);
    fake_return(&fake, RECEIVE, &chain, len + 12);
    return true;
}

START_TEST(has_no_offload)
{
    acquire();
    ck_assert_uint_eq(solo5_net_features(HANDLE), 0);
    ck_assert_uint_eq(solo5_net_frame_max(HANDLE), FRAME);
}
END_TEST

START_TEST(reads)
{
    size_t len = 0;

    acquire();
    ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_AGAIN);
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert(arrive(14 + i, (uint8_t)i));
        ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
        ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_OK);
        ck_assert_uint_eq(len, 14 + i);
        ck_assert_uint_eq(frame[0], (uint8_t)i);
        ck_assert_uint_eq(frame[len - 1], (uint8_t)i);
        ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_AGAIN);
    }
}
END_TEST

/* Who waits has buffers posted before, but not for a network that nobody has acquired. */
START_TEST(waits_first)
{
    size_t len;

    ck_assert_uint_eq(virtio_ready(true), 0);
    ck_assert(!arrive(60, 1));
    acquire();
    ck_assert_uint_eq(virtio_ready(true), 0);
    unsigned count = 0;
    while (arrive(60, (uint8_t)count))
        count++;
    ck_assert_uint_eq(count, 51);
    ck_assert_uint_eq(virtio_ready(false), 1 << HANDLE);
    for (unsigned i = 0; i < count; i++) {
        ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_OK);
        ck_assert_uint_eq(frame[20], i);
    }
}
END_TEST

/* What is no frame is not handed on, and its buffer is used again. */
START_TEST(passes_over_what_is_no_frame)
{
    size_t len;

    acquire();
    ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_AGAIN);
    for (unsigned i = 0; i < 300; i++)
        ck_assert(arrive(i % 14, 1)), solo5_net_read(HANDLE, frame, sizeof frame, &len);
    ck_assert(arrive(14, 9));
    ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_OK);
    ck_assert_uint_eq(len, 14);
}
END_TEST

/* A program that waits before it posts gets what it posts for, copied. */
START_TEST(waits_then_posts)
{
    static uint8_t buffers[8][FRAME];
    struct solo5_segment segments[8];
    struct solo5_received received[8];
    size_t count;

    acquire();
    virtio_ready(true);
    ck_assert(arrive(100, 1));
    for (uint64_t i = 0; i < 8; i++) {
        segments[i] = (struct solo5_segment){buffers[i], FRAME};
        struct solo5_packet buffer = {.segments = &segments[i], .segment_count = 1, .cookie = i};
        ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
    }
    ck_assert(arrive(200, 2));
    ck_assert_int_eq(solo5_net_receive(HANDLE, received, 8, &count), SOLO5_R_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(received[0].len, 100);
    ck_assert_uint_eq(received[1].len, 200);
    ck_assert_uint_eq(buffers[1][199], 2);
}
END_TEST

START_TEST(fails)
{
    size_t len;

    acquire();
    virtio_ready(true);
    virtio_fail(&fake.dev, "it is gone");
    ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
    ck_assert_int_eq(solo5_net_read(HANDLE, frame, sizeof frame, &len), SOLO5_R_EUNSPEC);
    ck_assert_int_eq(solo5_net_write(HANDLE, frame, 60), SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(virtio_ready(true), 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_read");
    TCase *tc = tcase_create("virtio_read");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, has_no_offload);
    tcase_add_test(tc, reads);
    tcase_add_test(tc, waits_first);
    tcase_add_test(tc, passes_over_what_is_no_frame);
    tcase_add_test(tc, waits_then_posts);
    tcase_add_test(tc, fails);
    suite_add_tcase(suite, tc);
    return suite;
}
