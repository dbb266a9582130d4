/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver of networks, by the calls of solo5_io.h and solo5.h, over a device of this process.
 */
#include <check.h>
#include <string.h>

#include "bindings.h"
#include "unit.h"
#include "virtio_fake.h"

/* virtio 1.2, 5.1.3. */
#define CSUM       FAKE_BIT(0)
#define GUEST_CSUM FAKE_BIT(1)
#define MTU        FAKE_BIT(3)
#define MAC        FAKE_BIT(5)
#define GUEST_TSO4 FAKE_BIT(7)
#define HOST_TSO4  FAKE_BIT(11)
#define HOST_ECN   FAKE_BIT(13)
#define STATUS     FAKE_BIT(16)
#define VERSION_1  FAKE_BIT(VIRTIO_F_VERSION_1)
#define RINGS      (FAKE_BIT(VIRTIO_F_EVENT_IDX) | FAKE_BIT(VIRTIO_F_INDIRECT_DESC))
#define PACKED     FAKE_BIT(VIRTIO_F_RING_PACKED)
#define OFFLOAD    (CSUM | GUEST_CSUM | GUEST_TSO4 | HOST_TSO4)
#define RECEIVE    0
#define SEND       1
#define HANDLE     1
#define FRAME      1514

SOLO5_WANTS_NET_OFFLOAD;

static struct fake fake;
static struct fake_chain chain, other_chain;
static uint8_t data[70000], other[70000];

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

static bool open_with(uint64_t features)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, features);
    fake_config(&fake, 0, 0xaa0000000002, 6);
    fake_config(&fake, 6, 1, 2);
    fake_config(&fake, 10, 1500, 2);
    return virtio_net_open(&fake.dev);
}

static void open_net(uint64_t features)
{
    solo5_handle_t handle;
    struct solo5_net_info info;

    ck_assert(open_with(features));
    fake_attach(&fake);
    ck_assert_int_eq(solo5_net_acquire("device", &handle, &info), SOLO5_R_OK);
    ck_assert_uint_eq(handle, HANDLE);
    ck_assert_uint_eq(info.mtu, 1500);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
}

static const uint64_t kinds[] = {
    0,
    RINGS,
    MAC | MTU | STATUS | VERSION_1 | RINGS,
    MAC | MTU | STATUS | VERSION_1 | RINGS | OFFLOAD,
    MAC | MTU | STATUS | VERSION_1 | RINGS | OFFLOAD | PACKED,
};

static struct solo5_packet packet(const struct solo5_segment *segments, uint32_t count,
                                  uint64_t cookie)
{
    return (struct solo5_packet){.segments = segments, .segment_count = count, .cookie = cookie};
}

static size_t header_of_chain(void)
{
    ck_assert_uint_eq(chain.piece[0].len, fake.dev.legacy ? 10 : 12);
    return chain.piece[0].len;
}

START_TEST(sends)
{
    const struct solo5_segment segments[] = {{data, 14}, {data + 100, 1000}, {data + 2000, 5}};
    uint64_t cookies[8];
    size_t count;

    open_net(kinds[_i]);
    for (uint32_t n = 1; n <= 3; n++) {
        struct solo5_packet one = packet(segments, n, 40 + n);
        ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
        ck_assert(fake_next(&fake, SEND, &chain));
        ck_assert_uint_eq(chain.count, n + 1);
        header_of_chain();
        for (unsigned i = 0; i < n; i++) {
            ck_assert_uint_eq(chain.piece[i + 1].addr, (uint64_t)segments[i].base);
            ck_assert_uint_eq(chain.piece[i + 1].len, segments[i].len);
            ck_assert_uint_eq(chain.piece[i + 1].flags, 0);
        }
        ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 8), 0);
        fake_return(&fake, SEND, &chain, 0);
        ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 8), 1);
        ck_assert_uint_eq(cookies[0], 40 + n);
    }
}
END_TEST

/* What was sent comes back in order, whatever the device's. Lengths do not matter. */
START_TEST(reclaims_in_order)
{
    const struct solo5_segment segment = {data, 60};
    struct fake_chain chains[20];
    uint64_t cookies[20];
    size_t count;

    open_net(kinds[_i]);
    for (uint64_t i = 0; i < 20; i++) {
        struct solo5_packet one = packet(&segment, 1, i);
        ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
        ck_assert(fake_next(&fake, SEND, &chains[i]));
    }
    for (unsigned i = 19; i > 0; i--)
        fake_return(&fake, SEND, &chains[i], 100000);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 20), 0);
    fake_return(&fake, SEND, &chains[0], 0);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 20), 20);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_uint_eq(cookies[i], i);
}
END_TEST

/* The id of a chain that is back is another's, long before the packet's turn to be reclaimed. */
START_TEST(reuses_ids)
{
    const struct solo5_segment segment = {data, 60};
    struct fake_chain first;
    size_t count, depth;
    uint64_t cookies[256];

    open_net(kinds[_i]);
    depth = solo5_net_depth(HANDLE);
    for (uint64_t i = 0; i < depth; i++) {
        struct solo5_packet one = packet(&segment, 1, i);
        ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
        ck_assert(fake_next(&fake, SEND, i == 0 ? &first : &chain));
        if (i != 0)
            fake_return(&fake, SEND, &chain, 0);
        ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 1), 0);
    }
    struct solo5_packet more = packet(&segment, 1, depth);
    ck_assert_int_eq(solo5_net_send(HANDLE, &more, 1, &count), SOLO5_R_AGAIN);
    fake_return(&fake, SEND, &first, 0);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 256), depth);
    for (uint64_t i = 0; i < depth; i++)
        ck_assert_uint_eq(cookies[i], i);
}
END_TEST

START_TEST(sends_up_to_its_depth)
{
    const struct solo5_segment segments[4] = {{data, 14}, {data, 1}, {data, 2}, {data, 43}};
    size_t depth, count;
    uint64_t cookie;

    open_net(kinds[_i]);
    depth = solo5_net_depth(HANDLE);
    ck_assert_uint_eq(depth, VIRTIO_HAS(fake.dev.features, VIRTIO_F_INDIRECT_DESC) ? 128 : 51);
    struct solo5_packet one = packet(segments, 4, 0);
    for (size_t i = 0; i < depth; i++)
        ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_AGAIN);
    ck_assert_uint_eq(virtio_ready(true), 0);
    ck_assert(fake_next(&fake, SEND, &chain));
    fake_return(&fake, SEND, &chain, 0);
    ck_assert(fake_wants_interrupt(&fake, SEND));
    ck_assert_uint_eq(virtio_ready(false), 1 << HANDLE);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, &cookie, 1), 1);
    ck_assert_uint_eq(virtio_ready(false), 0);
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
}
END_TEST

START_TEST(receives)
{
    const struct solo5_segment segments[] = {{data, 100}, {data + 100, sizeof data - 100}};
    struct solo5_packet buffer = packet(segments, 2, 77);
    struct solo5_received received[4];
    struct solo5_net_hdr *hdr;
    size_t count, header;

    open_net(kinds[_i]);
    ck_assert_int_eq(solo5_net_receive(HANDLE, received, 4, &count), SOLO5_R_AGAIN);
    for (uint32_t len = 0; len < 3000; len += 123) {
        ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
        ck_assert(fake_next(&fake, RECEIVE, &chain));
        ck_assert_uint_eq(chain.count, 3);
        header = header_of_chain();
        for (unsigned i = 0; i < 3; i++)
            ck_assert_uint_eq(chain.piece[i].flags, VQ_DESC_WRITE);
        hdr = (struct solo5_net_hdr *)chain.piece[0].addr;
        hdr->flags = SOLO5_NET_HDR_DATA_VALID;
        ck_assert_int_eq(solo5_net_receive(HANDLE, received, 4, &count), SOLO5_R_AGAIN);
        fake_return(&fake, RECEIVE, &chain, len == 0 ? 0 : (uint32_t)header + len);
        ck_assert_uint_eq(virtio_ready(false), 1 << HANDLE);
        ck_assert_int_eq(solo5_net_receive(HANDLE, received, 4, &count), SOLO5_R_OK);
        ck_assert_uint_eq(count, 1);
        ck_assert_uint_eq(received[0].len, len);
        ck_assert_uint_eq(received[0].cookie, 77);
        /* A header is handed on only when there is anything in it by agreement. */
        ck_assert_uint_eq(received[0].hdr.flags, solo5_net_features(HANDLE) != 0 ? 2 : 0);
    }
}
END_TEST

static const struct {
    uint64_t offered, features;
    size_t frame_max;
} offloads[] = {
    {0, 0, FRAME},
    {OFFLOAD,
     1 << SOLO5_NET_CSUM_OUT | 1 << SOLO5_NET_TSO4_OUT | 1 << SOLO5_NET_CSUM_IN |
         1 << SOLO5_NET_TSO4_IN,
     65549},
    {GUEST_TSO4 | HOST_TSO4, 0, FRAME}, /* which need checksums */
};

START_TEST(tells_offload)
{
    open_net(VERSION_1 | RINGS | offloads[_i].offered);
    ck_assert_uint_eq(solo5_net_features(HANDLE), offloads[_i].features);
    ck_assert_uint_eq(solo5_net_frame_max(HANDLE), offloads[_i].frame_max);
}
END_TEST

/* A device that does not know of congestion marks does not hear of them. */
START_TEST(strips_marks)
{
    const struct solo5_segment segment = {data, 3000};
    struct solo5_packet one = packet(&segment, 1, 0);
    size_t count;

    one.hdr = (struct solo5_net_hdr){.flags = SOLO5_NET_HDR_NEEDS_CSUM,
                                     .gso_type = SOLO5_NET_GSO_TCPV4 | SOLO5_NET_GSO_ECN,
                                     .gso_size = 1000,
                                     .csum_start = 34,
                                     .csum_offset = 16};
    open_net(VERSION_1 | RINGS | OFFLOAD | (_i ? HOST_ECN : 0));
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert(fake_next(&fake, SEND, &chain));
    const struct solo5_net_hdr *hdr = (const struct solo5_net_hdr *)chain.piece[0].addr;
    ck_assert_uint_eq(hdr->gso_type, SOLO5_NET_GSO_TCPV4 | (_i ? SOLO5_NET_GSO_ECN : 0));
    ck_assert_uint_eq(hdr->gso_size, 1000);
}
END_TEST

START_TEST(says_more_than_there_is_room_for)
{
    const struct solo5_segment segment = {data, sizeof data};
    struct solo5_packet buffer = packet(&segment, 1, 0);
    struct solo5_received received;
    size_t count;

    open_net(VERSION_1 | RINGS | (_i ? PACKED : 0));
    ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
    ck_assert(fake_next(&fake, RECEIVE, &chain));
    fake_return(&fake, RECEIVE, &chain, sizeof data + 12 + 1);
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        solo5_net_receive(HANDLE, &received, 1, &count);
        ck_abort_msg("believed");
    }
}
END_TEST

/* Everything comes back, after a reset: what was sent, and what was posted; nothing works any more;
 * nobody waits. */
START_TEST(fails)
{
    const struct solo5_segment segment = {data, 60}, large = {data, sizeof data};
    struct solo5_packet one = packet(&segment, 1, 5), buffer = packet(&large, 1, 6);
    struct solo5_received received;
    uint64_t cookies[4];
    size_t count;

    open_net(kinds[_i]);
    ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    virtio_fail(&fake.dev, "it is gone");
    ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
    ck_assert_uint_eq(fake.resets, 0);
    ck_assert_int_eq(solo5_net_receive(HANDLE, &received, 1, &count), SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(fake.resets, 1);
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_EUNSPEC);
    ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 4), 1);
    ck_assert_uint_eq(cookies[0], 5);
    ck_assert_uint_eq(fake.resets, 1);
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, cookies, 4), 0);
    ck_assert_uint_eq(virtio_ready(true), 0);
}
END_TEST

/* What a device may still write to is not given back. */
START_TEST(fails_and_is_not_reset)
{
    const struct solo5_segment segment = {data, 60}, large = {data, sizeof data};
    struct solo5_packet one = packet(&segment, 1, 5), buffer = packet(&large, 1, 6);
    struct solo5_received received;
    uint64_t cookie;
    size_t count;

    open_net(kinds[_i / 2]);
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert_int_eq(solo5_net_post(HANDLE, &buffer, 1, &count), SOLO5_R_OK);
    virtio_fail(&fake.dev, "it is stuck");
    fake.refuses_reset = true;
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        if (_i & 1)
            solo5_net_reclaim(HANDLE, &cookie, 1);
        else
            solo5_net_receive(HANDLE, &received, 1, &count);
        ck_abort_msg("memory that the device has was given back");
    }
    ck_assert_ptr_nonnull(strstr(fake_said, "does not come out of reset"));
}
END_TEST

START_TEST(tells_of_the_link)
{
    open_net(VERSION_1 | RINGS | STATUS);
    ck_assert_str_eq(fake_said, "");
    fake_config(&fake, 6, 0, 2);
    fake.dev.changed = true;
    virtio_ready(true);
    ck_assert_str_eq(fake_said, "virtio fake: the link is down");
    fake_config(&fake, 6, 1, 2);
    fake.dev.changed = true;
    virtio_ready(false);
    ck_assert_str_eq(fake_said, "virtio fake: the link is up");
    ck_assert(!fake.dev.changed);
}
END_TEST

/* ---- The control queue: 5.1.6.5 ------------------------------------------------------------- */

#define CONTROL  2
#define ANNOUNCE (STATUS | FAKE_BIT(17) | FAKE_BIT(21))

static void ask_to_announce(void)
{
    fake_config(&fake, 6, 3, 2);
    fake.dev.changed = true;
    virtio_ready(false);
}

/* A frame from its address to everybody; then the command. */
static void expect_announcement(void)
{
    static const uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0xaa, 0x80,
                                      0x35, 0,    1,    8,    0,    6,    4, 0, 3, 2, 0, 0,    0,
                                      0,    0xaa, 0,    0,    0,    0,    2, 0, 0, 0, 0, 0xaa};
    ck_assert(fake_next(&fake, SEND, &chain));
    ck_assert_uint_eq(chain.piece[1].len, sizeof frame);
    ck_assert_mem_eq((const void *)chain.piece[1].addr, frame, sizeof frame);
    fake_return(&fake, SEND, &chain, 0);
    ck_assert(fake_next(&fake, CONTROL, &chain));
    ck_assert_uint_eq(chain.count, 2);
    ck_assert_uint_eq(chain.piece[0].len, 2);
    ck_assert_mem_eq((const void *)chain.piece[0].addr, "\3\0", 2);
    ck_assert_uint_eq(chain.piece[1].len, 1);
    ck_assert_uint_eq(chain.piece[1].flags, VQ_DESC_WRITE);
    ck_assert(!fake_next(&fake, CONTROL, &other_chain));
}

START_TEST(announces)
{
    open_net(kinds[_i] | MAC | ANNOUNCE);
    fake_config(&fake, 0, 0xaa0000000002, 6);
    ck_assert(!fake_next(&fake, CONTROL, &chain));
    for (unsigned i = 1; i <= 300; i++) {
        ask_to_announce();
        expect_announcement();
        ck_assert_uint_eq(fake.queue[CONTROL].kicks, i);
        /* A device that has not done it yet asks in vain, and does not keep the program awake. */
        ask_to_announce();
        ck_assert(!fake_next(&fake, SEND, &other_chain));
        fake_return(&fake, CONTROL, &chain, 1);
        ck_assert_uint_eq(virtio_ready(true), 0);
    }
}
END_TEST

/* Nobody is told of a network that no program has acquired, nor without the features. */
START_TEST(does_not_announce)
{
    static const uint64_t features[] = {ANNOUNCE, STATUS | FAKE_BIT(17), STATUS | FAKE_BIT(21),
                                        FAKE_BIT(17) | FAKE_BIT(21)};
    ck_assert(open_with(VERSION_1 | features[_i]));
    fake_attach(&fake);
    ask_to_announce();
    ck_assert(!fake_next(&fake, SEND, &chain));
    ck_assert(fake_next(&fake, CONTROL, &chain) == (features[_i] == ANNOUNCE));
}
END_TEST

START_TEST(control_queue_lies)
{
    static const char *said[] = {"it says that it has written more than there is room for",
                                 "it returned a descriptor that it does not have"};
    open_net(kinds[2] | ANNOUNCE);
    ask_to_announce();
    ck_assert(fake_next(&fake, CONTROL, &chain));
    if (_i == 1)
        chain.id++;
    fake_return(&fake, CONTROL, &chain, 2);
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        ask_to_announce();
        ck_abort_msg("believed");
    }
    ck_assert_str_eq(fake_said, said[_i]);
}
END_TEST

/* A failed device is not asked anything; one that lacks the queue it speaks of is failed. */
START_TEST(control_queue_fails)
{
    open_net(kinds[2] | ANNOUNCE);
    virtio_fail(&fake.dev, "it is gone");
    ask_to_announce();
    ck_assert(!fake_next(&fake, CONTROL, &chain));
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, VERSION_1 | ANNOUNCE);
    fake.queues = CONTROL;
    ck_assert(!virtio_net_open(&fake.dev));
    ck_assert_str_eq(fake_said, "a queue is missing, or of a size that cannot be");
}
END_TEST

/* Mergeable buffers are of no use to buffers that hold every packet; num_buffers is 0 in what is
 * sent, 5.1.6.2.1. */
START_TEST(does_not_merge)
{
    const struct solo5_segment segment = {data, 60};
    struct solo5_packet one = packet(&segment, 1, 0);
    size_t count;

    open_net(VERSION_1 | FAKE_BIT(15));
    ck_assert(!VIRTIO_HAS(fake.dev.features, 15));
    one.hdr.num_buffers = 1;
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert(fake_next(&fake, SEND, &chain));
    ck_assert_uint_eq(((const struct solo5_net_hdr *)chain.piece[0].addr)->num_buffers, 0);
}
END_TEST

START_TEST(does_not_open)
{
    ck_assert(open_with(VERSION_1));
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, VERSION_1 | MTU);
    fake_config(&fake, 10, 67, 2);
    ck_assert(!virtio_net_open(&fake.dev));
    ck_assert_str_eq(fake_said, "its MTU is not 68 or more");
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, VERSION_1);
    fake.queue_max = 64;
    ck_assert(!virtio_net_open(&fake.dev));
    ck_assert_str_eq(fake_said, "its queues are too short");
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_NET, VERSION_1);
    fake.refuses_start = true;
    ck_assert(!virtio_net_open(&fake.dev));
}
END_TEST

/* A packet across the gap in memory is in one piece more. */
START_TEST(crosses_the_gap)
{
    const struct solo5_segment segment = {data, 1000};
    struct solo5_packet one = packet(&segment, 1, 0);
    size_t count;

    open_net(VERSION_1 | RINGS);
    fake_gap = data + 400;
    ck_assert_int_eq(solo5_net_send(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert(fake_next(&fake, SEND, &chain));
    ck_assert_uint_eq(chain.count, 3);
    ck_assert_uint_eq(chain.piece[1].len, 400);
    ck_assert_uint_eq(chain.piece[2].addr, (uint64_t)data + 400 + FAKE_GAP_SHIFT);
    ck_assert_uint_eq(chain.piece[2].len, 600);
}
END_TEST

/* Segments that overlap can each lie across the gap: up to as many pieces as a chain may have. */
START_TEST(crosses_the_gap_often)
{
    struct solo5_segment segments[SOLO5_SEGMENTS_MAX];
    struct solo5_packet packets[2];
    size_t count;

    open_net(kinds[_i]);
    fake_gap = data + 400;
    for (unsigned i = 0; i < SOLO5_SEGMENTS_MAX; i++)
        segments[i] = (struct solo5_segment){data + 390 + i % 2 * 10, 20};
    packets[0] = packet(segments, 43, 0); /* 22 of them across: 65 pieces */
    packets[1] = packet(segments, 44, 1);
    segments[43].base = data + 390;
    ck_assert_int_eq(solo5_net_send(HANDLE, packets, 2, &count), SOLO5_R_EINVAL);
    ck_assert_uint_eq(count, 1);
    ck_assert(fake_next(&fake, SEND, &chain));
    ck_assert_uint_eq(chain.count, VQ_CHAIN_MAX);
    ck_assert_uint_eq(chain.piece[VQ_CHAIN_MAX - 1].len, 10);
    ck_assert(!fake_next(&fake, SEND, &chain));
    for (unsigned i = 0; i < SOLO5_SEGMENTS_MAX; i++)
        segments[i] = (struct solo5_segment){data + 390, sizeof data - 390};
    packets[1] = packet(segments, SOLO5_SEGMENTS_MAX, 2);
    ck_assert_int_eq(solo5_net_post(HANDLE, &packets[1], 1, &count), SOLO5_R_EINVAL);
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* solo5_net_write: the frame is copied, and the driver's own buffers come back by themselves. */
START_TEST(writes_whole_frames)
{
    uint64_t cookie;

    open_net(kinds[_i]);
    for (unsigned i = 0; i < 200; i++) {
        ck_assert_int_eq(solo5_net_write(HANDLE, data + i, 100), SOLO5_R_OK);
        ck_assert(fake_next(&fake, SEND, &chain));
        ck_assert_uint_eq(chain.count, 2);
        ck_assert_uint_eq(chain.piece[1].len, 100);
        ck_assert_mem_eq((const void *)chain.piece[1].addr, data + i, 100);
        fake_return(&fake, SEND, &chain, 0);
    }
    ck_assert_uint_eq(solo5_net_reclaim(HANDLE, &cookie, 1), 0);
    for (unsigned i = 0; i < 32; i++)
        ck_assert_int_eq(solo5_net_write(HANDLE, other, 60), SOLO5_R_OK);
    /* One that there is no room for is dropped. */
    ck_assert_int_eq(solo5_net_write(HANDLE, data, 60), SOLO5_R_OK);
    for (unsigned i = 0; i < 32; i++) {
        ck_assert(fake_next(&fake, SEND, &chain));
        ck_assert_mem_eq((const void *)chain.piece[1].addr, other, 60);
    }
    ck_assert(!fake_next(&fake, SEND, &chain));
}
END_TEST

/* A ring that is full of the program's packets drops a frame as well. */
START_TEST(writes_into_a_full_ring)
{
    const struct solo5_segment segment = {data, 60};
    struct solo5_packet one = packet(&segment, 1, 1);
    size_t count;

    open_net(kinds[_i]);
    while (solo5_net_send(HANDLE, &one, 1, &count) == SOLO5_R_OK)
        ;
    ck_assert_int_eq(solo5_net_write(HANDLE, other, 60), SOLO5_R_OK);
    while (fake_next(&fake, SEND, &chain))
        ck_assert_uint_eq(chain.piece[1].addr, (uint64_t)data);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_net");
    TCase *tc = tcase_create("virtio_net");

    tcase_add_loop_test(tc, sends, 0, COUNT(kinds));
    tcase_add_loop_test(tc, reclaims_in_order, 0, COUNT(kinds));
    tcase_add_loop_test(tc, reuses_ids, 0, COUNT(kinds));
    tcase_add_loop_test(tc, sends_up_to_its_depth, 0, COUNT(kinds));
    tcase_add_loop_test(tc, receives, 0, COUNT(kinds));
    tcase_add_loop_test(tc, tells_offload, 0, COUNT(offloads));
    tcase_add_loop_test(tc, strips_marks, 0, 2);
    tcase_add_loop_test(tc, says_more_than_there_is_room_for, 0, 2);
    tcase_add_loop_test(tc, fails, 0, COUNT(kinds));
    tcase_add_loop_test(tc, fails_and_is_not_reset, 0, 2 * COUNT(kinds));
    tcase_add_test(tc, tells_of_the_link);
    tcase_add_loop_test(tc, announces, 0, COUNT(kinds));
    tcase_add_loop_test(tc, does_not_announce, 0, 4);
    tcase_add_loop_test(tc, control_queue_lies, 0, 2);
    tcase_add_test(tc, control_queue_fails);
    tcase_add_test(tc, does_not_merge);
    tcase_add_test(tc, does_not_open);
    tcase_add_test(tc, crosses_the_gap);
    tcase_add_loop_test(tc, crosses_the_gap_often, 0, COUNT(kinds));
    tcase_add_loop_test(tc, writes_whole_frames, 0, COUNT(kinds));
    tcase_add_loop_test(tc, writes_into_a_full_ring, 0, COUNT(kinds));
    suite_add_tcase(suite, tc);
    return suite;
}
