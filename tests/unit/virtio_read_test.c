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
#define MRG_RXBUF FAKE_BIT(15)
#define RECEIVE   0
#define HANDLE    1
#define FRAME     1514

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

/* ---- Mergeable buffers ---------------------------------------------------------------------- */

static const uint64_t merging[] = {
    MRG_RXBUF,
    MRG_RXBUF | FEATURES,
    MRG_RXBUF | FEATURES | FAKE_BIT(VIRTIO_F_INDIRECT_DESC) | FAKE_BIT(VIRTIO_F_RING_PACKED),
};
static const uint16_t mtus[] = {68, 1500, 2022, 2023, 9000, 65535};
static uint8_t sent[65549], got[65549];

static void open_merging(uint64_t features, uint16_t mtu)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, features | FAKE_BIT(3));
    fake_config(&fake, 10, mtu, 2);
    ck_assert(virtio_net_open(&fake.dev));
    fake_attach(&fake);
    if (devices_get(HANDLE, MFT_DEV_NET_BASIC) == NULL)
        acquire();
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 7 + i / 256);
}

/* A frame of (len) bytes arrives in as many buffers as it takes, of which the device says there are
 * (more) more. */
static void merge(size_t len, unsigned more)
{
    static struct fake_chain chains[64];
    const uint8_t header[12] = {0};
    unsigned count = 0;
    size_t written[64], at = 0;

    for (const uint8_t *skip = header; count == 0 || at < len; count++) {
        struct fake_chain *chain = &chains[count];
        ck_assert(fake_next(&fake, RECEIVE, chain));
        ck_assert_uint_eq(chain->count, 1);
        size_t room = chain->piece[0].len, head = skip != NULL ? sizeof header : 0;
        uint8_t *to = (uint8_t *)chain->piece[0].addr;
        size_t part = len - at < room - head ? len - at : room - head;
        memset(to, 0xee, room);
        memcpy(to, header, head);
        memcpy(to + head, sent + at, part);
        written[count] = head + part;
        at += part;
        skip = NULL;
    }
    ((struct solo5_net_hdr *)chains[0].piece[0].addr)->num_buffers = (uint16_t)(count + more);
    for (unsigned i = 0; i < count; i++)
        fake_return(&fake, RECEIVE, &chains[i], (uint32_t)written[i]);
}

static void expect_frame(size_t max, size_t len)
{
    size_t size = 0;
    memset(got, 0, sizeof got);
    ck_assert_int_eq(solo5_net_read(HANDLE, got, max, &size), SOLO5_R_OK);
    ck_assert_uint_eq(size, len);
    ck_assert_mem_eq(got, sent, len);
}

/* Frames of each size of each MTU, in buffers that are short, as often as to go round. */
START_TEST(merges)
{
    for (size_t i = 0; i < COUNT(merging); i++) {
        size_t max = mtus[_i] + SOLO5_NET_HLEN, len, step = max / 97 + 1;
        open_merging(merging[i], mtus[_i]);
        ck_assert_int_eq(solo5_net_read(HANDLE, got, max, &len), SOLO5_R_AGAIN);
        for (len = SOLO5_NET_HLEN; len < max; len += step) {
            merge(len, 0);
            expect_frame(max, len);
        }
        merge(max, 0), expect_frame(max, max);
        ck_assert_int_eq(solo5_net_read(HANDLE, got, max, &len), SOLO5_R_AGAIN);
    }
}
END_TEST

/* As many as there is memory for, of which several are back at a time. */
START_TEST(merges_many)
{
    open_merging(merging[_i], 9000);
    ck_assert_uint_eq(virtio_ready(true), 0);
    for (unsigned i = 0; i < 25; i++)
        merge(9014, 0);
    struct fake_chain chain;
    for (unsigned i = 0; i < 3; i++)
        ck_assert(fake_next(&fake, RECEIVE, &chain));
    ck_assert(!fake_next(&fake, RECEIVE, &chain));
    ck_assert_uint_eq(virtio_ready(false), 1 << HANDLE);
    for (unsigned i = 0; i < 25; i++)
        expect_frame(9014, 9014);
}
END_TEST

/* One that is too long is passed over with all of its buffers; so is one without a header. */
START_TEST(merges_what_is_no_frame)
{
    struct fake_chain chain;
    size_t len;

    open_merging(merging[_i], 9000);
    ck_assert_int_eq(solo5_net_read(HANDLE, got, 9014, &len), SOLO5_R_AGAIN);
    for (unsigned i = 0; i < 100; i++) {
        merge(9015 + i * 100, 0);
        merge(i % 14, 0);
        ck_assert(fake_next(&fake, RECEIVE, &chain));
        memset((void *)chain.piece[0].addr, 0xff, 12);
        fake_return(&fake, RECEIVE, &chain, i % 12);
        merge(14 + i, 0);
        expect_frame(9014, 14 + i);
    }
}
END_TEST

static const struct {
    unsigned len, more;
    const char *said;
} counts[] = {
    {60, -1u, "it says that a packet is in no buffer"},
    {60, 1, "it returns a packet without all of its buffers"},
    {9000, 3, "it returns a packet without all of its buffers"},
    {60, 127, "it returns a packet without all of its buffers"},
    {60, 128, "it says that a packet is in more buffers than it has"},
    {60, 65534, "it says that a packet is in more buffers than it has"},
};

static void expect_lie(solo5_result_t call(void), const char *said)
{
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        call();
        ck_abort_msg("believed");
    }
    ck_assert_str_eq(fake_said, said);
}

static solo5_result_t read_one(void)
{
    size_t len;
    return solo5_net_read(HANDLE, got, 9014, &len);
}

START_TEST(counts_wrongly)
{
    for (size_t i = 0; i < COUNT(merging); i++) {
        open_merging(merging[i], 9000);
        ck_assert_int_eq(read_one(), SOLO5_R_AGAIN);
        merge(counts[_i].len, counts[_i].more);
        expect_lie(read_one, counts[_i].said);
    }
}
END_TEST

/* A length beyond a buffer, in the first and in another. */
START_TEST(merges_more_than_there_is_room_for)
{
    struct fake_chain chains[2];

    open_merging(merging[1], 9000);
    ck_assert_int_eq(read_one(), SOLO5_R_AGAIN);
    for (int i = 0; i < 2; i++)
        ck_assert(fake_next(&fake, RECEIVE, &chains[i]));
    ((struct solo5_net_hdr *)chains[0].piece[0].addr)->num_buffers = 2;
    for (int i = 0; i < 2; i++)
        fake_return(&fake, RECEIVE, &chains[i], chains[i].piece[0].len + (i == _i));
    expect_lie(read_one, "it says that it has written more than there is room for");
}
END_TEST

/* What is posted holds the largest frame: a packet that is longer comes as buffers with nothing. */
static uint8_t buffers[8][FRAME];
static struct solo5_segment segments[8];

static void post_eight(void)
{
    size_t count;
    for (uint64_t i = 0; i < 8; i++) {
        segments[i] = (struct solo5_segment){buffers[i], FRAME};
        struct solo5_packet buffer = {.segments = &segments[i], .segment_count = 1, .cookie = i};
        ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
    }
}

static void return_posted(uint32_t len, uint16_t count)
{
    struct fake_chain chain;
    ck_assert(fake_next(&fake, RECEIVE, &chain));
    ck_assert_uint_eq(chain.piece[0].len, 12);
    ((struct solo5_net_hdr *)chain.piece[0].addr)->num_buffers = count;
    fake_return(&fake, RECEIVE, &chain, len);
}

START_TEST(posts)
{
    static const uint32_t expected[8] = {60, 0, 0, 0, FRAME, 0, 0, 60};
    struct solo5_received received[8];
    size_t count, at = 0;

    open_merging(merging[_i], 1500);
    post_eight();
    return_posted(72, 1);
    return_posted(FRAME + 12, 3);
    return_posted(FRAME + 12, 0xffff);
    return_posted(40, 0);
    return_posted(FRAME + 12, 1);
    return_posted(FRAME + 12, 2);
    return_posted(1, 0);
    return_posted(72, 1);
    while (solo5_net_receive(HANDLE, received, 3, &count) == SOLO5_R_OK)
        for (size_t i = 0; i < count; i++, at++) {
            ck_assert_uint_eq(received[i].cookie, at);
            ck_assert_uint_eq(received[i].len, expected[at]);
        }
    ck_assert_uint_eq(at, 8);
}
END_TEST

static solo5_result_t receive_one(void)
{
    struct solo5_received received;
    size_t count;
    return solo5_net_receive(HANDLE, &received, 1, &count);
}

START_TEST(posts_to_a_liar)
{
    open_merging(merging[_i % COUNT(merging)], 1500);
    post_eight();
    return_posted(72, _i < (int)COUNT(merging) ? 0 : 9);
    expect_lie(receive_one, _i < (int)COUNT(merging)
                                ? "it says that a packet is in no buffer"
                                : "it says that a packet is in more buffers than it has");
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

    tc = tcase_create("mergeable");
    tcase_add_loop_test(tc, merges, 0, COUNT(mtus));
    tcase_add_loop_test(tc, merges_many, 0, COUNT(merging));
    tcase_add_loop_test(tc, merges_what_is_no_frame, 0, COUNT(merging));
    tcase_add_loop_test(tc, counts_wrongly, 0, COUNT(counts));
    tcase_add_loop_test(tc, merges_more_than_there_is_room_for, 0, 2);
    tcase_add_loop_test(tc, posts, 0, COUNT(merging));
    tcase_add_loop_test(tc, posts_to_a_liar, 0, 2 * COUNT(merging));
    suite_add_tcase(suite, tc);
    return suite;
}
