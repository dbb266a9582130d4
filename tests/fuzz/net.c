/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the network: runtime/net and lwIP as they are in a program, over a fake wire. An input
 * is a list of steps, each a byte for its kind, a byte for the length and that many bytes; packets
 * get what a random one would never hit, such as good checksums and numbers near the window. Two
 * listeners, a datagram socket and a client act as programs do. At the end everything is closed,
 * and no frame may be held.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/priv/tcp_priv.h"

#include "frame.h"
#include "fuzz.h"
#include "net.h"
#include "net_fake.h"
#include "net_peer.h"
#include "quintet.h"
#include "solo5_io.h"

const char *net_option_ipv4(const char *value);

#define SOCKETS 8

static struct {
    int fds[SOCKETS];
    /* What the other side has seen. */
    uint32_t seq, ack;
    uint16_t port, our_port, dns_port, dns_id;
    uint8_t dhcp[240];
    struct solo5_net_hdr hdr; /* of the next packet */
} world;

static void see(const uint8_t *frame, size_t len)
{
    const uint8_t *t = frame + 34;

    FUZZ_CHECK(len >= 14);
    if (len < 54 || frame[12] != 8 || frame[13] != 0)
        return;
    if (frame[23] == 6) {
        world.our_port = (uint16_t)(t[0] << 8 | t[1]);
        world.port = (uint16_t)(t[2] << 8 | t[3]);
        world.ack = (uint32_t)t[4] << 24 | (uint32_t)t[5] << 16 | (uint32_t)t[6] << 8 | t[7];
        world.seq = (uint32_t)t[8] << 24 | (uint32_t)t[9] << 16 | (uint32_t)t[10] << 8 | t[11];
        world.ack += (t[13] & (TCP_F_SYN | TCP_F_FIN)) != 0;
    } else if (frame[23] == 17 && t[3] == 53) {
        world.dns_port = (uint16_t)(t[0] << 8 | t[1]);
        world.dns_id = (uint16_t)(t[8] << 8 | t[9]);
    } else if (frame[23] == 17 && t[3] == 67 && len >= 42 + sizeof world.dhcp) {
        memcpy(world.dhcp, t + 8, sizeof world.dhcp);
    }
}

static void arp_reply(void)
{
    static const uint8_t reply[42] = {2,  0, 0, 0, 0, 2, 2, 0, 0, 0, 0,  1, 8, 6,
                                      0,  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,  0, 0, 1,
                                      10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2};

    net_fake_give(reply, sizeof reply);
}

/* ---- Steps --------------------------------------------------------------------------------- */

static void give(struct packet *p, const uint8_t *data, size_t len)
{
    uint8_t frame[64 + sizeof p->data];

    p->src = PEER_IP;
    p->dest = OUR_IP;
    p->len = len;
    memcpy(p->data, data, len);
    net_fake_give_with(frame, peer_build(p, frame), &world.hdr);
    world.hdr = (struct solo5_net_hdr){0};
}

static void step_frame(const uint8_t *data, size_t len)
{
    uint8_t frame[6 + 255];

    memcpy(frame, net_fake.mac, 6);
    memcpy(frame + 6, data, len);
    net_fake_give(frame, len + 6);
}

/* Flags, two bytes that move the numbers, then data, which begins with options where the two
 * highest flags say so. */
static void step_tcp(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 6, .src_port = world.port, .dest_port = world.our_port};

    if (len < 3)
        return;
    p.flags = data[0];
    p.seq = world.seq + (uint32_t)(int8_t)data[1];
    p.ack = world.ack + (uint32_t)(int8_t)data[2];
    if ((p.flags & 0xc0) == 0xc0) /* options first */
        p.options_len = (len - 3 < 40 ? len - 3 : 40) & ~(size_t)3;
    if ((p.flags & TCP_F_SYN) != 0 && (p.flags & TCP_F_ACK) == 0) {
        p.src_port = (uint16_t)(1000 + (data[1] & 3));
        p.dest_port = (data[2] & 1) != 0 ? 80 : 81;
    }
    give(&p, data + 3, len - 3);
}

/* The IP header's fragment field and protocol, TCP options included, under good sums. */
static void step_ip(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 17, .src_port = 9, .dest_port = 53};
    uint8_t frame[512];
    uint32_t sum = 0;
    size_t total;

    if (len < 4)
        return;
    p.src = PEER_IP;
    p.dest = OUR_IP;
    p.len = len - 4;
    memcpy(p.data, data + 4, p.len);
    total = peer_build(&p, frame);
    frame[20] = data[0];
    frame[21] = data[1];
    frame[23] = data[2];
    frame[14] = (uint8_t)(0x40 | (5 + data[3] % 11));
    frame[24] = frame[25] = 0;
    for (int i = 14; i < 14 + (frame[14] & 15) * 4 && i < (int)total; i++)
        sum += (i & 1) != 0 ? frame[i] : (uint32_t)frame[i] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    frame[24] = (uint8_t)(sum >> 8);
    frame[25] = (uint8_t)sum;
    net_fake_give(frame, total);
}

static void step_udp(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 17, .src_port = 9, .dest_port = 53};

    if (len == 1 + sizeof world.hdr && data[0] == 0xff) /* the device's header of what comes next */
        memcpy(&world.hdr, data + 1, sizeof world.hdr);
    else
        give(&p, data, len);
}

static void step_icmp(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 1, .type = len > 0 ? data[0] : 8};

    give(&p, data, len);
}

static void step_dns(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 17, .src_port = 53, .dest_port = world.dns_port};
    uint8_t reply[255 + 2];

    reply[0] = (uint8_t)(world.dns_id >> 8);
    reply[1] = (uint8_t)world.dns_id;
    memcpy(reply + 2, data, len);
    give(&p, reply, len + 2);
}

static void step_dhcp(const uint8_t *data, size_t len)
{
    struct packet p = {.protocol = 17, .src_port = 67, .dest_port = 68};
    uint8_t reply[sizeof world.dhcp + 255 + 60] = {0};

    if (netif_dhcp_data(netif_default) == NULL || len == 0) {
        dhcp_start(netif_default);
        return;
    }
    memcpy(reply, world.dhcp, sizeof world.dhcp);
    reply[0] = 2;
    memcpy(reply + 16, (const uint8_t[]){10, 0, 0, 2}, 4);
    memcpy(reply + sizeof world.dhcp, data, len);
    give(&p, reply, sizeof world.dhcp + len + 60);
}

static void step_time(const uint8_t *data, size_t len)
{
    if (len > 0)
        net_fake_run(data[0] * (len > 1 ? 100u : 1u));
}

static void found(const char *name, const ip_addr_t *ip, void *arg)
{
    (void)name;
    (void)ip;
    (void)arg;
}

static int *slot(uint8_t which)
{
    return &world.fds[2 + which % (SOCKETS - 2)];
}

/* What a program does: which call, which socket, how much. */
static void step_program(const uint8_t *data, size_t len)
{
    static uint8_t buf[4096];
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(7)};
    struct pollfd p;
    ip_addr_t ip;
    int *fd;

    if (len < 3)
        return;
    fd = slot(data[1]);
    in.sin_addr.s_addr = htonl(PEER_IP);
    switch (data[0] % 8) {
    case 0:
        if (*fd < 0)
            *fd = accept(world.fds[data[2] & 1], NULL, NULL);
        break;
    case 1:
        recv(*fd, buf, data[2] * 4u, MSG_DONTWAIT | ((data[2] & 1) != 0 ? MSG_PEEK : 0));
        break;
    case 2:
        if ((data[2] & 1) != 0)
            rt_send_ref(*fd, buf, data[2] * 16u, MSG_DONTWAIT, NULL, NULL);
        else
            send(*fd, buf, data[2] * 16u, MSG_DONTWAIT);
        break;
    case 3:
        net_fake_close(*fd);
        *fd = -1;
        break;
    case 4:
        shutdown(*fd, data[2] % 3);
        break;
    case 5:
        if (*fd < 0 && (*fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) >= 0)
            connect(*fd, (struct sockaddr *)&in, sizeof in);
        break;
    case 6:
        p = (struct pollfd){*fd, POLLIN | POLLOUT, 0};
        poll(&p, 1, 0);
        break;
    default:
        net_timers_touch_dns(net_fake.now_ns);
        dns_gethostbyname_addrtype((data[2] & 1) != 0 ? "a.example" : "b.example", &ip, found, NULL,
                                   LWIP_DNS_ADDRTYPE_IPV4);
        break;
    }
}

typedef void step(const uint8_t *data, size_t len);
static step *const steps[] = {step_frame, step_tcp,  step_ip,   step_udp,    step_icmp,
                              step_dns,   step_dhcp, step_time, step_program};

/* ---- The start and the end of an input --------------------------------------------------------
 */

static int bound(int type, unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0), on = 1;

    FUZZ_CHECK(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    FUZZ_CHECK(bind(fd, (struct sockaddr *)&in, sizeof in) == 0);
    FUZZ_CHECK(type == SOCK_DGRAM || listen(fd, 4) == 0);
    return fd;
}

static void begin(void)
{
    static bool started;
    ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 1);

    if (!started)
        FUZZ_CHECK(net_option_ipv4("10.0.0.2/24") == NULL);
    started = true;
    net_fake.features = NET_FAKE_FEATURES;
    net_fake.sent = see;
    net_fake.console_len = 0;
    for (int i = 0; i < SOCKETS; i++)
        world.fds[i] = -1;
    world.fds[0] = bound(SOCK_STREAM, 80);
    world.fds[1] = bound(SOCK_STREAM, 81);
    world.fds[2] = bound(SOCK_DGRAM, 53);
    dns_setserver(0, &server);
    arp_reply();
    net_fake_turn();
}

static void end(void)
{
    ip4_addr_t ip = {htonl(OUR_IP)}, mask = {htonl(0xffffff00)}, none = {0};

    if (netif_dhcp_data(netif_default) != NULL) {
        dhcp_release_and_stop(netif_default);
        dhcp_cleanup(netif_default);
    }
    netif_set_addr(netif_default, &ip, &mask, &none);
    for (int i = 0; i < SOCKETS; i++)
        net_fake_close(world.fds[i]);
    FUZZ_CHECK(net_fake_open_fds() == 0);
    net_fake_turn();
    while (tcp_active_pcbs != NULL)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs != NULL)
        tcp_abort(tcp_tw_pcbs);
    net_fake_run(25000); /* reassembly and ARP give up */
    FUZZ_CHECK(frame_bytes_used() == 0);
    memset(&world, 0, sizeof world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (unsigned turns = 0; size >= 2; turns++) {
        size_t len = data[1] < size - 2 ? data[1] : size - 2;

        steps[data[0] % (sizeof steps / sizeof steps[0])](data + 2, len);
        if ((data[0] & 0x80) == 0 || turns % 32 == 31)
            net_fake_turn();
        data += 2 + len;
        size -= 2 + len;
    }
    end();
    return 0;
}
