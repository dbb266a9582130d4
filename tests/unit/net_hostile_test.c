/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a peer may say to make the program work, or remember, without end.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "lwip/priv/tcp_priv.h"

#include "net.h"
#include "net_server.h"
#include "solo5_io.h"

static int listener;
static struct peer_tcp peer;

static void setup(void)
{
    net_fake.features = NET_FAKE_FEATURES;
    listener = server_open(4);
}

static void teardown(void)
{
    server_close(listener, 60, 1000);
}

/* A segment of no data, with options. */
static void say(uint8_t flags, uint32_t ack, const uint8_t *options, size_t options_len)
{
    struct packet p = peer_segment(&peer, flags);

    p.ack = ack;
    p.len = p.options_len = options_len;
    if (options_len > 0)
        memcpy(p.data, options, options_len);
    peer_send(&p);
}

/* Opens a connection that takes the largest window, SACK, and segments of at most (mss). */
static int open_with(uint16_t mss)
{
    const uint8_t options[] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 1, 3, 3, 14, 1, 1, 4, 2};
    const struct packet *p;
    int fd;

    peer = (struct peer_tcp){.port = 1000, .dest_port = 80, .seq = 1000000};
    say(TCP_F_SYN, 0, options, sizeof options);
    p = peer_next();
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->flags, TCP_F_SYN | TCP_F_ACK);
    peer.ack = p->seq + 1;
    peer.seq++;
    say(TCP_F_ACK, peer.ack, NULL, 0);
    net_fake_turn();
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* Fills the buffer of (fd), and acknowledges until (flight) bytes are under way. */
static void fill(int fd, uint32_t flight)
{
    static const uint8_t data[65536];

    for (int rounds = 0; tcp_active_pcbs->snd_nxt - tcp_active_pcbs->lastack < flight; rounds++) {
        ck_assert_int_lt(rounds, 1000);
        say(TCP_F_ACK, tcp_active_pcbs->snd_nxt, NULL, 0);
        net_fake_turn();
        while (send(fd, data, sizeof data, 0) > 0)
            ;
        net_fake_turn();
        peer_forget();
    }
}

static unsigned segments(const struct tcp_pcb *pcb)
{
    unsigned count = 0;

    for (const struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next)
        count++;
    return count;
}

static void put32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Says of every other piece of (size) that it arrived, as if all else were lost. */
static void sack_all(uint32_t size)
{
    const struct tcp_pcb *pcb = tcp_active_pcbs;
    uint32_t ack = pcb->lastack, left = ack + size;

    while (TCP_SEQ_LEQ(left + 6 * size, pcb->snd_nxt) && left - ack < 12000 * size) {
        uint8_t options[28] = {1, 1, 5, 26};

        for (unsigned i = 0; i < 3; i++, left += 2 * size) {
            put32(options + 4 + 8 * i, left);
            put32(options + 8 + 8 * i, left + size);
        }
        say(TCP_F_ACK, ack, options, sizeof options);
        net_fake_turn();
        peer_forget();
        ck_assert_ptr_eq(tcp_active_pcbs, pcb);
    }
}

/* Segments of one byte, of which every other one arrives: they cannot be cut without limit. */
START_TEST(tiny_segments)
{
    int fd = open_with(1);
    struct tcp_pcb *pcb = tcp_active_pcbs;

    ck_assert_uint_eq(pcb->mss, TCP_MSS_MIN);
    fill(fd, 600000);
    ck_assert_uint_lt(pcb->snd_queuelen, TCP_SND_QUEUELEN);
    sack_all(1);
    ck_assert_uint_lt(pcb->snd_queuelen, TCP_SND_QUEUELEN);
    sack_all(TCP_MSS_MIN);
    ck_assert_uint_ge(segments(pcb), 1000);
    ck_assert_uint_le(segments(pcb), TCP_SACK_QUEUELEN);
    ck_assert_uint_le(pcb->snd_queuelen, TCP_SACK_QUEUELEN + 16);
    while (pcb->unacked != NULL) {
        say(TCP_F_ACK, pcb->snd_nxt, NULL, 0);
        net_fake_turn();
        peer_forget();
    }
    ck_assert_uint_eq(pcb->snd_queuelen, 0);
    net_fake_close(fd);
    peer_tcp(1000, 80, peer.seq, pcb->snd_nxt, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    peer_forget();
}
END_TEST

/* An MSS that comes late, or twice, is not for more than the network takes. */
START_TEST(late_mss)
{
    const uint8_t huge[] = {2, 4, 0xff, 0xff}, tiny[] = {2, 4, 0, 1};
    int fd = open_with(1460);
    uint8_t data[3000] = {0};

    say(TCP_F_ACK, peer.ack, huge, sizeof huge);
    say(TCP_F_ACK, peer.ack, tiny, sizeof tiny);
    net_fake_turn();
    ck_assert_uint_eq(tcp_active_pcbs->mss, 1460);
    ck_assert_int_eq(send(fd, data, sizeof data, 0), sizeof data);
    net_fake_turn();
    ck_assert_uint_eq(peer_next()->len, 1460);
    peer_forget();
    net_fake_close(fd);
    peer_tcp(1000, 80, peer.seq, tcp_active_pcbs->snd_nxt, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    peer_forget();

    peer = (struct peer_tcp){.port = 1001, .dest_port = 80, .seq = 1000000};
    say(TCP_F_SYN, 0, NULL, 0);
    net_fake_turn();
    say(TCP_F_SYN, 0, huge, sizeof huge);
    net_fake_turn();
    ck_assert_uint_le(tcp_active_pcbs->mss, 1460);
    peer_tcp(1001, 80, 1000001, 0, TCP_F_RST, NULL, 0);
    net_fake_turn();
    peer_forget();
}
END_TEST

/* Port 0 is nobody's: it opens nothing, and is not answered. */
START_TEST(port_zero)
{
    peer_tcp(0, 80, 1000, 0, TCP_F_SYN, NULL, 0);
    peer_tcp(0, 81, 1000, 1000, TCP_F_ACK, NULL, 0);
    ck_assert_ptr_null(peer_next());
}
END_TEST

/* How many datagrams come of one of 1,000 bytes that is to be cut to (size). */
static unsigned datagrams(int fd, uint16_t size)
{
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
                                .gso_size = size};
    uint8_t frame[2200];
    unsigned count = 0;

    net_fake_give_with(frame, peer_build(&p, frame), &hdr);
    net_fake_turn();
    net_fake_turn();
    while (recv(fd, frame, sizeof frame, 0) > 0)
        count++;
    return count;
}

/* No more datagrams than anyone makes of one. */
START_TEST(tiny_datagrams)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(53)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(bind(fd, SA(in)), 0);
    ck_assert_uint_eq(datagrams(fd, 1), 0);
    ck_assert_uint_eq(datagrams(fd, 7), 0);
    ck_assert_uint_eq(datagrams(fd, 8), 125);
    net_fake_close(fd);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_hostile");
    TCase *tc = tcase_create("hostile");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, tiny_segments);
    tcase_add_test(tc, late_mss);
    tcase_add_test(tc, port_zero);
    tcase_add_test(tc, tiny_datagrams);
    suite_add_tcase(suite, tc);
    return suite;
}
