/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What Xen's network driver says of a backend that lies, lie by lie; and that one which does not
 * gets through, as does one that comes after another. The other half of this is the fuzzers'.
 */
#include <check.h>
#include <string.h>

#include "fake.h"

#include <xen/io/blkif.h>

#include "netfront.h"
#include "unit.h"

static struct mft_entry entry;
static struct net *net;

static void open_net(void)
{
    fake_reset();
    fake_node("feature-rx-copy", "1");
    fake_node("feature-sg", "1");
    fake_node("feature-gso-tcpv4", "1");
    fake_node("device/x/0/mac", "02:00:00:00:00:0a");
    fake_device.driver = &netfront;
    grant_init(NET_GRANTS);
    ck_assert(netfront.set_up(&fake_device));
    ck_assert(netfront.start(&fake_device, &entry));
    net = fake_device.state;
}

/* One answer in the ring of what is received. */
static void arrives(uint16_t id, uint16_t offset, uint16_t flags, int16_t status)
{
    netif_rx_sring_t *ring = net->rx.ring;
    ring->ring[ring->rsp_prod++ % NET_RING].rsp =
        (struct netif_rx_response){id, offset, flags, status};
}

/* Reads; returns what was said of the backend. */
static const char *read_says(void)
{
    static uint8_t frame[2048];
    size_t size;
    if (setjmp(fake_end) == 0)
        net_rx_read(net, frame, 1514, &size);
    return fake_lie;
}

static const char *collect_says(void)
{
    if (setjmp(fake_end) == 0)
        net_tx_collect(net);
    return fake_lie;
}

START_TEST(test_receive)
{
    uint8_t frame[1514];
    size_t size = 0;
    open_net();
    ck_assert_uint_eq(entry.u.net_basic.mtu, 1500);
    ck_assert_uint_eq(entry.u.net_basic.mac[5], 10);
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_AGAIN);
    memset(net->rx.pages + 7, 0x33, 60);
    arrives(0, 7, 0, 60);
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_OK);
    ck_assert_uint_eq(size, 60);
    ck_assert_uint_eq(frame[59], 0x33);
    /* The backend's own errors, and frames that are none, are passed over. */
    arrives(1, 0, 0, NETIF_RSP_ERROR);
    arrives(2, 0, 0, 13);
    arrives(3, 0, NETRXF_more_data, 1000);
    arrives(4, 0, 0, 515);
    arrives(5, 0, NETRXF_more_data, 1000);
    arrives(6, 0, 0, 514);
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_OK);
    ck_assert_uint_eq(size, 1514);
    ck_assert_uint_eq(net->rx.ring->req_prod, NET_RING + 7);
    ck_assert_str_eq(fake_lie, "");
}
END_TEST

START_TEST(test_receive_lies)
{
    static const struct {
        uint16_t id, offset, flags;
        int16_t status;
        const char *text;
    } rows[] = {
        {1, 0, 0, 60, "dev0 answers a slot out of its place"},
        {0, 4096, 0, 1, "dev0 sends more than a page holds"},
        {0, 4000, 0, 97, "dev0 sends more than a page holds"},
        {0, 65535, 0, 60, "dev0 sends more than a page holds"},
        {0, 0, NETRXF_more_data, 60, "dev0 ends a packet in its middle"},
        {0, 0, NETRXF_extra_info, 60, "dev0 ends a packet in its middle"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_net();
        arrives(rows[i].id, rows[i].offset, rows[i].flags, rows[i].status);
        ck_assert_str_eq(read_says(), rows[i].text);
    }
    open_net();
    net->rx.ring->rsp_prod = NET_RING + 1;
    ck_assert_str_eq(read_says(), "dev0 answers more than was offered");
    open_net();
    arrives(0, 0, NETRXF_extra_info, 60);
    arrives(XEN_NETIF_EXTRA_TYPE_MAX, 0, 0, 0);
    ck_assert_str_eq(read_says(), "dev0 has something with a packet that there is not");
    open_net();
    arrives(0, 0, NETRXF_extra_info, 60);
    arrives(XEN_NETIF_EXTRA_TYPE_GSO, 0, 1, 0); /* a piece of no bytes */
    ck_assert_str_eq(read_says(), "dev0 wants a packet cut in a way that was not offered");
    open_net();
    for (uint16_t i = 0; i < 40; i++)
        arrives(i, 0, NETRXF_more_data, 10);
    ck_assert_str_eq(read_says(), "dev0 sends a packet in more pieces than any may have");
}
END_TEST

static void send_segments(const struct solo5_segment *segments, uint32_t count)
{
    struct solo5_packet packet = {.segment_count = count, .segments = segments, .cookie = 42};
    size_t sent;
    ck_assert_int_eq(net_tx_send(1, &entry, &packet, 1, &sent), SOLO5_R_OK);
    ck_assert_uint_eq(sent, 1);
}

static void send_one(void)
{
    struct solo5_segment segment = {fake_memory(60), 60};
    send_segments(&segment, 1);
}

static void answers(uint16_t id, int16_t status)
{
    netif_tx_sring_t *ring = net->tx.ring;
    ring->ring[ring->rsp_prod++ % NET_RING].rsp = (struct netif_tx_response){id, status};
}

START_TEST(test_send)
{
    uint64_t cookie = 0;
    open_net();
    send_one();
    struct netif_tx_request *request = &net->tx.ring->ring[0].req;
    ck_assert_uint_eq(request->size, 60);
    ck_assert_uint_eq(request->flags & NETTXF_extra_info, 0);
    ck_assert_ptr_nonnull(fake_granted(request->gref, false));
    ck_assert_ptr_null(fake_granted(request->gref, true));
    ck_assert_uint_eq(net_tx_reclaim(1, &cookie, 1), 0);
    uint32_t grant = request->gref;
    for (uint32_t left = net->tx.ring->req_prod, id; left != 0; left--) {
        id = net->tx.ring->ring[net->tx.ring->rsp_prod % NET_RING].req.id;
        answers((uint16_t)id, 0);
    }
    ck_assert_uint_eq(net_tx_reclaim(1, &cookie, 1), 1);
    ck_assert_uint_eq(cookie, 42);
    ck_assert_ptr_null(fake_granted(grant, false));
}
END_TEST

/* The first slot has the Ethernet header whole, wherever pages and segments end. */
START_TEST(test_send_first_slot)
{
    static const struct {
        size_t offset, first; /* in a page; of the first segment */
        uint32_t slots;
    } rows[] = {{0, 60, 1},    {4082, 60, 2}, {4083, 60, 1}, {4090, 60, 1},
                {4095, 60, 1}, {0, 14, 2},    {0, 13, 1},    {4090, 6, 1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_net();
        uint8_t *frame = (uint8_t *)fake_memory((size_t)2 * XEN_PAGE) + rows[i].offset;
        struct solo5_segment segments[] = {{frame, rows[i].first},
                                           {frame + rows[i].first, 60 - rows[i].first}};
        for (uint8_t at = 0; at < 60; at++)
            frame[at] = at;
        send_segments(segments, rows[i].first < 60 ? 2 : 1);
        ck_assert_uint_eq(net->tx.ring->req_prod, rows[i].slots);
        struct netif_tx_request *request = &net->tx.ring->ring[0].req;
        size_t later = rows[i].slots == 2 ? net->tx.ring->ring[1].req.size : 0;
        ck_assert_uint_eq(request->size, 60);
        const uint8_t *page = fake_granted(request->gref, false);
        ck_assert_ptr_nonnull(page);
        ck_assert_mem_eq(page + request->offset, frame, 60 - later);
    }
}
END_TEST

START_TEST(test_send_longest)
{
    open_net();
    uint8_t *frame = fake_memory((size_t)17 * XEN_PAGE);
    struct solo5_segment segment = {frame, XEN_NETIF_MAX_TX_SIZE};
    struct solo5_packet packet = {
        .hdr = {.flags = SOLO5_NET_HDR_NEEDS_CSUM,
                .gso_type = SOLO5_NET_GSO_TCPV4,
                .gso_size = 1000,
                .csum_start = 34,
                .csum_offset = 16},
        .segment_count = 1,
        .segments = &segment,
    };
    size_t sent;
    frame[12] = 8, frame[13] = 0, frame[14] = 0x45, frame[23] = 6; /* IPv4 with TCP */
    ck_assert_int_eq(net_tx_send(1, &entry, &packet, 1, &sent), SOLO5_R_OK);
    ck_assert_uint_eq(net->tx.ring->ring[0].req.size, XEN_NETIF_MAX_TX_SIZE);
    segment.len++;
    ck_assert_int_eq(net_tx_send(1, &entry, &packet, 1, &sent), SOLO5_R_EINVAL);
    ck_assert_uint_eq(sent, 0);
}
END_TEST

START_TEST(test_send_lies)
{
    open_net();
    send_one();
    answers(300, 0);
    ck_assert_str_eq(collect_says(), "dev0 answers a slot that was not sent");
    open_net();
    send_one();
    answers((uint16_t)(net->tx.ring->ring[0].req.id ^ 1), 0);
    ck_assert_str_eq(collect_says(), "dev0 answers a slot that was not sent");
    open_net();
    send_one();
    answers(net->tx.ring->ring[0].req.id, 7);
    ck_assert_str_eq(collect_says(), "dev0 answers with a status that there is not");
    open_net();
    send_one();
    answers(0, NETIF_RSP_NULL);
    ck_assert_str_eq(collect_says(), "dev0 answers a slot that was none");
    open_net();
    send_one();
    net->tx.ring->rsp_prod = 100;
    ck_assert_str_eq(collect_says(), "dev0 answers more than was sent");
    open_net();
    send_one();
    fake_use_grant(net->tx.ring->ring[0].req.gref);
    answers(net->tx.ring->ring[0].req.id, 0);
    ck_assert_str_eq(collect_says(), "dev0 says that it is done with a page, and has it still");
}
END_TEST

START_TEST(test_comes_back)
{
    uint8_t frame[1514];
    uint64_t cookies[4];
    size_t size;
    open_net();
    unsigned granted = grant_free_count();
    uint32_t ring = (uint32_t)fake_written("tx-ring-ref");
    send_one();
    ck_assert_uint_eq(grant_free_count(), granted - 1);
    arrives(0, 0, 0, 60);
    fake_device.lost = true;
    netfront.lost(&fake_device);
    ck_assert_uint_eq(grant_free_count(), granted);
    /* An unplugged cable: nothing arrives, what is sent is lost and comes back at once. */
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_AGAIN);
    send_one();
    ck_assert_uint_eq(net_tx_reclaim(1, cookies, 4), 2);
    ck_assert(netfront.finished(&fake_device));

    fake_device.domain = 5;
    ck_assert(netfront.set_up(&fake_device));
    fake_device.lost = false;
    ck_assert_uint_eq(fake_written("tx-ring-ref"), ring);
    ck_assert_uint_eq(grant_free_count(), granted);
    ck_assert_uint_eq(net->rx.ring->req_prod, NET_RING);
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_AGAIN);
    arrives(0, 0, 0, 60);
    ck_assert_int_eq(net_rx_read(net, frame, sizeof frame, &size), SOLO5_R_OK);
    send_one();
    ck_assert_uint_eq(net->tx.ring->req_prod, 1);
    answers(net->tx.ring->ring[0].req.id, 0);
    ck_assert_uint_eq(net_tx_reclaim(1, cookies, 4), 1);
    ck_assert_str_eq(fake_lie, "");
}
END_TEST

START_TEST(test_cannot_come_back)
{
    open_net();
    fake_device.lost = true;
    netfront.lost(&fake_device);
    fake_node("feature-sg", "0");
    ck_assert(!netfront.set_up(&fake_device)); /* can do less */
    fake_node("feature-sg", "1");
    fake_use_grant((uint32_t)fake_written("rx-ring-ref"));
    ck_assert(netfront.set_up(&fake_device)); /* the same domain has it */
    fake_device.domain = 5;
    ck_assert(!netfront.set_up(&fake_device)); /* another may not */
}
END_TEST

START_TEST(test_checksum)
{
    /* RFC 1071's example, in the place of a UDP packet's payload. */
    uint8_t frame[60] = {[12] = 8, [14] = 0x45, [23] = 17};
    static const uint8_t words[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    struct checksum checksum;
    memcpy(frame + 50, words, sizeof words);
    ck_assert(checksum_find(frame, sizeof frame, &checksum));
    ck_assert_uint_eq(checksum.start, 34);
    ck_assert_uint_eq(checksum.offset, 6);
    checksum_fill(frame, sizeof frame, checksum.start, checksum.offset);
    ck_assert_uint_eq(frame[40] << 8 | frame[41], 0xffff & ~0xddf2);
    frame[23] = 6;
    ck_assert(checksum_find(frame, 52, &checksum) && checksum.offset == 16);
    ck_assert(!checksum_find(frame, 51, &checksum));
    frame[14] = 0x44;
    ck_assert(!checksum_find(frame, sizeof frame, &checksum));
    frame[14] = 0x45, frame[12] = 0x88;
    ck_assert(!checksum_find(frame, sizeof frame, &checksum));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("xen_lies");
    TCase *tests = tcase_create("xen_lies");
    tcase_add_test(tests, test_receive);
    tcase_add_test(tests, test_receive_lies);
    tcase_add_test(tests, test_send);
    tcase_add_test(tests, test_send_first_slot);
    tcase_add_test(tests, test_send_longest);
    tcase_add_test(tests, test_send_lies);
    tcase_add_test(tests, test_comes_back);
    tcase_add_test(tests, test_cannot_come_back);
    tcase_add_test(tests, test_checksum);
    suite_add_tcase(suite, tests);
    return suite;
}
