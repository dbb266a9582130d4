/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-usernet's look at frames: what it reads in them, what a restricted guest may send, and the
 * dialogue that finds out whether a port answers.
 */
#include <stdbool.h>
#include <string.h>

#include "frame.h"
#include "guard.h"
#include "probe.h"
#include "unit.h"

#define HOST  0x0a000202u
#define GUEST 0x0a00020fu
#define PEER  0xc0000209u
#define MS    1000000ull

static const struct frame_end host_end = {{0x52, 0x55, 10, 0, 2, 2}, HOST, 1};
static const struct frame_end guest_end = {{2, 0, 0, 0, 0, 1}, GUEST, 80};

/* frame.c */

START_TEST(arp_built_and_read)
{
    static const uint8_t expected[FRAME_ARP_LEN] = {
        255, 255,  255,  255, 255, 255, 0x52, 0x55, 10, 0, 2, 2, 8, 6, 0, 1, 8, 0,  6, 4, 0,
        1,   0x52, 0x55, 10,  0,   2,   2,    10,   0,  2, 2, 0, 0, 0, 0, 0, 0, 10, 0, 2, 15,
    };
    uint8_t data[FRAME_ARP_LEN];
    struct frame frame;

    frame_build_arp(data, &host_end, GUEST);
    ck_assert_mem_eq(data, expected, sizeof data);
    frame_parse(data, sizeof data, &frame);
    ck_assert_int_eq(frame.kind, FRAME_ARP);
    ck_assert_uint_eq(frame.arp_op, ARP_REQUEST);
    ck_assert_uint_eq(frame.src, HOST);
    ck_assert_uint_eq(frame.dst, GUEST);
    ck_assert_mem_eq(frame.src_mac, host_end.mac, MAC_LEN);

    frame_parse(data, sizeof data - 1, &frame);
    ck_assert_int_eq(frame.kind, FRAME_OTHER);
    data[FRAME_ETH_LEN + 4] = 8; /* not an Ethernet address */
    frame_parse(data, sizeof data, &frame);
    ck_assert_int_eq(frame.kind, FRAME_OTHER);
}
END_TEST

/* RFC 1071: a sum over data with its own sum in it is 0xffff. */
static uint32_t folded_sum(const uint8_t *data, size_t len, uint32_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

START_TEST(tcp_built_and_read)
{
    uint8_t data[FRAME_TCP_LEN];
    struct frame frame;

    for (uint32_t seq = 1; seq != 0; seq <<= 1) {
        frame_build_tcp(data, &host_end, &guest_end, TCP_SYN, seq);
        ck_assert_uint_eq(folded_sum(data + 14, 20, 0), 0xffff);
        ck_assert_uint_eq(folded_sum(data + 34, 24, folded_sum(data + 26, 8, 6 + 24)), 0xffff);
        frame_parse(data, sizeof data, &frame);
        ck_assert_int_eq(frame.kind, FRAME_IPV4_TCP);
        ck_assert_uint_eq(frame.src, HOST);
        ck_assert_uint_eq(frame.dst, GUEST);
        ck_assert_uint_eq(frame.src_port, 1);
        ck_assert_uint_eq(frame.dst_port, 80);
        ck_assert_uint_eq(frame.tcp_flags, TCP_SYN);
        ck_assert_uint_eq(frame.tcp_seq, seq);
        ck_assert_uint_eq(frame.tcp_ack, 0);
    }
    ck_assert_mem_eq(data, guest_end.mac, MAC_LEN);
    ck_assert_mem_eq(data + MAC_LEN, host_end.mac, MAC_LEN);
}
END_TEST

START_TEST(frames_cut_short)
{
    uint8_t data[FRAME_TCP_LEN];
    struct frame frame;

    frame_build_tcp(data, &host_end, &guest_end, TCP_SYN, 1);
    for (size_t len = 0; len < sizeof data; len++) {
        enum frame_kind expected = len < 34 ? FRAME_OTHER : len < 54 ? FRAME_IPV4 : FRAME_IPV4_TCP;

        frame_parse(data, len, &frame);
        ck_assert_int_eq(frame.kind, expected);
    }
}
END_TEST

START_TEST(frames_malformed)
{
    static const struct {
        size_t at;
        uint8_t value;
        enum frame_kind kind;
    } changes[] = {
        {12, 0x86, FRAME_OTHER},    /* another Ethernet type */
        {14, 0x65, FRAME_OTHER},    /* IPv6 where IPv4 is said */
        {14, 0x44, FRAME_OTHER},    /* a header shorter than a header */
        {14, 0x4f, FRAME_OTHER},    /* one longer than the packet */
        {20, 0x20, FRAME_OTHER},    /* a first fragment */
        {20, 0x01, FRAME_OTHER},    /* a later one */
        {21, 0x01, FRAME_OTHER},    /* a later one */
        {20, 0x80, FRAME_OTHER},    /* the reserved flag */
        {20, 0x40, FRAME_IPV4_TCP}, /* not to be fragmented: whole */
        {23, 1, FRAME_IPV4},        /* ICMP */
        {23, 17, FRAME_IPV4_UDP},   /* UDP */
    };

    for (size_t i = 0; i < COUNT(changes); i++) {
        uint8_t data[FRAME_TCP_LEN];
        struct frame frame;

        frame_build_tcp(data, &host_end, &guest_end, TCP_SYN, 1);
        data[changes[i].at] = changes[i].value;
        frame_parse(data, sizeof data, &frame);
        ck_assert_msg(frame.kind == changes[i].kind, "change %zu: kind %d", i, (int)frame.kind);
    }
}
END_TEST

START_TEST(ports_behind_options)
{
    uint8_t data[FRAME_TCP_LEN + 4];
    uint8_t plain[FRAME_TCP_LEN];
    struct frame frame;

    frame_build_tcp(plain, &host_end, &guest_end, TCP_SYN, 1);
    memcpy(data, plain, 34);
    memset(data + 34, 1, 4);
    memcpy(data + 38, plain + 34, sizeof plain - 34);
    data[14] = 0x46;
    frame_parse(data, sizeof data, &frame);
    ck_assert_int_eq(frame.kind, FRAME_IPV4_TCP);
    ck_assert_uint_eq(frame.dst_port, 80);
}
END_TEST

/* guard.c */

static struct frame udp_frame(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port)
{
    return (struct frame){.kind = FRAME_IPV4_UDP,
                          .protocol = 17,
                          .src = src,
                          .src_port = src_port,
                          .dst = dst,
                          .dst_port = dst_port};
}

START_TEST(guard_udp)
{
    static struct guard guard;
    struct frame question = udp_frame(PEER, 5000, GUEST, 53);
    struct frame answer = udp_frame(GUEST, 53, PEER, 5000);
    struct frame other_port = udp_frame(GUEST, 53, PEER, 5001);
    struct frame other_peer = udp_frame(GUEST, 53, PEER + 1, 5000);
    struct frame own_port = udp_frame(GUEST, 54, PEER, 5000);

    guard_init(&guard, HOST);
    ck_assert(!guard_allows(&guard, &answer, 0));
    guard_note(&guard, &question, 5);
    ck_assert(guard_allows(&guard, &answer, 5));
    ck_assert(guard_allows(&guard, &answer, 4 + GUARD_PEER_NS));
    ck_assert(!guard_allows(&guard, &answer, 5 + GUARD_PEER_NS));
    ck_assert(!guard_allows(&guard, &other_port, 5));
    ck_assert(!guard_allows(&guard, &other_peer, 5));
    ck_assert(!guard_allows(&guard, &own_port, 5));
    /* an empty place in the table is no peer 0.0.0.0:0 */
    ck_assert(!guard_allows(&guard, &(struct frame){.kind = FRAME_IPV4_UDP}, 0));
}
END_TEST

START_TEST(guard_dhcp)
{
    static struct guard guard;
    struct frame discover = udp_frame(0, 68, UINT32_MAX, 67);
    struct frame renew = udp_frame(GUEST, 68, HOST, 67);
    struct frame elsewhere = udp_frame(GUEST, 68, PEER, 67);
    struct frame offer = udp_frame(HOST, 67, UINT32_MAX, 68);
    struct frame as_answer = udp_frame(GUEST, 68, HOST, 69);

    guard_init(&guard, HOST);
    ck_assert(guard_allows(&guard, &discover, 0));
    ck_assert(guard_allows(&guard, &renew, 0));
    ck_assert(!guard_allows(&guard, &elsewhere, 0));
    guard_note(&guard, &offer, 0);
    ck_assert(!guard_allows(&guard, &as_answer, 0));
}
END_TEST

START_TEST(guard_others)
{
    static const struct {
        struct frame frame;
        bool allowed;
    } cases[] = {
        {{.kind = FRAME_ARP}, true},
        {{.kind = FRAME_OTHER}, false},
        {{.kind = FRAME_IPV4, .protocol = 1, .dst = HOST}, true},
        {{.kind = FRAME_IPV4, .protocol = 1, .dst = PEER}, false},
        {{.kind = FRAME_IPV4, .protocol = 47, .dst = HOST}, false},
        {{.kind = FRAME_IPV4, .protocol = 6, .dst = HOST}, false},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_SYN}, false},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_SYN | 0xc8}, false},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_SYN | TCP_ACK}, true},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_ACK}, true},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_FIN | TCP_ACK}, true},
        {{.kind = FRAME_IPV4_TCP, .dst = PEER, .tcp_flags = TCP_RST}, true},
    };
    static struct guard guard;

    guard_init(&guard, HOST);
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(guard_allows(&guard, &cases[i].frame, 0) == cases[i].allowed, "case %zu", i);
}
END_TEST

/* probe.c */

struct sent {
    unsigned frames;
    struct frame last;
    unsigned answers;
    unsigned last_id;
    unsigned silent;
};

static void on_send(void *context, const uint8_t *data, size_t len)
{
    struct sent *sent = context;

    sent->frames++;
    frame_parse(data, len, &sent->last);
}

static void on_answered(void *context, unsigned id)
{
    struct sent *sent = context;

    sent->answers++;
    sent->last_id = id;
}

static void on_silent(void *context, unsigned id)
{
    struct sent *sent = context;

    sent->silent++;
    sent->last_id = id;
}

static const struct probe_calls calls = {on_send, on_answered, on_silent};

static const struct frame guest_arp = {
    .kind = FRAME_ARP, .src_mac = {2, 0, 0, 0, 0, 1}, .arp_op = ARP_REPLY, .src = GUEST};

static struct frame guest_tcp(uint16_t port, uint16_t to, uint8_t flags, uint32_t ack)
{
    return (struct frame){.kind = FRAME_IPV4_TCP,
                          .src = GUEST,
                          .dst = HOST,
                          .src_port = port,
                          .dst_port = to,
                          .tcp_flags = flags,
                          .tcp_ack = ack};
}

START_TEST(probe_dialogue)
{
    struct sent sent = {0};
    struct probe probe;
    struct frame reply;

    probe_init(&probe, HOST, GUEST, 0, &calls, &sent);
    ck_assert(probe_due(&probe) == PROBE_NEVER);
    probe_add(&probe, 80, 7);

    /* asks for the guest, more and more seldom */
    ck_assert_uint_eq(probe_due(&probe), 0);
    probe_run(&probe, 0);
    ck_assert_uint_eq(sent.frames, 1);
    ck_assert_int_eq(sent.last.kind, FRAME_ARP);
    ck_assert_uint_eq(sent.last.dst, GUEST);
    ck_assert_uint_eq(probe_due(&probe), 20 * MS);
    probe_run(&probe, 19 * MS);
    ck_assert_uint_eq(sent.frames, 1);
    probe_run(&probe, 20 * MS);
    ck_assert_uint_eq(sent.frames, 2);
    ck_assert_uint_eq(probe_due(&probe), 60 * MS);

    /* as soon as the guest is heard from its address, asks for the port */
    ck_assert(!probe_input(&probe, &guest_arp, 30 * MS));
    probe_run(&probe, 30 * MS);
    ck_assert_int_eq(sent.last.kind, FRAME_IPV4_TCP);
    ck_assert_uint_eq(sent.last.tcp_flags, TCP_SYN);
    ck_assert_uint_eq(sent.last.dst_port, 80);

    /* not open yet: the RST is taken, and the next attempt has its time */
    reply = guest_tcp(80, 1, TCP_RST | TCP_ACK, sent.last.tcp_seq + 1);
    ck_assert(probe_input(&probe, &reply, 31 * MS));
    ck_assert_uint_eq(sent.answers, 0);
    ck_assert_uint_eq(probe_due(&probe), 50 * MS);
    probe_run(&probe, 50 * MS);
    ck_assert_uint_eq(sent.frames, 4);

    /* open: told once, and the guest's connection ends where it began */
    reply = guest_tcp(80, 1, TCP_SYN | TCP_ACK, sent.last.tcp_seq + 1);
    ck_assert(probe_input(&probe, &reply, 51 * MS));
    ck_assert_uint_eq(sent.answers, 1);
    ck_assert_uint_eq(sent.last_id, 7);
    ck_assert_uint_eq(sent.last.tcp_flags, TCP_RST);
    ck_assert_uint_eq(sent.last.tcp_seq, reply.tcp_ack);
    ck_assert(probe_due(&probe) == PROBE_NEVER);
    ck_assert(probe_input(&probe, &reply, 52 * MS));
    ck_assert_uint_eq(sent.answers, 1);
    ck_assert_uint_eq(sent.frames, 6);
}
END_TEST

START_TEST(probe_real_connection)
{
    struct sent sent = {0};
    struct probe probe;
    struct frame reply = guest_tcp(80, 40000, TCP_SYN | TCP_ACK, 1);

    probe_init(&probe, HOST, GUEST, 0, &calls, &sent);
    probe_add(&probe, 80, 1);
    probe_add(&probe, 80, 2);
    probe_add(&probe, 81, 3);
    ck_assert(!probe_input(&probe, &reply, 0));
    ck_assert_uint_eq(sent.answers, 2);
    ck_assert_uint_eq(sent.frames, 0);
    ck_assert(probe_due(&probe) != PROBE_NEVER);
}
END_TEST

START_TEST(probe_is_not_misled)
{
    struct sent sent = {0};
    struct probe probe;
    struct frame frames[] = {
        guest_tcp(80, 1, TCP_ACK, 1),
        guest_tcp(80, 1, TCP_SYN, 1),
        guest_tcp(81, 1, TCP_SYN | TCP_ACK, 1),
        guest_tcp(80, 1, TCP_SYN | TCP_ACK, 1),
    };

    frames[3].src = GUEST + 1;
    probe_init(&probe, HOST, GUEST, 0, &calls, &sent);
    probe_add(&probe, 80, 1);
    for (size_t i = 0; i < COUNT(frames); i++)
        probe_input(&probe, &frames[i], 0);
    ck_assert_uint_eq(sent.answers, 0);
}
END_TEST

START_TEST(probe_gives_up)
{
    struct sent sent = {0};
    struct probe probe;
    uint64_t due;

    probe_init(&probe, HOST, GUEST, 5, &calls, &sent);
    probe_add(&probe, 80, 1);
    while ((due = probe_due(&probe)) != PROBE_NEVER) {
        ck_assert_uint_lt(due, 5 + PROBE_PATIENCE_NS);
        probe_run(&probe, due);
        ck_assert_uint_lt(sent.frames, 100);
    }
    ck_assert_uint_gt(sent.frames, 60);
    /* but a real connection still counts */
    ck_assert(!probe_input(&probe,
                           &(struct frame){.kind = FRAME_IPV4_TCP,
                                           .src = GUEST,
                                           .dst = PEER,
                                           .src_port = 80,
                                           .dst_port = 9,
                                           .tcp_flags = TCP_SYN | TCP_ACK},
                           PROBE_PATIENCE_NS * 2));
    ck_assert_uint_eq(sent.answers, 1);
}
END_TEST

START_TEST(probe_tells_of_silence)
{
    struct sent sent = {0};
    struct probe probe;
    uint64_t due;
    struct frame reply = guest_tcp(80, 40000, TCP_SYN | TCP_ACK, 1);

    probe_init(&probe, HOST, GUEST, 5, &calls, &sent);
    probe_add(&probe, 80, 1);
    probe_add(&probe, 81, 2);
    probe_input(&probe, &reply, 5);
    while ((due = probe_due(&probe)) < 5 + PROBE_SILENT_NS) {
        probe_run(&probe, due);
        ck_assert_uint_eq(sent.silent, 0);
    }
    ck_assert_uint_le(due, 5 + PROBE_SILENT_NS + PROBE_PAUSE_MAX);
    for (; due != PROBE_NEVER; due = probe_due(&probe)) {
        probe_run(&probe, due);
        ck_assert_uint_eq(sent.silent, 1);
        ck_assert_uint_eq(sent.last_id, 2);
    }
}
END_TEST

START_TEST(probe_has_room_for_so_many)
{
    struct sent sent = {0};
    struct probe probe;

    probe_init(&probe, HOST, GUEST, 0, &calls, &sent);
    for (unsigned i = 0; i < PROBE_PORTS + 3; i++)
        probe_add(&probe, (uint16_t)(1000 + i), i);
    probe_input(&probe, &guest_arp, 0);
    probe_run(&probe, 0);
    ck_assert_uint_eq(sent.frames, PROBE_PORTS);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("usernet_frame");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, arp_built_and_read);
    tcase_add_test(tests, tcp_built_and_read);
    tcase_add_test(tests, frames_cut_short);
    tcase_add_test(tests, frames_malformed);
    tcase_add_test(tests, ports_behind_options);
    tcase_add_test(tests, guard_udp);
    tcase_add_test(tests, guard_dhcp);
    tcase_add_test(tests, guard_others);
    tcase_add_test(tests, probe_dialogue);
    tcase_add_test(tests, probe_real_connection);
    tcase_add_test(tests, probe_is_not_misled);
    tcase_add_test(tests, probe_gives_up);
    tcase_add_test(tests, probe_tells_of_silence);
    tcase_add_test(tests, probe_has_room_for_so_many);
    suite_add_tcase(suite, tests);
    return suite;
}
