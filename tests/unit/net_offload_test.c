/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network over a device that does part of the work: segments of many packets under loss and odd
 * acknowledgements, checksums that are completed elsewhere, headers that lie.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net.h"
#include "net_server.h"
#include "quintet.h"
#include "solo5_io.h"

#define BIT(n) (1ULL << (n))

static int listener;

static void setup_with(uint64_t features)
{
    net_fake.features = features;
    listener = server_open(128);
}

static void setup(void)
{
    setup_with(NET_FAKE_FEATURES);
}

static void teardown(void)
{
    net_fake.lend = 0;
    server_close(listener, 100, 500);
}

static uint8_t byte_at(uint32_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

static unsigned rnd(unsigned below)
{
    static uint32_t state = 2463534242;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

#define STREAM 200000

/* The other side of a stream: takes what comes, in any order, loses some. */
struct receiver {
    struct peer_tcp c;
    uint32_t base, got; /* got: bytes in sequence */
    bool have[STREAM + 1];
    unsigned loss;                    /* one in so many packets; 0: none */
    bool odd_acks, selective, closed; /* closed: with no window */
    unsigned mss;
    uint32_t high; /* the end of the highest that came */
};

static void send_ack(const struct receiver *r, uint32_t ack)
{
    struct packet p = peer_segment(&r->c, TCP_F_ACK);
    unsigned blocks = 0;

    p.ack = r->base + ack;
    p.closed = r->closed;
    for (uint32_t i = r->got + 1; r->selective && i < r->high && blocks < 3; i++) {
        uint8_t *edge = p.data + 4 + 8 * blocks;

        if (r->have[i] == r->have[i - 1])
            continue;
        if (r->have[i]) { /* a block begins; its end comes further up */
            uint32_t end = i;
            while (r->have[end])
                end++;
            for (int b = 0; b < 4; b++) {
                edge[b] = (uint8_t)((r->base + i) >> (24 - 8 * b));
                edge[4 + b] = (uint8_t)((r->base + end) >> (24 - 8 * b));
            }
            i = end;
            blocks++;
        }
    }
    if (blocks > 0) {
        memcpy(p.data, (const uint8_t[]){1, 1, 5, (uint8_t)(2 + 8 * blocks)}, 4);
        p.len = p.options_len = 4 + 8 * blocks;
    }
    peer_send(&p);
}

/* As peer_connect, with options. */
static void connect_with(struct receiver *r)
{
    const uint8_t options[] = {2, 4, (uint8_t)(r->mss >> 8), (uint8_t)r->mss, 1, 1, 4, 2};
    struct packet syn;
    const struct packet *p;

    r->c = (struct peer_tcp){.port = 1000, .dest_port = 80, .seq = 1000000};
    syn = peer_segment(&r->c, TCP_F_SYN);
    memcpy(syn.data, options, sizeof options);
    syn.len = syn.options_len = sizeof options;
    if (!r->selective)
        syn.data[6] = syn.data[7] = 1;
    peer_send(&syn);
    r->c.seq++;
    p = peer_next();
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->flags, TCP_F_SYN | TCP_F_ACK);
    r->c.ack = r->base = p->seq + 1;
    send_ack(r, 0);
    net_fake_turn();
}

static void receive_one(struct receiver *r, const struct packet *p)
{
    uint32_t at = p->seq - r->base, before = r->got;

    ck_assert_uint_le(p->len, r->mss);
    ck_assert((p->flags & TCP_F_ACK) != 0); /* what has none is ignored: RFC 9293, 3.10.7.4 */
    if (p->len == 0 || (r->loss > 0 && rnd(r->loss) == 0))
        return;
    for (uint32_t i = 0; i < p->len; i++) {
        ck_assert_uint_lt(at + i, STREAM);
        ck_assert_uint_eq(p->data[i], byte_at(at + i));
        r->have[at + i] = true;
    }
    if (at + p->len > r->high)
        r->high = at + (uint32_t)p->len;
    while (r->have[r->got])
        r->got++;
    if (r->odd_acks && r->got > before) /* in the middle of a packet */
        send_ack(r, before + rnd(r->got - before) + 1);
    if (!r->odd_acks || r->got == before || rnd(4) == 0)
        send_ack(r, r->got);
}

static void end_stream(struct receiver *r, int fd)
{
    net_fake_close(fd);
    peer_tcp(r->c.port, 80, r->c.seq, 0, TCP_F_RST, NULL, 0); /* wherever it is */
    peer_tcp(r->c.port, 80, r->c.seq, r->base + r->got + 1, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    peer_forget();
    free(r);
}

enum { ODD_ACKS = 1, BY_REFERENCE = 2, SELECTIVE = 4 };

/* Sends a stream in pieces of at most (piece_max) bytes, of which one packet in (loss) is lost: all
 * of it has to arrive. Returns the milliseconds that passed while nothing else happened. */
static unsigned stream(unsigned piece_max, unsigned loss, int how, unsigned mss)
{
    static uint8_t all[STREAM];
    struct receiver *r = calloc(1, sizeof *r);
    uint32_t given = 0;
    unsigned lend = net_fake.lend, idle_ms = 0;
    int fd;

    for (uint32_t i = 0; i < STREAM; i++)
        all[i] = byte_at(i);
    r->loss = loss;
    r->odd_acks = (how & ODD_ACKS) != 0;
    r->selective = (how & SELECTIVE) != 0;
    r->mss = mss;
    net_fake.lend = 0;
    net_fake.large_count = 0;
    connect_with(r);
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    net_fake.lend = lend;
    for (unsigned steps = 0; r->got < STREAM && steps < 200000; steps++) {
        const struct packet *p;

        while (given < STREAM) {
            size_t len = 1 + rnd(piece_max);
            if (len > STREAM - given)
                len = STREAM - given;
            ssize_t n = (how & BY_REFERENCE) != 0 ? rt_send_ref(fd, all + given, len, 0, NULL, NULL)
                                                  : send(fd, all + given, len, 0);
            if (n < 0)
                break;
            given += (uint32_t)n;
        }
        p = peer_next();
        if (p != NULL) {
            receive_one(r, p);
        } else {
            net_fake_run(20);
            idle_ms += 20;
        }
    }
    ck_assert_uint_eq(r->got, STREAM);
    ck_assert_uint_gt(net_fake.large_count, 0);
    net_fake.lend = 0;
    net_fake_run(10);
    end_stream(r, fd);
    return idle_ms;
}

START_TEST(large_segments)
{
    stream(60000, 0, 0, 536);
    stream(700, 0, 0, 1460);
    stream(60000, 0, ODD_ACKS, 1460);
    stream(60000, 0, ODD_ACKS, 536);
}
END_TEST

START_TEST(loss)
{
    stream(60000, 20, 0, 1460);
    stream(3000, 20, ODD_ACKS, 536);
    stream(60000, 3, 0, 536);
}
END_TEST

START_TEST(selective)
{
    ck_assert_uint_le(stream(60000, 50, SELECTIVE, 536), 1000);
    ck_assert_uint_le(stream(60000, 20, SELECTIVE, 536), 2000);
    stream(3000, 20, SELECTIVE | ODD_ACKS, 1460);
    stream(60000, 4, SELECTIVE | BY_REFERENCE, 536);
}
END_TEST

/* Ten packets, of which all are lost but the first (kept): nothing comes that would tell of it.
 * Returns after how many milliseconds they have arrived. */
static unsigned lose_tail(unsigned kept)
{
    static uint8_t all[5360];
    struct receiver *r = calloc(1, sizeof *r);
    const struct packet *p;
    unsigned ms = 0;
    int fd;

    for (uint32_t i = 0; i < sizeof all; i++)
        all[i] = byte_at(i);
    r->selective = true;
    r->mss = 536;
    connect_with(r);
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_eq(send(fd, all, sizeof all, 0), sizeof all);
    for (unsigned i = 0; (p = peer_next()) != NULL; i++)
        if (i < kept)
            receive_one(r, p);
    for (; r->got < sizeof all && ms < 1000; ms += 5) {
        net_fake_run(5);
        while ((p = peer_next()) != NULL)
            receive_one(r, p);
    }
    ck_assert_uint_eq(r->got, sizeof all);
    end_stream(r, fd);
    return ms;
}

START_TEST(tail_loss)
{
    for (unsigned kept = 0; kept <= 8; kept++)
        ck_assert_uint_le(lose_tail(kept), 40);
}
END_TEST

START_TEST(by_reference)
{
    stream(60000, 0, BY_REFERENCE, 536);
    stream(5000, 20, ODD_ACKS | BY_REFERENCE, 1460);
    stream(60000, 20, BY_REFERENCE, 1460);
}
END_TEST

static unsigned completed;

static void complete(void *arg)
{
    ck_assert_ptr_eq(arg, &completed);
    completed++;
}

START_TEST(completion)
{
    static const char text[5000];
    struct peer_tcp c;
    int fd, on = 1;

    completed = 0;
    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    ck_assert_int_eq(rt_send_ref(fd, text, 5000, 0, complete, &completed), 5000);
    net_fake_turn();
    ck_assert_uint_eq(completed, 0);
    peer_tcp(1000, 80, c.seq, c.ack + 4999, TCP_F_ACK, NULL, 0);
    net_fake_turn();
    ck_assert_uint_eq(completed, 0);
    peer_tcp(1000, 80, c.seq, c.ack + 5000, TCP_F_ACK, NULL, 0);
    net_fake_turn();
    ck_assert_uint_eq(completed, 1);
    /* A connection that is reset; a device that is slow. */
    net_fake.lend = 3;
    ck_assert_int_eq(rt_send_ref(fd, text, 5000, 0, complete, &completed), 5000);
    peer_tcp(1000, 80, c.seq, c.ack + 5000, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    net_fake.lend = 0;
    net_fake_run(10);
    ck_assert_uint_eq(completed, 2);
    ck_assert_int_eq(rt_send_ref(fd, text, 5000, 0, complete, &completed), -1);
    ck_assert_uint_eq(completed, 2);
    net_fake_close(fd);
}
END_TEST

START_TEST(lent)
{
    net_fake.lend = 5;
    stream(60000, 0, 0, 536);
    net_fake.lend = 3;
    stream(5000, 50, ODD_ACKS | BY_REFERENCE | SELECTIVE, 1460);
}
END_TEST

START_TEST(no_room)
{
    struct peer_tcp c;
    char text[2000] = "";
    int fd;
    const struct packet *p;

    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    net_fake.send_full = true;
    ck_assert_int_eq(send(fd, text, sizeof text, 0), sizeof text);
    ck_assert_ptr_null(peer_next());
    net_fake.send_full = false;
    net_fake_run(5);
    p = peer_next();
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->len, 536);
    net_fake_close(fd);
}
END_TEST

/* ---- What comes in ------------------------------------------------------------------------- */

static size_t build_tcp(const struct peer_tcp *c, uint8_t *frame, const char *data, bool good)
{
    struct packet p = peer_segment(c, TCP_F_ACK);
    size_t len;

    p.len = strlen(data);
    memcpy(p.data, data, p.len);
    len = peer_build(&p, frame);
    if (!good)
        frame[50] ^= 0x55;
    return len;
}

/* What of a segment with a wrong sum, and this header, arrives. */
static bool arrives(struct peer_tcp *c, int fd, const struct solo5_net_hdr *hdr)
{
    uint8_t frame[2200];
    char text[8];
    size_t len = build_tcp(c, frame, "abc", false);
    ssize_t n;

    net_fake_give_with(frame, len, hdr);
    net_fake_turn();
    n = recv(fd, text, sizeof text, 0);
    if (n == 3)
        c->seq += 3;
    peer_forget();
    return n == 3;
}

START_TEST(lies)
{
    static const struct solo5_net_hdr bad[] = {
        {0},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 65535, .csum_offset = 65535},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 34, .csum_offset = 6},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 33, .csum_offset = 16},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM | SOLO5_NET_HDR_DATA_VALID, .csum_start = 1},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16, .gso_type = 1},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM,
         .csum_start = 34,
         .csum_offset = 16,
         .gso_type = SOLO5_NET_GSO_UDP_L4,
         .gso_size = 1},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM,
         .csum_start = 34,
         .csum_offset = 16,
         .gso_type = SOLO5_NET_GSO_TCPV6,
         .gso_size = 1000},
        {.gso_type = SOLO5_NET_GSO_TCPV4, .gso_size = 1000},
        {.gso_type = 0x7f, .gso_size = 1000, .hdr_len = 65535},
    };
    static const struct solo5_net_hdr good[] = {
        {.flags = SOLO5_NET_HDR_DATA_VALID},
        {.flags = SOLO5_NET_HDR_DATA_VALID, .hdr_len = 65535},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16},
        {.flags = SOLO5_NET_HDR_NEEDS_CSUM,
         .csum_start = 34,
         .csum_offset = 16,
         .gso_type = SOLO5_NET_GSO_TCPV4,
         .gso_size = 1},
    };
    struct peer_tcp c;
    int fd;

    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!arrives(&c, fd, &bad[i]), "bad %zu", i);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(arrives(&c, fd, &good[i]), "good %zu", i);
    net_fake_close(fd);
}
END_TEST

/* Lengths around what the stack can count. */
START_TEST(large_frames)
{
    static uint8_t frame[65549];
    struct solo5_net_hdr hdr = {.flags = SOLO5_NET_HDR_DATA_VALID};
    static char text[70000];
    struct peer_tcp c;
    int fd;

    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    for (size_t len = 65530; len <= sizeof frame; len++) {
        size_t ip_len = len - 14;

        build_tcp(&c, frame, "", true);
        if (ip_len > 65535)
            ip_len = 65535;
        frame[16] = (uint8_t)(ip_len >> 8);
        frame[17] = (uint8_t)ip_len;
        frame[24] = frame[25] = 0;
        uint32_t sum = 0;
        for (int i = 14; i < 34; i += 2)
            sum += (uint32_t)frame[i] << 8 | frame[i + 1];
        sum = (sum & 0xffff) + (sum >> 16);
        sum += sum >> 16;
        frame[24] = (uint8_t)(~sum >> 8);
        frame[25] = (uint8_t)~sum;
        net_fake_give_with(frame, len, &hdr);
        net_fake_turn();
        ssize_t n = recv(fd, text, sizeof text, 0);
        if (len <= 65535)
            ck_assert_int_eq(n, (ssize_t)len - 54);
        else
            ck_assert_int_eq(n, -1);
        if (n > 0)
            c.seq += (uint32_t)n;
        peer_forget();
    }
    net_fake_close(fd);
}
END_TEST

/* Lets the program run one turn, in which it acknowledges (len) more bytes of (c), and once. */
static void expect_ack(struct peer_tcp *c, uint32_t len)
{
    const struct packet *p = peer_next();

    c->seq += len;
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->dest_port, c->port);
    ck_assert_uint_eq(p->ack, c->seq);
}

/* What is as much as two segments at once, and once for what comes together. */
START_TEST(acknowledgements)
{
    static const char text[1400];
    struct peer_tcp a, b;
    int fd_a, fd_b;

    ck_assert(peer_connect(&a, 1000, 80)); /* of MSS 536, since it does not say */
    ck_assert(peer_connect(&b, 1001, 80));
    fd_a = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    fd_b = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    peer_tcp(1000, 80, a.seq, a.ack, TCP_F_ACK, text, 500);
    ck_assert_ptr_null(peer_next());
    a.seq += 500;
    peer_tcp(1000, 80, a.seq, a.ack, TCP_F_ACK, text, 500);
    expect_ack(&a, 500);
    peer_tcp(1000, 80, a.seq, a.ack, TCP_F_ACK, text, 1400);
    expect_ack(&a, 1400);
    for (uint32_t i = 0; i < 10; i++)
        peer_tcp(1000, 80, a.seq + i * 1400, a.ack, TCP_F_ACK, text, 1400);
    peer_tcp(1001, 80, b.seq, b.ack, TCP_F_ACK, text, 1400);
    expect_ack(&a, 14000);
    expect_ack(&b, 1400);
    ck_assert_ptr_null(peer_next());
    net_fake_close(fd_a);
    net_fake_close(fd_b);
}
END_TEST

START_TEST(datagrams)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct packet p = {.protocol = 17,
                       .src = PEER_IP,
                       .dest = OUR_IP,
                       .src_port = 9,
                       .dest_port = 53,
                       .len = 1000};
    struct solo5_net_hdr hdr = {.flags = SOLO5_NET_HDR_NEEDS_CSUM,
                                .csum_start = 34,
                                .csum_offset = 6,
                                .gso_type = SOLO5_NET_GSO_UDP_L4,
                                .gso_size = 300};
    uint8_t frame[2200];
    char text[2000];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    size_t len;

    ck_assert_int_eq(bind(fd, SA(in)), 0);
    for (unsigned i = 0; i < p.len; i++)
        p.data[i] = byte_at(i);
    len = peer_build(&p, frame);
    net_fake_give_with(frame, len, &hdr);
    net_fake_turn();
    for (unsigned at = 0; at < 1000; at += 300) {
        size_t n = at < 900 ? 300 : 100;

        ck_assert_int_eq(recv(fd, text, sizeof text, 0), (ssize_t)n);
        ck_assert_int_eq(memcmp(text, p.data + at, n), 0);
    }
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), -1);
    /* The lengths inside may lie, too. */
    frame[16] = 0xff;
    net_fake_give_with(frame, len, &hdr);
    frame[16] = 0;
    frame[17] = 20;
    net_fake_give_with(frame, len, &hdr);
    net_fake_turn();
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), -1);
    net_fake_close(fd);
}
END_TEST

/* ---- Too many ------------------------------------------------------------------------------ */

static void setup_small(void)
{
    net_fake.heap_total = 512 * 1024;
    setup_with(0);
}

/* As many as memory has room for; then those go that were silent for long. */
START_TEST(too_many)
{
    struct peer_tcp c;
    int fds[512];
    unsigned count = 0, alive = 0;
    char byte;

    while (count < 512 && peer_connect(&c, (uint16_t)(1000 + count), 80)) {
        fds[count] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        ck_assert_int_ge(fds[count], 0);
        count++;
    }
    ck_assert_uint_ge(count, 100);
    ck_assert_uint_le(count, 128);
    net_fake_run(3000);
    peer_forget();
    ck_assert(!peer_connect(&c, 3000, 80));
    net_fake_run(11000);
    peer_forget();
    peer_connect(&c, 3001, 80); /* its answer comes after the resets of others */
    peer_forget();
    ck_assert(peer_connect(&c, 3002, 80));
    peer_forget();
    for (unsigned i = 0; i < count; i++) {
        ck_assert_int_eq(recv(fds[i], &byte, 1, 0), -1);
        alive += errno == EAGAIN;
        net_fake_close(fds[i]);
    }
    ck_assert_uint_lt(alive, count);
    ck_assert_uint_ge(alive, count - 64);
}
END_TEST

/* A window that is closed is probed by the next byte; it opens just then, so that byte is taken. */
START_TEST(probe_taken)
{
    struct receiver *r = calloc(1, sizeof *r);
    uint32_t got = 2;
    char text[400] = "";
    int fd;

    r->mss = 1460;
    connect_with(r);
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_eq(send(fd, text, 1, 0), 1);
    ck_assert_ptr_nonnull(peer_next());
    r->closed = true;
    send_ack(r, 1);
    net_fake_turn();
    ck_assert_int_eq(send(fd, text, sizeof text, 0), sizeof text);
    ck_assert_ptr_null(peer_next());
    net_fake_run(1000);
    ck_assert_uint_eq(peer_next()->len, 1);
    peer_forget();
    r->closed = false;
    send_ack(r, got);
    while (got != 1 + sizeof text) {
        const struct packet *p = peer_next();

        ck_assert_ptr_nonnull(p);
        got = p->seq + (uint32_t)p->len - r->base;
    }
    send_ack(r, got);
    net_fake_close(fd);
    peer_forget();
    free(r);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_offload");
    TCase *tc = tcase_create("offload");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, large_segments);
    tcase_add_test(tc, loss);
    tcase_add_test(tc, selective);
    tcase_add_test(tc, tail_loss);
    tcase_add_test(tc, by_reference);
    tcase_add_test(tc, completion);
    tcase_add_test(tc, lent);
    tcase_add_test(tc, no_room);
    tcase_add_test(tc, lies);
    tcase_add_test(tc, large_frames);
    tcase_add_test(tc, acknowledgements);
    tcase_add_test(tc, datagrams);
    tcase_add_test(tc, probe_taken);
    suite_add_tcase(suite, tc);
    tc = tcase_create("small");
    tcase_add_checked_fixture(tc, setup_small, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, too_many);
    suite_add_tcase(suite, tc);
    return suite;
}
