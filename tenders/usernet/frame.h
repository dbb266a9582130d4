/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Ethernet frames, as far as usernet itself looks at them: it reads addresses, ports and TCP flags,
 * and it builds the two frames that ask a guest whether a port answers. Everything else in a frame
 * is libslirp's. Frames come from the guest: every length in them is checked before it is used.
 *
 * Addresses, ports and sequence numbers are in host byte order here.
 */
#ifndef QUINTET_TENDERS_USERNET_FRAME_H
#define QUINTET_TENDERS_USERNET_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define MAC_LEN       6u
#define FRAME_MTU     1500u
#define FRAME_ETH_LEN 14u
#define FRAME_MAX     (FRAME_ETH_LEN + FRAME_MTU)
#define FRAME_ARP_LEN 42u
#define FRAME_TCP_LEN 58u /* Ethernet, IPv4, TCP with the MSS option */

#define ARP_REQUEST 1u
#define ARP_REPLY   2u

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_ACK 0x10u
#define TCP_URG 0x20u

enum frame_kind {
    FRAME_OTHER,    /* neither of the two below, or one that is malformed */
    FRAME_ARP,      /* Ethernet and IPv4; arp_op and src are set */
    FRAME_IPV4,     /* another protocol; protocol, src, dst are set; a fragment is FRAME_OTHER */
    FRAME_IPV4_UDP, /* besides, the ports are set */
    FRAME_IPV4_TCP, /* besides, the ports and tcp_* are set */
};

struct frame {
    enum frame_kind kind;
    uint8_t src_mac[MAC_LEN];
    uint16_t arp_op;
    uint32_t src; /* in ARP, the sender's address */
    uint32_t dst; /* in ARP, the address asked for */
    uint8_t protocol;
    uint16_t src_port;
    uint16_t dst_port;
    uint8_t tcp_flags;
    uint32_t tcp_seq;
    uint32_t tcp_ack;
};

/* Reads the frame of (len) bytes at (data) into (*out). Never fails: what cannot be read is
 * FRAME_OTHER, and so is a fragment.
 */
void frame_parse(const uint8_t *data, size_t len, struct frame *out);

/* One end of what frame_build_*() write. */
struct frame_end {
    uint8_t mac[MAC_LEN];
    uint32_t addr;
    uint16_t port;
};

/* Builds the ARP request in which (from) asks everybody who has (wanted). */
void frame_build_arp(uint8_t out[FRAME_ARP_LEN], const struct frame_end *from, uint32_t wanted);

/* Builds a TCP segment without data: (flags) are TCP_*, and the sequence number is (seq). */
void frame_build_tcp(uint8_t out[FRAME_TCP_LEN], const struct frame_end *from,
                     const struct frame_end *to, uint8_t flags, uint32_t seq);

#endif
