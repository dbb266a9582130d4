/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network device of net_fake.h, as solo5_io.h has it. It does by software what it claims to do:
 * completes checksums and cuts large packets, and ends the test when it is asked for nonsense. What
 * is lent to it, it reads as late as net_fake.lend says.
 */
#include <stdlib.h>
#include <string.h>

#include "net_fake.h"
#include "solo5_io.h"

#define FRAME_COUNT 4096
#define FRAME_MAX   65549
#define DEPTH       64
#define HAS(bit)    ((net_fake.features >> (bit)) & 1)

static struct {
    uint8_t *frames[FRAME_COUNT];
    size_t lens[FRAME_COUNT];
    struct solo5_net_hdr hdrs[FRAME_COUNT];
    unsigned first, count;
} wire;

static struct {
    struct solo5_packet sent[DEPTH], posted[DEPTH];
    uint64_t sent_ns; /* when the oldest was seen first */
    unsigned sent_first, sent_count, posted_first, posted_count;
} device;

static void check(bool good)
{
    if (!good)
        abort();
}

void net_fake_give_with(const void *frame, size_t len, const struct solo5_net_hdr *hdr)
{
    unsigned slot = (wire.first + wire.count) % FRAME_COUNT;

    check(wire.count < FRAME_COUNT);
    net_fake.outside = true;
    wire.frames[slot] = malloc(len + 1);
    net_fake.outside = false;
    memcpy(wire.frames[slot], frame, len);
    wire.lens[slot] = len;
    wire.hdrs[slot] = *hdr;
    wire.count++;
}

void net_fake_give(const void *frame, size_t len)
{
    net_fake_give_with(frame, len, &(struct solo5_net_hdr){0});
}

unsigned net_fake_waiting(void)
{
    return wire.count;
}

solo5_result_t solo5_net_acquire(const char *name, solo5_handle_t *handle,
                                 struct solo5_net_info *info)
{
    if (net_fake.no_device || strcmp(name, "service") != 0)
        return SOLO5_R_EINVAL;
    *handle = NET_FAKE_HANDLE;
    info->mtu = net_fake.mtu;
    memcpy(info->mac_address, net_fake.mac, sizeof net_fake.mac);
    return SOLO5_R_OK;
}

uint64_t solo5_net_features(solo5_handle_t handle)
{
    check(handle == NET_FAKE_HANDLE);
    return net_fake.features;
}

size_t solo5_net_frame_max(solo5_handle_t handle)
{
    check(handle == NET_FAKE_HANDLE);
    return HAS(SOLO5_NET_TSO4_OUT) || HAS(SOLO5_NET_TSO4_IN) ? FRAME_MAX
                                                             : net_fake.mtu + SOLO5_NET_HLEN;
}

size_t solo5_net_depth(solo5_handle_t handle)
{
    check(handle == NET_FAKE_HANDLE);
    return DEPTH;
}

/* ---- What the program sends ---------------------------------------------------------------- */

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static uint32_t add(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

/* Sends a frame whose checksum from (start) on is to be completed. */
static void complete(uint8_t *frame, size_t len, size_t start, size_t offset)
{
    check(start + offset + 2 <= len);
    put16(frame + start + offset, (uint16_t)~fold(add(0, frame + start, len - start)));
    net_fake.sent(frame, len);
}

/* Cuts a TCP packet over IPv4. */
static void cut(const uint8_t *frame, size_t len, const struct solo5_net_hdr *hdr)
{
    size_t tcp = 14 + (frame[14] & 15U) * 4;
    size_t data = tcp + (frame[tcp + 12] >> 4) * 4U;
    uint32_t seq = get32(frame + tcp + 4);
    uint16_t id = (uint16_t)(frame[18] << 8 | frame[19]);

    check(hdr->csum_start == tcp && hdr->csum_offset == 16 && hdr->hdr_len == data);
    check(hdr->gso_size > 0 && data - 14 + hdr->gso_size <= net_fake.mtu && frame[23] == 6);
    net_fake.large_count++;
    for (size_t at = data; at < len; at += hdr->gso_size) {
        uint8_t piece[2048];
        size_t n = len - at < hdr->gso_size ? len - at : hdr->gso_size;

        memcpy(piece, frame, data);
        memcpy(piece + data, frame + at, n);
        put16(piece + 16, (uint32_t)(data + n - 14));
        put16(piece + 18, id++);
        put16(piece + 24, 0);
        put16(piece + 24, (uint16_t)~fold(add(0, piece + 14, tcp - 14)));
        put16(piece + tcp + 4, (seq + (uint32_t)(at - data)) >> 16);
        put16(piece + tcp + 6, seq + (uint32_t)(at - data));
        if (at + n < len)
            piece[tcp + 13] &= (uint8_t)~9; /* FIN, PSH */
        put16(piece + tcp + 16,
              fold(add(6 + (uint32_t)(data + n - tcp), piece + 26, 8))); /* RFC 9293, 3.1 */
        complete(piece, data + n, tcp, 16);
    }
}

static void transmit(const struct solo5_packet *packet)
{
    static uint8_t frame[FRAME_MAX];
    size_t len = 0;

    check(packet->segment_count > 0 && packet->segment_count <= SOLO5_SEGMENTS_MAX);
    for (uint32_t i = 0; i < packet->segment_count; i++) {
        check(packet->segments[i].len > 0 && packet->segments[i].len <= FRAME_MAX - len);
        memcpy(frame + len, packet->segments[i].base, packet->segments[i].len);
        len += packet->segments[i].len;
    }
    check(len >= SOLO5_NET_HLEN);
    net_fake.sent_count++;
    if (net_fake.sent == NULL)
        return;
    if (packet->hdr.flags == 0) {
        check(packet->hdr.gso_type == SOLO5_NET_GSO_NONE && len <= net_fake.mtu + SOLO5_NET_HLEN);
        net_fake.sent(frame, len);
        return;
    }
    check(HAS(SOLO5_NET_CSUM_OUT) && packet->hdr.flags == SOLO5_NET_HDR_NEEDS_CSUM);
    if (packet->hdr.gso_type == SOLO5_NET_GSO_NONE) {
        check(len <= net_fake.mtu + SOLO5_NET_HLEN);
        complete(frame, len, packet->hdr.csum_start, packet->hdr.csum_offset);
    } else {
        check(HAS(SOLO5_NET_TSO4_OUT) && packet->hdr.gso_type == SOLO5_NET_GSO_TCPV4);
        cut(frame, len, &packet->hdr);
    }
}

solo5_result_t solo5_net_send(solo5_handle_t handle, const struct solo5_packet *packets,
                              size_t count, size_t *sent)
{
    check(handle == NET_FAKE_HANDLE);
    *sent = 0;
    if (net_fake.send_fails)
        return SOLO5_R_EUNSPEC;
    while (*sent < count) {
        if (net_fake.send_full || device.sent_count == DEPTH)
            return SOLO5_R_AGAIN;
        if (net_fake.hold > 0)
            transmit(&packets[*sent]);
        device.sent[(device.sent_first + device.sent_count++) % DEPTH] = packets[(*sent)++];
    }
    return SOLO5_R_OK;
}

size_t solo5_net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    size_t count = 0;
    unsigned keep = net_fake.hold > 0 ? net_fake.hold : net_fake.lend;

    check(handle == NET_FAKE_HANDLE);
    if (device.sent_count > 0 && device.sent_ns == 0)
        device.sent_ns = net_fake.now_ns;
    if (device.sent_count > 0 && net_fake.now_ns > device.sent_ns && net_fake.hold == 0)
        keep = 0; /* what it sends late it does not keep for ever */
    while (count < max && device.sent_count > keep) {
        const struct solo5_packet *packet = &device.sent[device.sent_first];

        if (net_fake.hold == 0)
            transmit(packet);
        cookies[count++] = packet->cookie;
        device.sent_first = (device.sent_first + 1) % DEPTH;
        device.sent_count--;
    }
    if (device.sent_count == 0)
        device.sent_ns = 0;
    return count;
}

/* ---- What it receives ---------------------------------------------------------------------- */

solo5_result_t solo5_net_post(solo5_handle_t handle, const struct solo5_packet *buffers,
                              size_t count, size_t *posted)
{
    for (*posted = 0; *posted < count; ++*posted) {
        const struct solo5_packet *buffer = &buffers[*posted];

        check(buffer->segment_count == 1 && buffer->segments[0].len >= solo5_net_frame_max(handle));
        if (device.posted_count == DEPTH)
            return SOLO5_R_AGAIN;
        device.posted[(device.posted_first + device.posted_count++) % DEPTH] = *buffer;
    }
    return SOLO5_R_OK;
}

solo5_result_t solo5_net_receive(solo5_handle_t handle, struct solo5_received *packets, size_t max,
                                 size_t *count)
{
    for (*count = 0; *count < max && wire.count > 0 && device.posted_count > 0; ++*count) {
        const struct solo5_packet *buffer = &device.posted[device.posted_first];
        size_t len = wire.lens[wire.first];

        if (len > solo5_net_frame_max(handle))
            len = solo5_net_frame_max(handle);
        memcpy(buffer->segments[0].base, wire.frames[wire.first], len);
        packets[*count] = (struct solo5_received){
            .hdr = wire.hdrs[wire.first], .len = (uint32_t)len, .cookie = buffer->cookie};
        net_fake.outside = true;
        free(wire.frames[wire.first]);
        net_fake.outside = false;
        wire.first = (wire.first + 1) % FRAME_COUNT;
        wire.count--;
        device.posted_first = (device.posted_first + 1) % DEPTH;
        device.posted_count--;
    }
    return *count > 0 ? SOLO5_R_OK : SOLO5_R_AGAIN;
}
