/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See netif_offload.h. What a received header says is a claim: it counts only where the packet
 * bears it out.
 */
#include "netif_offload.h"

#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"
#include "lwip/prot/udp.h"

#define TCP_CSUM_OFFSET 16
#define UDP_CSUM_OFFSET 6
#define UDP_PIECES_MAX  128 /* of Linux, which made them from one call */
#define GSO_SIZE_SAFE   536 /* every peer takes it: RFC 9293, 3.7.1 */

uint16_t net_offload_checks(const struct net_device *dev, bool checked)
{
    uint16_t checks = NETIF_CHECKSUM_ENABLE_ALL;

    if (NET_HAS(dev, SOLO5_NET_CSUM_OUT))
        checks &= (uint16_t)~NETIF_CHECKSUM_GEN_TCP;
    if (checked)
        checks &= (uint16_t) ~(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP);
    return checks;
}

/* ---- Sending ------------------------------------------------------------------------------- */

/* RFC 9293, 3.1: of the addresses, the protocol and the length; not inverted. */
static uint16_t pseudo_header_sum(const struct ip_hdr *ip, uint16_t len)
{
    uint32_t sum = (ip->src.addr & 0xffff) + (ip->src.addr >> 16) + (ip->dest.addr & 0xffff) +
                   (ip->dest.addr >> 16) + lwip_htons(IP_PROTO_TCP) + lwip_htons(len);

    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

void net_offload_fill(const struct net_device *dev, struct pbuf *p, struct solo5_net_hdr *hdr)
{
    const struct eth_hdr *ethernet = p->payload;
    const struct ip_hdr *ip = (const void *)(ethernet + 1);
    struct tcp_hdr *tcp;
    uint16_t start, header_len, payload_len, piece_len = UINT16_MAX;

    *hdr = (struct solo5_net_hdr){0};
    if (!NET_HAS(dev, SOLO5_NET_CSUM_OUT) || p->len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN ||
        ethernet->type != PP_HTONS(ETHTYPE_IP) || IPH_PROTO(ip) != IP_PROTO_TCP ||
        (IPH_OFFSET(ip) & PP_HTONS(IP_MF | IP_OFFMASK)) != 0)
        return;
    start = (uint16_t)(SIZEOF_ETH_HDR + IPH_HL_BYTES(ip));
    if (p->len < start + TCP_HLEN)
        return;
    tcp = (void *)((u8_t *)p->payload + start);
    header_len = (uint16_t)(start + TCPH_HDRLEN_BYTES(tcp));
    payload_len = (uint16_t)(p->tot_len - header_len);

    tcp->chksum = pseudo_header_sum(ip, (uint16_t)(p->tot_len - start));
    hdr->flags = SOLO5_NET_HDR_NEEDS_CSUM;
    hdr->csum_start = start;
    hdr->csum_offset = TCP_CSUM_OFFSET;
    if (dev->netif.hints != NULL && dev->netif.hints->gso_size != 0)
        piece_len = dev->netif.hints->gso_size;
    else if (p->tot_len > dev->mtu + SOLO5_NET_HLEN)
        piece_len = GSO_SIZE_SAFE;
    if (payload_len <= piece_len)
        return;
    hdr->gso_type = SOLO5_NET_GSO_TCPV4;
    hdr->hdr_len = header_len;
    hdr->gso_size = piece_len;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Where the TCP or UDP header of a whole IPv4 packet begins, and which; 0 of any other. */
static uint16_t transport_of(const uint8_t *data, size_t len, uint8_t *protocol)
{
    struct eth_hdr ethernet;
    struct ip_hdr ip;
    size_t start;

    if (len < SIZEOF_ETH_HDR + IP_HLEN)
        return 0;
    memcpy(&ethernet, data, sizeof ethernet);
    memcpy(&ip, data + SIZEOF_ETH_HDR, sizeof ip);
    start = SIZEOF_ETH_HDR + IPH_HL_BYTES(&ip);
    *protocol = IPH_PROTO(&ip);
    if (ethernet.type != PP_HTONS(ETHTYPE_IP) || IPH_V(&ip) != 4 || IPH_HL_BYTES(&ip) < IP_HLEN ||
        (IPH_OFFSET(&ip) & PP_HTONS(IP_MF | IP_OFFMASK)) != 0)
        return 0;
    if (*protocol == IP_PROTO_TCP)
        return len >= start + TCP_HLEN ? (uint16_t)start : 0;
    return *protocol == IP_PROTO_UDP && len >= start + UDP_HLEN ? (uint16_t)start : 0;
}

enum net_offload_verdict net_offload_judge(const struct net_device *dev, const uint8_t *data,
                                           const struct solo5_received *r)
{
    uint8_t gso = r->hdr.gso_type & (uint8_t)~SOLO5_NET_GSO_ECN;
    uint8_t protocol = 0;
    uint16_t start;
    bool checked;

    if (!NET_HAS(dev, SOLO5_NET_CSUM_IN) || (r->hdr.flags == 0 && gso == SOLO5_NET_GSO_NONE))
        return NET_OFFLOAD_PLAIN;
    start = transport_of(data, r->len, &protocol);
    checked = start != 0 && (r->hdr.flags & SOLO5_NET_HDR_DATA_VALID) != 0;
    if ((r->hdr.flags & SOLO5_NET_HDR_NEEDS_CSUM) != 0) {
        checked =
            start != 0 && r->hdr.csum_start == start &&
            r->hdr.csum_offset == (protocol == IP_PROTO_TCP ? TCP_CSUM_OFFSET : UDP_CSUM_OFFSET);
    }
    if (gso == SOLO5_NET_GSO_NONE)
        return checked ? NET_OFFLOAD_CHECKED : NET_OFFLOAD_PLAIN;
    if (!checked || r->hdr.gso_size == 0)
        return NET_OFFLOAD_BAD;
    if (gso == SOLO5_NET_GSO_TCPV4 && protocol == IP_PROTO_TCP)
        return NET_OFFLOAD_CHECKED;
    if (gso != SOLO5_NET_GSO_UDP_L4 || protocol != IP_PROTO_UDP ||
        r->len - start - UDP_HLEN > (size_t)UDP_PIECES_MAX * r->hdr.gso_size)
        return NET_OFFLOAD_BAD;
    return NET_OFFLOAD_SPLIT;
}

static struct pbuf *datagram(struct net_device *dev, const uint8_t *data, size_t start,
                             const uint8_t *payload, size_t len)
{
    size_t total = start + UDP_HLEN + len;
    struct frame *frame = frame_get(total <= dev->small.room    ? &dev->small
                                    : total <= dev->medium.room ? &dev->medium
                                                                : &dev->large);
    struct ip_hdr *ip;
    struct udp_hdr *udp;
    struct pbuf *p;

    if (frame == NULL)
        return NULL;
    memcpy(frame_data(frame), data, start + UDP_HLEN);
    memcpy(frame_data(frame) + start + UDP_HLEN, payload, len);
    ip = (void *)(frame_data(frame) + SIZEOF_ETH_HDR);
    IPH_LEN_SET(ip, lwip_htons((uint16_t)(total - SIZEOF_ETH_HDR)));
    IPH_CHKSUM_SET(ip, 0);
    IPH_CHKSUM_SET(ip, inet_chksum(ip, IPH_HL_BYTES(ip)));
    udp = (void *)(frame_data(frame) + start);
    udp->len = lwip_htons((uint16_t)(UDP_HLEN + len));
    p = frame_to_pbuf(frame, (uint16_t)total);
    p->flags |= FRAME_FLAG_CHECKED;
    return p;
}

void net_offload_split(struct net_device *dev, const uint8_t *data, const struct solo5_received *r)
{
    uint8_t protocol;
    size_t start = transport_of(data, r->len, &protocol);
    const uint8_t *payload = data + start + UDP_HLEN;
    struct ip_hdr ip;
    size_t left;

    memcpy(&ip, data + SIZEOF_ETH_HDR, sizeof ip);
    left = lwip_ntohs(IPH_LEN(&ip)) + (size_t)SIZEOF_ETH_HDR;
    if (left > r->len || left < start + UDP_HLEN)
        return;
    for (left -= start + UDP_HLEN; left > 0 && net_device_has_room(dev);) {
        size_t len = left < r->hdr.gso_size ? left : r->hdr.gso_size;
        struct pbuf *p = datagram(dev, data, start, payload, len);

        if (p == NULL)
            return;
        net_device_queue(dev, p);
        payload += len;
        left -= len;
    }
}
