/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See net_peer.h.
 */
#include "net_peer.h"

#include <stdlib.h>
#include <string.h>

#include "net_fake.h"

#define ETH  14
#define IP   20
#define KEEP 512

static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 1};

static struct packet kept[KEEP];
static unsigned kept_first, kept_count;

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* RFC 1071, as slow and as plain as can be. */
static unsigned checksum(const uint8_t *p, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static uint32_t pseudo_sum(const struct packet *p, size_t len)
{
    return (p->src >> 16) + (p->src & 0xffff) + (p->dest >> 16) + (p->dest & 0xffff) + p->protocol +
           (uint32_t)len;
}

/* The transport's header and the data at (t); returns the length. */
static size_t build_transport(const struct packet *p, uint8_t *t)
{
    size_t header = p->protocol == 6 ? 20 : 8;
    size_t check = p->protocol == 6 ? 16 : p->protocol == 17 ? 6 : 2;
    size_t len = header + p->len;

    memset(t, 0, header);
    memcpy(t + header, p->data, p->len);
    put16(t, p->src_port);
    put16(t + 2, p->dest_port);
    if (p->protocol == 6) {
        put32(t + 4, p->seq);
        put32(t + 8, p->ack);
        t[12] = (uint8_t)((5 + p->options_len / 4) << 4);
        t[13] = p->flags;
        put16(t + 14, p->closed ? 0 : p->window != 0 ? p->window : 65535);
    } else if (p->protocol == 17) {
        put16(t + 4, (unsigned)len);
    } else {
        put16(t, 0);
        t[0] = p->type;
        put32(t + 4, (uint32_t)p->src_port << 16 | p->dest_port);
    }
    if (p->protocol == 1)
        put16(t + 2, 0);
    put16(t + check, checksum(t, len, p->protocol == 1 ? 0 : pseudo_sum(p, len)));
    return len;
}

size_t peer_build(const struct packet *p, uint8_t *frame)
{
    uint8_t *ip = frame + ETH;
    size_t len = IP + build_transport(p, ip + IP);

    memcpy(frame, net_fake.mac, 6);
    memcpy(frame + 6, peer_mac, 6);
    put16(frame + 12, 0x0800);
    memset(ip, 0, IP);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)len);
    ip[8] = 64;
    ip[9] = p->protocol;
    put32(ip + 12, p->src);
    put32(ip + 16, p->dest);
    put16(ip + 10, checksum(ip, IP, 0));
    return ETH + len;
}

void peer_send(const struct packet *p)
{
    uint8_t frame[ETH + IP + 20 + sizeof p->data];

    net_fake_give(frame, peer_build(p, frame));
}

struct packet peer_segment(const struct peer_tcp *c, uint8_t flags)
{
    return (struct packet){.protocol = 6,
                           .src = PEER_IP,
                           .dest = OUR_IP,
                           .src_port = c->port,
                           .dest_port = c->dest_port,
                           .seq = c->seq,
                           .ack = c->ack,
                           .flags = flags};
}

void peer_tcp(uint16_t port, uint16_t dest_port, uint32_t seq, uint32_t ack, uint8_t flags,
              const void *data, size_t len)
{
    const struct peer_tcp c = {port, dest_port, seq, ack};
    struct packet p = peer_segment(&c, flags);

    p.len = len;
    if (len > 0)
        memcpy(p.data, data, len);
    peer_send(&p);
}

void peer_udp(uint16_t port, uint16_t dest_port, const void *data, size_t len)
{
    struct packet p = {.protocol = 17,
                       .src = PEER_IP,
                       .dest = OUR_IP,
                       .src_port = port,
                       .dest_port = dest_port,
                       .len = len};

    if (len > 0)
        memcpy(p.data, data, len);
    peer_send(&p);
}

static void answer_arp(const uint8_t *frame)
{
    const uint8_t *arp = frame + ETH;
    uint8_t reply[ETH + 28] = {0};

    if (get16(arp + 6) != 1 || get32(arp + 24) != PEER_IP)
        return;
    memcpy(reply, frame + 6, 6);
    memcpy(reply + 6, peer_mac, 6);
    put16(reply + 12, 0x0806);
    memcpy(reply + ETH, arp, 6);
    put16(reply + ETH + 6, 2);
    memcpy(reply + ETH + 8, peer_mac, 6);
    put32(reply + ETH + 14, PEER_IP);
    memcpy(reply + ETH + 18, arp + 8, 10);
    net_fake_give(reply, sizeof reply);
}

static void keep_ip(const uint8_t *frame, size_t len)
{
    struct packet *p = &kept[(kept_first + kept_count) % KEEP];
    const uint8_t *ip = frame + ETH, *t = ip + IP;
    size_t total = get16(ip + 2), header;

    if (kept_count == KEEP)
        return;
    if (len < ETH + total || checksum(ip, IP, 0) != 0)
        abort();
    memset(p, 0, sizeof *p);
    p->protocol = ip[9];
    p->src = get32(ip + 12);
    p->dest = get32(ip + 16);
    header = p->protocol == 6 ? (size_t)(t[12] >> 4) * 4 : 8;
    if (checksum(t, total - IP, p->protocol == 1 ? 0 : pseudo_sum(p, total - IP)) != 0)
        abort();
    p->src_port = (uint16_t)get16(t);
    p->dest_port = (uint16_t)get16(t + 2);
    if (p->protocol == 6) {
        p->seq = get32(t + 4);
        p->ack = get32(t + 8);
        p->flags = t[13];
        p->window = get16(t + 14);
    } else if (p->protocol == 1) {
        p->type = t[0];
    }
    p->len = total - IP - header;
    memcpy(p->data, t + header, p->len < sizeof p->data ? p->len : sizeof p->data);
    kept_count++;
}

static void heard(const uint8_t *frame, size_t len)
{
    if (get16(frame + 12) == 0x0806)
        answer_arp(frame);
    else if (get16(frame + 12) == 0x0800)
        keep_ip(frame, len);
}

void peer_start(void)
{
    net_fake.sent = heard;
}

const struct packet *peer_next(void)
{
    static struct packet p;

    net_fake_turn();
    net_fake_turn();
    if (kept_count == 0)
        return NULL;
    p = kept[kept_first];
    kept_first = (kept_first + 1) % KEEP;
    kept_count--;
    return &p;
}

void peer_forget(void)
{
    kept_count = 0;
}

bool peer_connect(struct peer_tcp *c, uint16_t port, uint16_t dest_port)
{
    const struct packet *p;

    *c = (struct peer_tcp){.port = port, .dest_port = dest_port, .seq = 1000u * port};
    peer_tcp(port, dest_port, c->seq, 0, TCP_F_SYN, NULL, 0);
    do {
        p = peer_next();
    } while (p != NULL && p->dest_port != port);
    if (p == NULL || p->flags != (TCP_F_SYN | TCP_F_ACK))
        return false;
    c->seq++;
    c->ack = p->seq + 1;
    peer_tcp(port, dest_port, c->seq, c->ack, TCP_F_ACK, NULL, 0);
    net_fake_turn();
    return true;
}

void peer_write(struct peer_tcp *c, const void *data, size_t len)
{
    peer_tcp(c->port, c->dest_port, c->seq, c->ack, TCP_F_ACK | TCP_F_PSH, data, len);
    c->seq += (uint32_t)len;
}

void peer_fin(struct peer_tcp *c)
{
    peer_tcp(c->port, c->dest_port, c->seq, c->ack, TCP_F_ACK | TCP_F_FIN, NULL, 0);
    c->seq++;
}
