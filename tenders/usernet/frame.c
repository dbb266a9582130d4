/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Ethernet frames read and built: see frame.h.
 */
#include "frame.h"

#include <string.h>

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_ARP  0x0806u

#define ARP_HEADER_LEN 28u
#define ARP_ETHERNET   1u

#define IPV4_HEADER_LEN 20u
#define IPV4_FRAGMENT   0xbfffu /* more fragments, an offset, or the bit reserved; RFC 791, 3.1 */
#define IPPROTO_TCP     6u
#define IPPROTO_UDP     17u

#define UDP_HEADER_LEN 8u
#define TCP_HEADER_LEN 20u
#define TCP_OPTION_LEN 4u
#define TCP_OPTION_MSS 2u

static uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static void store16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void store32(uint8_t *p, uint32_t value)
{
    store16(p, (uint16_t)(value >> 16));
    store16(p + 2, (uint16_t)value);
}

static void parse_arp(const uint8_t *arp, size_t len, struct frame *out)
{
    if (len < ARP_HEADER_LEN || load16(arp) != ARP_ETHERNET || load16(arp + 2) != ETHERTYPE_IPV4 ||
        arp[4] != MAC_LEN || arp[5] != 4)
        return;
    out->kind = FRAME_ARP;
    out->arp_op = load16(arp + 6);
    out->src = load32(arp + 14);
    out->dst = load32(arp + 24);
}

static void parse_ports(const uint8_t *data, size_t len, struct frame *out)
{
    if (out->protocol == IPPROTO_UDP && len >= UDP_HEADER_LEN) {
        out->kind = FRAME_IPV4_UDP;
    } else if (out->protocol == IPPROTO_TCP && len >= TCP_HEADER_LEN) {
        out->kind = FRAME_IPV4_TCP;
        out->tcp_seq = load32(data + 4);
        out->tcp_ack = load32(data + 8);
        out->tcp_flags = data[13];
    } else {
        return;
    }
    out->src_port = load16(data);
    out->dst_port = load16(data + 2);
}

static void parse_ipv4(const uint8_t *ip, size_t len, struct frame *out)
{
    size_t header_len;

    if (len < IPV4_HEADER_LEN || ip[0] >> 4 != 4)
        return;
    header_len = (size_t)(ip[0] & 15) * 4;
    if (header_len < IPV4_HEADER_LEN || header_len > len || (load16(ip + 6) & IPV4_FRAGMENT) != 0)
        return;
    out->kind = FRAME_IPV4;
    out->protocol = ip[9];
    out->src = load32(ip + 12);
    out->dst = load32(ip + 16);
    parse_ports(ip + header_len, len - header_len, out);
}

void frame_parse(const uint8_t *data, size_t len, struct frame *out)
{
    *out = (struct frame){.kind = FRAME_OTHER};
    if (len < FRAME_ETH_LEN)
        return;
    memcpy(out->src_mac, data + MAC_LEN, MAC_LEN);
    switch (load16(data + 12)) {
    case ETHERTYPE_ARP:
        parse_arp(data + FRAME_ETH_LEN, len - FRAME_ETH_LEN, out);
        break;
    case ETHERTYPE_IPV4:
        parse_ipv4(data + FRAME_ETH_LEN, len - FRAME_ETH_LEN, out);
        break;
    }
}

static void build_ethernet(uint8_t *out, const uint8_t *from, const uint8_t *to, uint16_t type)
{
    memcpy(out, to, MAC_LEN);
    memcpy(out + MAC_LEN, from, MAC_LEN);
    store16(out + 12, type);
}

void frame_build_arp(uint8_t out[FRAME_ARP_LEN], const struct frame_end *from, uint32_t wanted)
{
    static const uint8_t everybody[MAC_LEN] = {255, 255, 255, 255, 255, 255};
    uint8_t *arp = out + FRAME_ETH_LEN;

    memset(out, 0, FRAME_ARP_LEN);
    build_ethernet(out, from->mac, everybody, ETHERTYPE_ARP);
    store16(arp, ARP_ETHERNET);
    store16(arp + 2, ETHERTYPE_IPV4);
    arp[4] = MAC_LEN;
    arp[5] = 4;
    store16(arp + 6, ARP_REQUEST);
    memcpy(arp + 8, from->mac, MAC_LEN);
    store32(arp + 14, from->addr);
    store32(arp + 24, wanted);
}

/* The ones' complement sum of RFC 1071 over an even number of bytes. */
static uint32_t sum16(const uint8_t *data, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i += 2)
        sum += load16(data + i);
    return sum;
}

static uint16_t sum_finish(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void frame_build_tcp(uint8_t out[FRAME_TCP_LEN], const struct frame_end *from,
                     const struct frame_end *to, uint8_t flags, uint32_t seq)
{
    const size_t tcp_len = TCP_HEADER_LEN + TCP_OPTION_LEN;
    uint8_t *ip = out + FRAME_ETH_LEN;
    uint8_t *tcp = ip + IPV4_HEADER_LEN;

    memset(out, 0, FRAME_TCP_LEN);
    build_ethernet(out, from->mac, to->mac, ETHERTYPE_IPV4);
    ip[0] = 0x45;
    store16(ip + 2, (uint16_t)(IPV4_HEADER_LEN + tcp_len));
    ip[8] = 64;
    ip[9] = IPPROTO_TCP;
    store32(ip + 12, from->addr);
    store32(ip + 16, to->addr);
    store16(ip + 10, sum_finish(sum16(ip, IPV4_HEADER_LEN, 0)));

    store16(tcp, from->port);
    store16(tcp + 2, to->port);
    store32(tcp + 4, seq);
    tcp[12] = (uint8_t)(tcp_len / 4 << 4);
    tcp[13] = flags;
    store16(tcp + 14, UINT16_MAX);
    tcp[TCP_HEADER_LEN] = TCP_OPTION_MSS;
    tcp[TCP_HEADER_LEN + 1] = TCP_OPTION_LEN;
    store16(tcp + TCP_HEADER_LEN + 2, FRAME_MTU - IPV4_HEADER_LEN - TCP_HEADER_LEN);
    /* RFC 9293, 3.1: the sum covers the addresses, the protocol and the length too. */
    store16(tcp + 16,
            sum_finish(sum16(tcp, tcp_len, sum16(ip + 12, 8, (uint32_t)(IPPROTO_TCP + tcp_len)))));
}
