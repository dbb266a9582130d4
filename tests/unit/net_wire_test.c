/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network as the other side of the wire sees it: frames in, frames out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net.h"
#include "net_server.h"

const char *net_option_dns(const char *value);

static int listener;

static struct sockaddr_in address(uint32_t ip, unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    in.sin_addr.s_addr = htonl(ip);
    return in;
}

static void setup(void)
{
    ck_assert_ptr_null(net_option_dns("10.0.0.1"));
    listener = server_open(4);
}

static void teardown(void)
{
    server_close(listener, 3, 60000);
}

static int accept_from(struct peer_tcp *c, uint16_t port)
{
    int fd;

    ck_assert(peer_connect(c, port, 80));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* The next packet is TCP with these flags (PSH aside) and so many bytes. */
static const struct packet *expect_tcp(uint8_t flags, size_t len)
{
    const struct packet *p = peer_next();

    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->protocol, 6);
    ck_assert_uint_eq(p->flags & ~TCP_F_PSH, flags);
    ck_assert_uint_eq(p->len, len);
    return p;
}

START_TEST(answers_ping)
{
    struct packet ping = {.protocol = 1, .src = PEER_IP, .dest = OUR_IP, .type = 8, .len = 56};
    const struct packet *p;

    memset(ping.data, 'p', ping.len);
    peer_send(&ping);
    p = peer_next();
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->protocol, 1);
    ck_assert_uint_eq(p->type, 0);
    ck_assert_uint_eq(p->len, 56);
    ck_assert_mem_eq(p->data, ping.data, 56);
    ck_assert_uint_eq(p->src, OUR_IP);
}
END_TEST

/* Frames for another machine, from our own address, from the loopback network: no answer. */
START_TEST(not_ours)
{
    struct packet ping = {.protocol = 1, .src = PEER_IP, .dest = OUR_IP, .type = 8, .len = 8};
    uint8_t frame[256];
    size_t len = peer_build(&ping, frame);

    frame[5] ^= 1;
    net_fake_give(frame, len);
    ck_assert_ptr_null(peer_next());
    ping.src = OUR_IP;
    peer_send(&ping);
    ck_assert_ptr_null(peer_next());
    ping.src = 0x7f000001;
    peer_send(&ping);
    ck_assert_ptr_null(peer_next());
    ping.src = PEER_IP;
    ping.dest = 0x7f000001;
    peer_send(&ping);
    ck_assert_ptr_null(peer_next());
}
END_TEST

START_TEST(connection)
{
    struct sockaddr_in in;
    socklen_t len = sizeof in;
    const struct packet *p;
    struct peer_tcp c;
    char text[16];
    int fd;

    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept(listener, (struct sockaddr *)&in, &len);
    ck_assert_uint_eq(ntohl(in.sin_addr.s_addr), PEER_IP);
    ck_assert_uint_eq(ntohs(in.sin_port), 1000);
    peer_write(&c, "ping", 4);
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), 4);
    ck_assert_int_eq(send(fd, "pong!", 5, 0), 5);
    p = expect_tcp(TCP_F_ACK, 5); /* the answer carries the acknowledgement */
    ck_assert_uint_eq(p->ack, c.seq);
    ck_assert_uint_eq(p->seq, c.ack);
    c.ack += 5;
    peer_fin(&c);
    expect_tcp(TCP_F_ACK, 0);
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), 0);
    net_fake_close(fd);
    p = expect_tcp(TCP_F_ACK | TCP_F_FIN, 0);
    c.ack++;
    peer_tcp(c.port, c.dest_port, c.seq, c.ack, TCP_F_ACK, NULL, 0);
    ck_assert_ptr_null(peer_next());
    /* It is gone at once: the other side has TIME_WAIT. */
    peer_tcp(c.port, c.dest_port, c.seq, c.ack, TCP_F_ACK, NULL, 0);
    expect_tcp(TCP_F_RST | TCP_F_ACK, 0);
}
END_TEST

/* What is written in one turn after the first piece leaves in one segment. */
START_TEST(coalescing)
{
    struct peer_tcp c;
    int fd = accept_from(&c, 1000), one = 1;

    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof one);
    net_fake_turn();
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(send(fd, "0123456789", 10, 0), 10);
    expect_tcp(TCP_F_ACK, 10);
    expect_tcp(TCP_F_ACK, 90);
    ck_assert_ptr_null(peer_next());
    net_fake_close(fd);
}
END_TEST

START_TEST(peer_resets)
{
    struct pollfd p;
    struct peer_tcp c;
    char text[4];
    int fd = accept_from(&c, 1000);

    peer_write(&c, "ab", 2);
    peer_tcp(c.port, 80, c.seq, c.ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    p = (struct pollfd){fd, POLLIN | POLLOUT, 0};
    ck_assert_int_eq(poll(&p, 1, 0), 1);
    ck_assert_int_eq(p.revents, POLLIN | POLLOUT | POLLERR | POLLHUP);
    ck_assert_int_eq(recv(fd, text, 4, 0), 2); /* what came before is still there */
    ck_fails(recv(fd, text, 4, 0), ECONNRESET);
    ck_assert_int_eq(recv(fd, text, 4, 0), 0);
    ck_fails(send(fd, text, 4, 0), EPIPE);
    net_fake_close(fd);
    /* One that was reset before it was accepted. */
    ck_assert(peer_connect(&c, 1001, 80));
    peer_tcp(c.port, 80, c.seq, c.ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    ck_fails(recv(fd, text, 4, 0), ECONNRESET);
    net_fake_close(fd);
}
END_TEST

START_TEST(connect_out)
{
    struct sockaddr_in in = address(PEER_IP, 7), far = address(0xc0000201, 7);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error;
    socklen_t len = sizeof error;
    const struct packet *p;
    uint64_t start;

    ck_fails(connect(fd, SA(in)), EINPROGRESS);
    p = expect_tcp(TCP_F_SYN, 0);
    peer_tcp(7, p->src_port, 0, p->seq + 1, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
    ck_assert_int_eq(error, ECONNREFUSED);

    net_fake_nonblock(fd, false);
    start = net_fake.now_ns;
    ck_fails(connect(fd, SA(in)), ETIMEDOUT); /* nobody answers */
    ck_assert_uint_ge(net_fake.now_ns - start, 10 * NET_NS_PER_S);
    ck_assert_uint_le(net_fake.now_ns - start, 60 * NET_NS_PER_S);
    peer_forget();
    ck_fails(connect(fd, SA(far)), ETIMEDOUT); /* no gateway, so it is looked for here */
    in = address(INADDR_BROADCAST, 7);
    ck_fails(connect(fd, SA(in)), ENETUNREACH);
    net_fake_close(fd);
}
END_TEST

/* A queue of 4 that is full drops SYNs; as soon as there is room the client's next try succeeds. */
START_TEST(backlog)
{
    struct peer_tcp c[6];
    int fd;

    for (int i = 0; i < 4; i++)
        ck_assert(peer_connect(&c[i], (uint16_t)(1000 + i), 80));
    ck_assert(!peer_connect(&c[4], 1004, 80));
    ck_assert_ptr_null(peer_next());
    fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    ck_assert(peer_connect(&c[4], 1004, 80));
    ck_assert(!peer_connect(&c[5], 1005, 80));
    net_fake_close(fd);
    peer_forget();
    net_fake_close(listener); /* resets those that nobody accepted */
    for (int i = 0; i < 4; i++)
        expect_tcp(TCP_F_RST | TCP_F_ACK, 0);
    listener = socket(AF_INET, SOCK_STREAM, 0);
}
END_TEST

/* SYNs that nobody follows up: old ones give way. */
START_TEST(half_open)
{
    struct peer_tcp c;
    int fd;

    for (unsigned i = 0; i < 5000; i++) {
        peer_tcp((uint16_t)(2000 + i), 80, 1, 0, TCP_F_SYN, NULL, 0);
        if (i % 50 == 49) {
            net_fake_turn();
            net_fake_turn();
            peer_forget();
        }
    }
    ck_assert(peer_connect(&c, 1000, 80));
    fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    net_fake_close(fd);
    for (int i = 0; i < 60; i++) {
        net_fake_run(500);
        peer_forget();
    }
}
END_TEST

/* RFC 1122, 4.2.2.13: the port of a connection in TIME_WAIT opens another. */
START_TEST(time_wait)
{
    struct peer_tcp c, again;
    int fd = accept_from(&c, 1000);
    const struct packet *p;

    net_fake_close(fd);
    expect_tcp(TCP_F_FIN | TCP_F_ACK, 0);
    c.ack++;
    peer_fin(&c);
    expect_tcp(TCP_F_ACK, 0);
    /* An old duplicate does not. */
    peer_tcp(1000, 80, c.seq - 1000, 0, TCP_F_SYN, NULL, 0);
    p = peer_next();
    ck_assert(p == NULL || (p->flags & TCP_F_SYN) == 0);
    peer_tcp(1000, 80, c.seq + 1000, 0, TCP_F_SYN, NULL, 0);
    p = expect_tcp(TCP_F_SYN | TCP_F_ACK, 0);
    again = (struct peer_tcp){1000, 80, c.seq + 1001, p->seq + 1};
    peer_write(&again, "new", 3);
    net_fake_turn();
    fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    char text[4];
    ck_assert_int_eq(recv(fd, text, 4, 0), 3);
    net_fake_close(fd);
}
END_TEST

/* A connection's first number may follow from the one whose place it takes, and from no other's. */
START_TEST(first_number)
{
    struct sockaddr_in in = address(PEER_IP, 7);
    struct peer_tcp c;
    int fd = accept_from(&c, 1000);

    net_fake_close(fd);
    expect_tcp(TCP_F_FIN | TCP_F_ACK, 0);
    c.ack++;
    peer_fin(&c);
    expect_tcp(TCP_F_ACK, 0);
    net_fake_close(listener);
    peer_tcp(1000, 80, c.seq + 1000, 0, TCP_F_SYN, NULL, 0);
    expect_tcp(TCP_F_RST | TCP_F_ACK, 0); /* nobody listens */
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_fails(connect(listener, SA(in)), EINPROGRESS);
    ck_assert_uint_gt(expect_tcp(TCP_F_SYN, 0)->seq - c.ack, 0x20000);
}
END_TEST

/* Thousands of connections that our side closed leave no more than a few control blocks. */
START_TEST(time_wait_bounded)
{
    const struct packet *p;

    for (unsigned i = 0; i < 3000; i++) {
        struct peer_tcp c;
        int fd = accept_from(&c, (uint16_t)(1000 + i));

        net_fake_close(fd);
        expect_tcp(TCP_F_FIN | TCP_F_ACK, 0);
        c.ack++;
        peer_fin(&c);
        expect_tcp(TCP_F_ACK, 0);
    }
    /* The first are forgotten, the last remembered. */
    peer_tcp(1000, 80, 1000 * 1000 + 2, 1, TCP_F_ACK, NULL, 0);
    p = peer_next();
    ck_assert(p != NULL && (p->flags & TCP_F_RST) != 0);
    peer_tcp(3999, 80, 3999 * 1000 + 2, 1, TCP_F_ACK, NULL, 0);
    p = peer_next();
    ck_assert(p == NULL || (p->flags & TCP_F_RST) == 0);
}
END_TEST

START_TEST(out_of_order)
{
    struct peer_tcp c;
    char text[32] = "";
    int fd = accept_from(&c, 1000);

    peer_tcp(1000, 80, c.seq + 6, c.ack, TCP_F_ACK, "ghi", 3);
    peer_tcp(1000, 80, c.seq + 3, c.ack, TCP_F_ACK, "def", 3);
    net_fake_turn();
    ck_fails(recv(fd, text, sizeof text, 0), EAGAIN);
    peer_tcp(1000, 80, c.seq, c.ack, TCP_F_ACK, "abcde", 5); /* overlaps */
    net_fake_turn();
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), 9);
    ck_assert_str_eq(text, "abcdefghi");
    net_fake_close(fd);
}
END_TEST

/* One byte a segment, which nobody reads: the window fills, the memory does not. */
START_TEST(small_segments)
{
    struct peer_tcp c;
    size_t total = 0;
    static char text[4096];
    int fd = accept_from(&c, 1000);
    ssize_t n;

    for (int i = 0; i < 20000; i++) {
        peer_write(&c, "x", 1);
        if (i % 50 == 0) {
            net_fake_turn();
            peer_forget();
        }
    }
    net_fake_turn();
    peer_forget();
    ck_assert_uint_lt(frame_bytes_used(), 64 * 1024);
    while ((n = recv(fd, text, sizeof text, 0)) > 0)
        total += (size_t)n;
    ck_assert_uint_eq(total, 20000);
    net_fake_close(fd);
    peer_forget();
}
END_TEST

/* Many connections that are sent much and read nothing: bounded, and the others go on. */
START_TEST(unread)
{
    enum { COUNT_OF = 200 };
    static struct peer_tcp c[COUNT_OF];
    static int fds[COUNT_OF];
    static char block[1400];
    struct peer_tcp good;
    char text[8];
    int fd;

    for (int i = 0; i < COUNT_OF; i++)
        fds[i] = accept_from(&c[i], (uint16_t)(1000 + i));
    for (int round = 0; round < 45; round++) {
        for (int i = 0; i < COUNT_OF; i++) {
            peer_write(&c[i], block, sizeof block);
            if (i % 50 == 49) {
                net_fake_turn();
                peer_forget();
            }
        }
    }
    ck_assert_uint_lt(frame_bytes_used(), net_budget() + COUNT_OF * 2 * 2048);
    ck_assert_uint_gt(frame_bytes_used(), net_budget() / 2);
    fd = accept_from(&good, 5000);
    peer_write(&good, "hello", 5);
    net_fake_turn();
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), 5);
    net_fake_close(fd);
    for (int i = 0; i < COUNT_OF; i++) {
        net_fake_close(fds[i]);
        peer_forget();
    }
}
END_TEST

/* A peer that acknowledges nothing: sending stops at the limit, and the connection ends. */
START_TEST(stuck_peer)
{
    static char block[65536];
    struct peer_tcp c;
    size_t total = 0;
    ssize_t n;
    int fd = accept_from(&c, 1000);

    while ((n = send(fd, block, sizeof block, 0)) > 0)
        total += (size_t)n;
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_uint_le(total, 1048576);
    for (int i = 0; i < 4000; i++) {
        net_fake_run(500);
        peer_forget();
    }
    ck_fails(send(fd, block, 1, 0), ETIMEDOUT);
    net_fake_close(fd);
}
END_TEST

START_TEST(closed_port)
{
    const struct packet *p;

    peer_tcp(1000, 81, 5, 0, TCP_F_SYN, NULL, 0);
    expect_tcp(TCP_F_RST | TCP_F_ACK, 0);
    peer_udp(1000, 9, "x", 1);
    p = peer_next();
    ck_assert(p != NULL && p->protocol == 1 && p->type == 3);
}
END_TEST

START_TEST(datagram_lengths)
{
    struct sockaddr_in in = address(INADDR_ANY, 53);
    struct packet p = {.protocol = 17, .src = PEER_IP, .dest = OUR_IP, .dest_port = 53, .len = 20};
    uint8_t frame[256];
    char text[64];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    size_t len;

    ck_assert_int_eq(bind(fd, SA(in)), 0);
    p.src_port = 99;
    for (unsigned udp_len = 0; udp_len < 40; udp_len++) {
        len = peer_build(&p, frame);
        frame[14 + 20 + 5] = (uint8_t)udp_len;
        frame[14 + 20 + 6] = frame[14 + 20 + 7] = 0; /* no checksum */
        net_fake_give(frame, len);
        net_fake_turn();
        if (udp_len < 8 || udp_len > 28)
            ck_fails(recv(fd, text, sizeof text, 0), EAGAIN);
        else
            ck_assert_int_eq(recv(fd, text, sizeof text, 0), (int)udp_len - 8);
    }
    net_fake_close(fd);
}
END_TEST

/* A name server at 10.0.0.1: one answer, one refusal, one silence. */
static void answer_query(const uint8_t *frame, size_t len)
{
    uint8_t reply[512];
    size_t query_len = len - 42;
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 33};

    if (len < 60 || frame[12] != 8 || frame[13] != 0 || frame[23] != 17)
        return;
    ck_assert_uint_le(query_len + sizeof record, sizeof reply);
    memcpy(reply, frame + 42, query_len);
    if (reply[12] == 7) /* "silence" */
        return;
    reply[2] |= 0x80;
    reply[3] = reply[12] == 2 ? 3 : 0; /* "no.": NXDOMAIN */
    if (reply[12] != 2) {
        reply[7] = 1;
        memcpy(reply + query_len, record, sizeof record);
        query_len += sizeof record;
    }
    peer_udp(53, (uint16_t)(frame[34] << 8 | frame[35]), reply, query_len);
}

static void (*heard)(const uint8_t *frame, size_t len);

static void hear_queries(const uint8_t *frame, size_t len)
{
    heard(frame, len);
    answer_query(frame, len);
}

START_TEST(names)
{
    struct addrinfo *list;
    uint64_t start;

    heard = net_fake.sent;
    net_fake.sent = hear_queries;
    ck_assert_int_eq(getaddrinfo("www.example", "80", NULL, &list), 0);
    ck_assert_str_eq(inet_ntoa(((struct sockaddr_in *)list->ai_addr)->sin_addr), "192.0.2.33");
    freeaddrinfo(list);
    ck_assert_int_eq(getaddrinfo("no.example", "80", NULL, &list), EAI_NONAME);
    start = net_fake.now_ns;
    ck_assert_int_eq(getaddrinfo("silence.example", "80", NULL, &list), EAI_AGAIN);
    ck_assert_uint_lt(net_fake.now_ns - start, 60 * NET_NS_PER_S);
    net_fake_run(3600000); /* the first answer is too old now */
    peer_forget();
    ck_assert_int_eq(getaddrinfo("www.example", "80", NULL, &list), 0);
    freeaddrinfo(list);
    ck_assert_ptr_nonnull(peer_next());
}
END_TEST

/* A connection that nobody uses costs a few turns a second, and ages no faster for it. */
START_TEST(quiet)
{
    struct peer_tcp c;
    int fd = accept_from(&c, 1000);
    uint64_t sent_ns;
    unsigned turns;

    net_fake_run(30000);
    turns = net_fake.turns;
    net_fake_run(600000);
    ck_assert_uint_le(net_fake.turns - turns, 600 * 4);
    net_fake_run(950);
    ck_assert_int_eq(send(fd, "x", 1, 0), 1);
    sent_ns = net_fake.now_ns;
    expect_tcp(TCP_F_ACK, 1);
    while (peer_next() == NULL)
        net_fake_run(10);
    ck_assert_uint_ge(net_fake.now_ns - sent_ns, 500 * NET_NS_PER_MS); /* sent again, in time */
    ck_assert_uint_le(net_fake.now_ns - sent_ns, 1500 * NET_NS_PER_MS);
    net_fake_close(fd);
    peer_forget();
}
END_TEST

/* A send buffer that was full can be written again when the peer has taken a good part. */
START_TEST(full_buffer)
{
    static char block[4096];
    struct pollfd p = {.events = POLLOUT};
    const struct packet *packet;
    struct peer_tcp c;
    int fd = accept_from(&c, 1000);

    p.fd = fd;
    while (send(fd, block, sizeof block, 0) > 0)
        ;
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_int_eq(poll(&p, 1, 0), 0);
    for (int i = 0; i < 2000 && poll(&p, 1, 0) == 0; i++) {
        while ((packet = peer_next()) != NULL && packet->len > 0)
            c.ack = packet->seq + (uint32_t)packet->len;
        peer_tcp(c.port, 80, c.seq, c.ack, TCP_F_ACK, NULL, 0);
    }
    ck_assert_int_eq(poll(&p, 1, 1000), 1);
    ck_assert_int_gt(send(fd, block, sizeof block, 0), 0);
    net_fake_close(fd);
    peer_forget();
}
END_TEST

START_TEST(idle)
{
    unsigned sent;

    net_fake_run(60000);
    sent = net_fake.sent_count;
    net_fake_run(3600000);
    ck_assert_uint_eq(net_fake.sent_count, sent);
}
END_TEST

/* 10,000 frames of noise, cut-off and bent packets; then a request is answered as before. */
START_TEST(malformed)
{
    struct packet p = {.src = PEER_IP, .dest = OUR_IP, .src_port = 1000, .dest_port = 80};
    uint8_t frame[2048];
    struct peer_tcp c;
    char text[8];
    int fd;

    srand(1);
    for (int i = 0; i < 10000; i++) {
        static const uint8_t protocols[] = {1, 6, 17, 2, 255};
        size_t len;

        p.protocol = protocols[rand() % 3];
        p.flags = (uint8_t)rand();
        p.seq = (uint32_t)rand();
        p.len = (size_t)rand() % 1400;
        len = peer_build(&p, frame);
        for (int bent = rand() % 8; bent > 0; bent--)
            frame[(i & 1) != 0 ? 12 + rand() % 50 : rand() % (int)len] = (uint8_t)rand();
        if (rand() % 4 == 0)
            len = (size_t)rand() % (len + 1);
        net_fake_give(frame, len);
        if (i % 50 == 49) {
            net_fake_turn();
            peer_forget();
        }
    }
    net_fake_run(30000);
    peer_forget();
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        net_fake_close(fd);
    fd = accept_from(&c, 7777);
    peer_write(&c, "hello", 5);
    net_fake_turn();
    ck_assert_int_eq(recv(fd, text, sizeof text, 0), 5);
    net_fake_close(fd);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_wire");
    TCase *tc = tcase_create("wire");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, answers_ping);
    tcase_add_test(tc, not_ours);
    tcase_add_test(tc, connection);
    tcase_add_test(tc, coalescing);
    tcase_add_test(tc, peer_resets);
    tcase_add_test(tc, connect_out);
    tcase_add_test(tc, backlog);
    tcase_add_test(tc, half_open);
    tcase_add_test(tc, time_wait);
    tcase_add_test(tc, first_number);
    tcase_add_test(tc, time_wait_bounded);
    tcase_add_test(tc, out_of_order);
    tcase_add_test(tc, small_segments);
    tcase_add_test(tc, unread);
    tcase_add_test(tc, stuck_peer);
    tcase_add_test(tc, closed_port);
    tcase_add_test(tc, datagram_lengths);
    tcase_add_test(tc, names);
    tcase_add_test(tc, quiet);
    tcase_add_test(tc, full_buffer);
    tcase_add_test(tc, idle);
    tcase_add_test(tc, malformed);
    suite_add_tcase(suite, tc);
    return suite;
}
