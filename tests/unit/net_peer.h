/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The other end of the fake wire: a host at 10.0.0.1 that answers ARP by itself and does otherwise
 * what the test says, packet by packet. The program is 10.0.0.2.
 */
#ifndef TESTS_UNIT_NET_PEER_H
#define TESTS_UNIT_NET_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_IP 0x0a000001 /* host byte order, as all addresses here */
#define OUR_IP  0x0a000002

#define TCP_F_FIN 1
#define TCP_F_SYN 2
#define TCP_F_RST 4
#define TCP_F_PSH 8
#define TCP_F_ACK 16

/* What a packet says, whatever the protocol. */
struct packet {
    uint8_t protocol; /* 1, 6, 17; 0 for ARP */
    uint32_t src, dest;
    uint16_t src_port, dest_port;
    uint8_t flags; /* TCP */
    uint32_t seq, ack;
    uint32_t window; /* as written, not scaled; 0, to send: the largest */
    bool closed;     /* to send: a window of 0 */
    uint8_t type;    /* ICMP */
    uint8_t data[2048];
    size_t len;
    size_t options_len; /* TCP, to send: so many bytes of the data, by four */
};

/* Starts to listen to the wire; call first. */
void peer_start(void);

/* Builds the Ethernet frame of (p), with good checksums, into (frame); returns its length. */
size_t peer_build(const struct packet *p, uint8_t *frame);

/* Sends a packet. */
void peer_send(const struct packet *p);
void peer_tcp(uint16_t port, uint16_t dest_port, uint32_t seq, uint32_t ack, uint8_t flags,
              const void *data, size_t len);
void peer_udp(uint16_t port, uint16_t dest_port, const void *data, size_t len);

/* Lets the program run one turn, and returns the oldest packet that it sent and that was not
 * returned yet; NULL when there is none. Good until the next call. At most 512 are kept. */
const struct packet *peer_next(void);

/* Forgets what was sent. */
void peer_forget(void);

/* One side of a connection, kept by the test. */
struct peer_tcp {
    uint16_t port, dest_port;
    uint32_t seq, ack; /* the next to send, and to be received */
};

/* A segment without data, to be sent. */
struct packet peer_segment(const struct peer_tcp *c, uint8_t flags);

/* Opens a connection to (dest_port); false when the answer was not SYN|ACK. Packets for other ports
 * are lost. */
bool peer_connect(struct peer_tcp *c, uint16_t port, uint16_t dest_port);
void peer_write(struct peer_tcp *c, const void *data, size_t len);
void peer_fin(struct peer_tcp *c);

#endif
