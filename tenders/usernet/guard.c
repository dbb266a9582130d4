/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a guest under --restrict may send: see guard.h.
 */
#include "guard.h"

#define PROTOCOL_ICMP    1u
#define DHCP_SERVER_PORT 67u
#define DHCP_CLIENT_PORT 68u
#define BROADCAST        UINT32_MAX

void guard_init(struct guard *guard, uint32_t host_addr)
{
    *guard = (struct guard){.host_addr = host_addr};
}

static unsigned slot_of(uint32_t addr, uint16_t port, uint16_t guest_port)
{
    uint64_t key = (uint64_t)addr << 32 | (uint32_t)port << 16 | guest_port;

    return (unsigned)(key * 0x9e3779b97f4a7c15ull >> 32) % GUARD_PEERS;
}

void guard_note(struct guard *guard, const struct frame *frame, uint64_t now_ns)
{
    struct guard_peer *peer;

    /* libslirp sends the guest UDP from nowhere else: DHCP's answers, and forwarded datagrams. */
    if (frame->kind != FRAME_IPV4_UDP || frame->dst_port == DHCP_CLIENT_PORT)
        return;
    peer = &guard->peers[slot_of(frame->src, frame->src_port, frame->dst_port)];
    *peer = (struct guard_peer){
        .addr = frame->src,
        .port = frame->src_port,
        .guest_port = frame->dst_port,
        .until_ns = now_ns + GUARD_PEER_NS,
    };
}

static bool udp_allowed(const struct guard *guard, const struct frame *frame, uint64_t now_ns)
{
    const struct guard_peer *peer;

    if (frame->dst_port == DHCP_SERVER_PORT)
        return frame->dst == guard->host_addr || frame->dst == BROADCAST;
    peer = &guard->peers[slot_of(frame->dst, frame->dst_port, frame->src_port)];
    return peer->addr == frame->dst && peer->port == frame->dst_port &&
           peer->guest_port == frame->src_port && now_ns < peer->until_ns;
}

bool guard_allows(const struct guard *guard, const struct frame *frame, uint64_t now_ns)
{
    const uint8_t opening = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG | TCP_ACK;

    switch (frame->kind) {
    case FRAME_ARP:
        return true;
    case FRAME_IPV4_TCP:
        return (frame->tcp_flags & opening) != TCP_SYN;
    case FRAME_IPV4_UDP:
        return udp_allowed(guard, frame, now_ns);
    case FRAME_IPV4:
        return frame->protocol == PROTOCOL_ICMP && frame->dst == guard->host_addr;
    case FRAME_OTHER:
        break;
    }
    return false;
}
