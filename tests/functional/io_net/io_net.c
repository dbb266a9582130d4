/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network, "service", by the calls of solo5_io.h: what must be refused is, as many packets are
 * lent as the device says, cookies come back in order, and packets in pieces come and go, also such
 * as are larger than the MTU where the network has them.
 */
#include "echo.h"

SOLO5_WANTS_NET_OFFLOAD;

#define MAX_DEPTH 1024
#define PIECES    4
#define BIT(n)    (UINT64_C(1) << (n))

#define TYPE_OFFSET 12
#define PAGE        4096
#define IP_PAYLOAD  (14 + 20 + 20) /* behind Ethernet, IPv4 and TCP headers */

/* A buffer: where it is, and what is sent from it. */
struct buffer {
    struct solo5_segment lent[PIECES];
    struct solo5_segment sent[PIECES];
};

static struct echo_net net;
static struct buffer buffers[MAX_DEPTH];
static size_t frame_max, depth;
static uint64_t features;
static uint8_t small[60];
static const struct solo5_segment one = {small, sizeof small};

static struct solo5_packet packet(const struct solo5_segment *segments, uint32_t count)
{
    return (struct solo5_packet){.segment_count = count, .segments = segments};
}

static void describe(void)
{
    features = solo5_net_features(net.handle);
    frame_max = solo5_net_frame_max(net.handle);
    depth = solo5_net_depth(net.handle);
    say("features ");
    say_hex(features);
    say(" frame ");
    say_number(frame_max);
    say("\n");
    EXPECT(depth > 0 && depth <= MAX_DEPTH);
    EXPECT(frame_max >= net.info.mtu + SOLO5_NET_HLEN && frame_max <= 65535 + SOLO5_NET_HLEN);
}

/* No network: another handle, or one before it is acquired. */
static void check_no_network(solo5_handle_t handle)
{
    struct solo5_packet good = packet(&one, 1);
    struct solo5_received received;
    uint64_t cookie;
    size_t count = 7;

    EXPECT(solo5_net_features(handle) == 0);
    EXPECT(solo5_net_frame_max(handle) == 0);
    EXPECT(solo5_net_depth(handle) == 0);
    EXPECT(solo5_net_send(handle, &good, 1, &count) == SOLO5_R_EINVAL && count == 0);
    count = 7;
    EXPECT(solo5_net_post(handle, &good, 1, &count) == SOLO5_R_EINVAL && count == 0);
    count = 7;
    EXPECT(solo5_net_receive(handle, &received, 1, &count) == SOLO5_R_EINVAL && count == 0);
    EXPECT(solo5_net_reclaim(handle, &cookie, 1) == 0);
}

static void refuse_send(const struct solo5_packet *bad)
{
    size_t count = 7;
    EXPECT(solo5_net_send(net.handle, bad, 1, &count) == SOLO5_R_EINVAL && count == 0);
}

static void refuse_header(struct solo5_net_hdr hdr)
{
    struct solo5_packet bad = packet(&one, 1);
    bad.hdr = hdr;
    refuse_send(&bad);
}

static void check_refused(void)
{
    const struct solo5_segment empty[2] = {one, {small, 0}};
    const struct solo5_segment short_frame = {small, SOLO5_NET_HLEN - 1};
    const struct solo5_segment long_frame = {small, frame_max + 1};
    const struct solo5_segment over_mtu = {small, net.info.mtu + SOLO5_NET_HLEN + 1};
    const struct solo5_segment wraps[2] = {{small, SIZE_MAX}, {small, 61}};
    struct solo5_packet bad[] = {
        packet(&one, 0),         packet(empty, 2),       packet(&one, SOLO5_SEGMENTS_MAX + 1),
        packet(&short_frame, 1), packet(&long_frame, 1), packet(&over_mtu, 1),
        packet(wraps, 2)};
    size_t count = 7;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refuse_send(&bad[i]);
    }
    refuse_header((struct solo5_net_hdr){.flags = SOLO5_NET_HDR_DATA_VALID});
    refuse_header((struct solo5_net_hdr){.flags = 0xff});
    refuse_header((struct solo5_net_hdr){.num_buffers = 2});
    refuse_header((struct solo5_net_hdr){.flags = 1, .csum_start = 58, .csum_offset = 1});
    refuse_header((struct solo5_net_hdr){.flags = 1, .csum_start = 0xffff, .csum_offset = 0xffff});
    refuse_header((struct solo5_net_hdr){.gso_type = SOLO5_NET_GSO_TCPV4, .gso_size = 1000});
    refuse_header((struct solo5_net_hdr){.flags = 1, .gso_type = SOLO5_NET_GSO_TCPV4});
    refuse_header((struct solo5_net_hdr){.flags = 1, .gso_type = 3, .gso_size = 1000});
    refuse_header((struct solo5_net_hdr){.flags = 1, .gso_type = 0x80, .gso_size = 1000});
    if (!(features & BIT(SOLO5_NET_CSUM_OUT))) {
        refuse_header((struct solo5_net_hdr){.flags = 1, .csum_start = 34, .csum_offset = 16});
    }
    if (!(features & BIT(SOLO5_NET_USO_OUT))) {
        refuse_header((struct solo5_net_hdr){
            .flags = 1, .gso_type = SOLO5_NET_GSO_UDP_L4, .gso_size = 9, .csum_start = 34});
    }
    const struct solo5_segment too_small = {small, frame_max - 1};
    struct solo5_packet buffer = packet(&too_small, 1);
    EXPECT(solo5_net_post(net.handle, &buffer, 1, &count) == SOLO5_R_EINVAL && count == 0);
}

/* What comes before a packet that is refused is sent. */
static void check_first_sent(void)
{
    struct solo5_packet packets[3] = {packet(&one, 1), packet(&one, 0), packet(&one, 1)};
    uint64_t cookies[3] = {0};
    solo5_handle_set_t ready;
    size_t count = 7;

    packets[0].cookie = 0x1234567890abcdef;
    EXPECT(solo5_net_send(net.handle, packets, 3, &count) == SOLO5_R_EINVAL && count == 1);
    while ((count = solo5_net_reclaim(net.handle, cookies, 3)) == 0) {
        solo5_io_wait(solo5_clock_monotonic() + NSEC_PER_MSEC, &ready);
    }
    EXPECT(count == 1 && cookies[0] == packets[0].cookie);
    EXPECT(solo5_net_send(net.handle, packets, 0, &count) == SOLO5_R_OK && count == 0);
}

/* Sends as many as can be lent, and one more; then takes all back, in order. */
static void check_send_depth(void)
{
    struct solo5_packet next = packet(&one, 1);
    solo5_time_t deadline = solo5_clock_monotonic() + 5 * NSEC_PER_SEC;
    solo5_handle_set_t ready = 0;
    uint64_t cookies[7];
    size_t count = 0, back = 0;

    for (next.cookie = 0; next.cookie < depth; next.cookie++) {
        EXPECT(solo5_net_send(net.handle, &next, 1, &count) == SOLO5_R_OK && count == 1);
    }
    EXPECT(solo5_net_send(net.handle, &next, 1, &count) == SOLO5_R_AGAIN && count == 0);
    solo5_io_wait(deadline, &ready);
    EXPECT(ready & BIT(net.handle));
    while (back < depth) {
        EXPECT(solo5_clock_monotonic() < deadline);
        count = solo5_net_reclaim(net.handle, cookies, 7);
        for (size_t i = 0; i < count; i++) {
            EXPECT(cookies[i] == back++);
        }
        if (count == 0) {
            solo5_io_wait(solo5_clock_monotonic() + NSEC_PER_MSEC, &ready);
        }
    }
    EXPECT(solo5_net_reclaim(net.handle, cookies, 7) == 0);
}

static void post(uint64_t index)
{
    struct solo5_packet buffer = packet(buffers[index].lent, PIECES);
    size_t count = 0;

    buffer.cookie = index;
    EXPECT(solo5_net_post(net.handle, &buffer, 1, &count) == SOLO5_R_OK && count == 1);
}

/* Posts as many as can be, each of some small pieces and the rest, and one more. The Ethernet
 * header of every other lies across the end of a page. */
static void check_post_depth(uintptr_t heap)
{
    static const size_t cuts[PIECES] = {SOLO5_NET_HLEN, 50, 1001};
    struct solo5_received received;
    size_t count = 7;

    EXPECT(solo5_net_receive(net.handle, &received, 1, &count) == SOLO5_R_AGAIN && count == 0);
    for (size_t i = 0; i < depth; i++) {
        size_t left = frame_max;
        if (i % 2 == 0) {
            heap = (heap / PAGE + 2) * PAGE - SOLO5_NET_ALEN;
        }
        for (size_t piece = 0; piece < PIECES; piece++) {
            size_t len = piece < PIECES - 1 && cuts[piece] < left ? cuts[piece] : left;
            buffers[i].lent[piece] = (struct solo5_segment){(void *)heap, len};
            heap += len, left -= len;
        }
        post(i);
    }
    struct solo5_packet more = packet(buffers[0].lent, PIECES);
    EXPECT(solo5_net_post(net.handle, &more, 1, &count) == SOLO5_R_AGAIN && count == 0);
}

/* A large packet has the header that netpeer has sent it with. */
static void check_header(const struct solo5_received *packet)
{
    const struct solo5_net_hdr *hdr = &packet->hdr;

    EXPECT(packet->len >= SOLO5_NET_HLEN && packet->len <= frame_max);
    if (packet->len <= net.info.mtu + SOLO5_NET_HLEN) {
        return;
    }
    bool tcp = hdr->gso_type == SOLO5_NET_GSO_TCPV4;
    EXPECT(tcp || hdr->gso_type == SOLO5_NET_GSO_UDP_L4);
    EXPECT(features & (tcp ? BIT(SOLO5_NET_TSO4_IN) : BIT(SOLO5_NET_USO_IN)));
    EXPECT(hdr->flags == SOLO5_NET_HDR_NEEDS_CSUM && hdr->gso_size == 1000);
    EXPECT(hdr->csum_start == 34 && hdr->csum_offset == (tcp ? 16 : 6));
}

/* Sends what came in a buffer back from where it is. */
static void answer(const struct solo5_received *received)
{
    struct buffer *buffer = &buffers[received->cookie];
    struct solo5_packet reply = packet(buffer->sent, 0);
    uint8_t *header = buffer->lent[0].base, *payload = buffer->lent[1].base;
    bool ip = header[TYPE_OFFSET] == 0x08;
    size_t left = received->len, count = 0;

    net.stopped |= memcmp(payload + (ip ? IP_PAYLOAD - SOLO5_NET_HLEN : 0), "stop", 4) == 0;
    memcpy(header, header + SOLO5_NET_ALEN, SOLO5_NET_ALEN);
    memcpy(header + SOLO5_NET_ALEN, net.info.mac_address, SOLO5_NET_ALEN);
    reply.hdr = received->hdr;
    reply.hdr.flags &= SOLO5_NET_HDR_NEEDS_CSUM;
    reply.cookie = received->cookie;
    for (; left != 0; reply.segment_count++) {
        const struct solo5_segment *from = &buffer->lent[reply.segment_count];
        size_t len = left < from->len ? left : from->len;
        buffer->sent[reply.segment_count] = (struct solo5_segment){from->base, len};
        left -= len;
    }
    EXPECT(solo5_net_send(net.handle, &reply, 1, &count) == SOLO5_R_OK && count == 1);
}

static bool is_for_us(const struct solo5_received *received)
{
    const uint8_t *header = buffers[received->cookie].lent[0].base;
    return memcmp(header, net.info.mac_address, SOLO5_NET_ALEN) == 0 &&
           (header[TYPE_OFFSET] == 0x88 || header[TYPE_OFFSET] == 0x08);
}

static void serve(void)
{
    struct solo5_received received[3];
    uint64_t cookies[5];
    size_t count = 0;
    solo5_result_t result;

    while ((result = solo5_net_receive(net.handle, received, 3, &count)) == SOLO5_R_OK) {
        EXPECT(count >= 1 && count <= 3);
        for (size_t i = 0; i < count; i++) {
            EXPECT(received[i].cookie < depth);
            check_header(&received[i]);
            if (is_for_us(&received[i])) {
                answer(&received[i]);
            } else {
                post(received[i].cookie);
            }
        }
    }
    EXPECT(result == SOLO5_R_AGAIN && count == 0);
    while ((count = solo5_net_reclaim(net.handle, cookies, 5)) != 0) {
        for (size_t i = 0; i < count; i++) {
            post(cookies[i]);
        }
    }
}

int solo5_app_main(const struct solo5_start_info *info)
{
    check_no_network(1);
    echo_acquire("service", &net);
    check_no_network(0);
    check_no_network(net.handle + 1);
    check_no_network(UINT64_MAX);
    memcpy(small + SOLO5_NET_ALEN, net.info.mac_address, SOLO5_NET_ALEN);
    small[TYPE_OFFSET] = 0x88;
    small[TYPE_OFFSET + 1] = 0xb5;
    describe();
    check_refused();
    check_first_sent();
    check_send_depth();
    check_post_depth(info->heap_start);

    solo5_time_t deadline = solo5_clock_monotonic() + 12 * NSEC_PER_SEC;
    while (!net.stopped) {
        solo5_handle_set_t ready = 0;
        solo5_io_wait(deadline, &ready);
        EXPECT((ready & ~BIT(net.handle)) == 0);
        EXPECT(solo5_clock_monotonic() < deadline); /* the driver sends long before it */
        serve();
    }
    return test_success();
}
