/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The other end of a network under test, on the host.
 *
 *   netpeer tap NAME [MTU]             makes a tap that stays, and sets it up
 *   netpeer echo NAME MAC SIZE...      sends a frame of each size to MAC, and expects
 *                                      each back; the last frame says "stop"
 *   netpeer large-tcp|large-udp NAME MAC SIZE...
 *                                      the same with TCP or UDP over IPv4 in packets that
 *                                      are to be cut, which the guest sends and receives whole
 *   netpeer tso NAME                   says whether packets for the tap are left whole: on or off
 *   netpeer hold NAME SECONDS          keeps the tap for itself so long
 *   netpeer open NAME COMMAND...       runs COMMAND with the tap as descriptor 3
 *   netpeer open-headers NAME COMMAND... the same with a tap whose frames have headers
 *   netpeer pair MAC SIZE... -- COMMAND...
 *                                      runs COMMAND with one end of a socket pair as
 *                                      descriptor 3, and echo's exchange on the other
 *
 * Status 0 when all came back as they should, and COMMAND's when that is another.
 * Runs in whatever network namespace it is started in, as root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPERIMENTAL_TYPE 0x88b5 /* IEEE 802, table 3 */
#define FRAME_MAX         65536
#define COMMAND_FD        3
#define GSO_UDP_L4        5 /* linux/virtio_net.h has it since Linux 6.2 */
#define TRIES             100
#define TRY_MSEC          100
#define SEND_TRIES        10 /* tries of one sending, when the other end is there */

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "netpeer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void set_name(struct ifreq *request, const char *name)
{
    memset(request, 0, sizeof *request);
    if (strlen(name) >= IFNAMSIZ) {
        errno = ENAMETOOLONG;
        fail(name);
    }
    strcpy(request->ifr_name, name);
}

static int open_tap(const char *name, int flags)
{
    struct ifreq request;
    int tun = open("/dev/net/tun", O_RDWR);

    set_name(&request, name);
    request.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | flags);
    if (tun == -1 || ioctl(tun, TUNSETIFF, &request) == -1) {
        fail(name);
    }
    return tun;
}

static void make_tap(const char *name, int mtu)
{
    struct ifreq request;
    int any = socket(AF_INET, SOCK_DGRAM, 0);

    if (any == -1 || ioctl(open_tap(name, 0), TUNSETPERSIST, 1) == -1) {
        fail(name);
    }
    set_name(&request, name);
    request.ifr_mtu = mtu;
    if (ioctl(any, SIOCSIFMTU, &request) == -1) {
        fail("mtu");
    }
    set_name(&request, name);
    request.ifr_flags = IFF_UP;
    if (ioctl(any, SIOCSIFFLAGS, &request) == -1) {
        fail("up");
    }
}

static void say_tso(const char *name)
{
    struct ethtool_value tso = {.cmd = ETHTOOL_GTSO};
    struct ifreq request;

    set_name(&request, name);
    request.ifr_data = (char *)&tso;
    if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCETHTOOL, &request) == -1) {
        fail(name);
    }
    puts(tso.data ? "on" : "off");
}

static int open_packets(const char *name, uint16_t type)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(type)};
    int fd = socket(AF_PACKET, SOCK_RAW, htons(type));

    address.sll_ifindex = (int)if_nametoindex(name);
    if (fd == -1 || address.sll_ifindex == 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) == -1) {
        fail(name);
    }
    return fd;
}

static void make_frame(uint8_t *frame, size_t size, const uint8_t *mac, uint32_t number, int last)
{
    static const uint8_t own[ETH_ALEN] = {0x02, 0, 0, 0, 0, 0x01};
    uint32_t random = number * 2654435761u + 1;

    memcpy(frame, mac, ETH_ALEN);
    memcpy(frame + ETH_ALEN, own, ETH_ALEN);
    frame[12] = EXPERIMENTAL_TYPE >> 8;
    frame[13] = EXPERIMENTAL_TYPE & 0xff;
    for (size_t i = ETH_HLEN; i < size; i++) {
        random = random * 1664525 + 1013904223;
        frame[i] = (uint8_t)(random >> 24);
    }
    if (last) {
        memcpy(frame + ETH_HLEN, "stop", 4);
    }
}

/* Is (reply) the (size) bytes of (sent), with the two addresses exchanged? */
static int is_echo(const uint8_t *reply, ssize_t reply_size, const uint8_t *sent, size_t size)
{
    return reply_size == (ssize_t)size && memcmp(reply, sent + ETH_ALEN, ETH_ALEN) == 0 &&
           memcmp(reply + ETH_ALEN, sent, ETH_ALEN) == 0 &&
           memcmp(reply + 12, sent + 12, size - 12) == 0;
}

/* Sends until the echo is there: before the other end runs, frames are lost, the (first) of an
 * exchange at least. (skip): bytes of a header before the frame. */
static void exchange(int fd, int first, const uint8_t *sent, size_t size, size_t skip,
                     uint8_t *reply, size_t reply_size)
{
    for (int i = 0; i < TRIES; i++) {
        if ((first || i % SEND_TRIES == 0) && send(fd, sent, size, 0) == -1 && errno != ENOBUFS &&
            errno != ENETDOWN) {
            fail("send");
        }
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        while (poll(&wait, 1, TRY_MSEC) > 0) {
            ssize_t got = recv(fd, reply, reply_size, 0);
            if (got > (ssize_t)skip &&
                is_echo(reply + skip, got - (ssize_t)skip, sent + skip, size - skip)) {
                return;
            }
        }
    }
    errno = ETIMEDOUT;
    fprintf(stderr, "netpeer: a frame of %zu bytes did not come back\n", size - skip);
    fail("echo");
}

static void parse_mac(const char *text, uint8_t *mac)
{
    if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
               &mac[5]) != ETH_ALEN) {
        errno = EINVAL;
        fail(text);
    }
}

static void echo(int fd, const char *mac_text, char **sizes, int count)
{
    static uint8_t frame[FRAME_MAX], reply[FRAME_MAX];
    uint8_t mac[ETH_ALEN];

    parse_mac(mac_text, mac);
    for (int i = 0; i < count; i++) {
        size_t size = strtoul(sizes[i], NULL, 10);
        if (size < ETH_HLEN + 4 || size > sizeof frame) {
            errno = EINVAL;
            fail(sizes[i]);
        }
        make_frame(frame, size, mac, (uint32_t)i, i == count - 1);
        exchange(fd, i == 0, frame, size, 0, reply, sizeof reply);
    }
}

/* A packet as the packet(7) socket takes and gives it with PACKET_VNET_HDR. */
struct large {
    struct virtio_net_hdr hdr;
    uint8_t frame[FRAME_MAX];
} __attribute__((packed));

/* The protocol behind IP: RFC 9293, 3.1 and RFC 768. */
struct protocol {
    uint8_t number;
    uint8_t gso_type;
    uint8_t header_len, checksum; /* bytes, and where in them */
};
static const struct protocol tcp = {IPPROTO_TCP, VIRTIO_NET_HDR_GSO_TCPV4, 20, 16};
static const struct protocol udp = {IPPROTO_UDP, GSO_UDP_L4, 8, 6};

/* RFC 791, 3.1; the checksum of what is in it is the device's business. */
static void make_ip(struct large *large, size_t size, const struct protocol *protocol)
{
    const uint8_t ip[20] = {0x45, [8] = 64, [9] = protocol->number};
    uint8_t *headers = large->frame + ETH_HLEN;
    uint32_t sum = 0x4500 + 0x4000 + protocol->number;

    large->hdr =
        (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                .gso_type = protocol->gso_type,
                                .hdr_len = (uint16_t)(ETH_HLEN + 20 + protocol->header_len),
                                .gso_size = 1000,
                                .csum_start = ETH_HLEN + 20,
                                .csum_offset = protocol->checksum};
    large->frame[12] = ETHERTYPE_IP >> 8;
    large->frame[13] = ETHERTYPE_IP & 0xff;
    memcpy(headers, ip, sizeof ip);
    memset(headers + 20, 0, protocol->header_len);
    headers[20 + 12] = 5 << 4;
    headers[20 + 4] = (uint8_t)((size - ETH_HLEN - 20) >> 8);
    headers[20 + 5] = (uint8_t)(size - ETH_HLEN - 20);
    headers[2] = (uint8_t)((size - ETH_HLEN) >> 8);
    headers[3] = (uint8_t)(size - ETH_HLEN);
    sum += (uint32_t)(size - ETH_HLEN);
    sum = ~((sum & 0xffff) + (sum >> 16));
    headers[10] = (uint8_t)(sum >> 8);
    headers[11] = (uint8_t)sum;
}

static void large(const struct protocol *protocol, int fd, const char *mac_text, char **sizes,
                  int count)
{
    static struct large sent, reply;
    uint8_t mac[ETH_ALEN];
    int one = 1;

    parse_mac(mac_text, mac);
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) == -1) {
        fail("PACKET_VNET_HDR");
    }
    for (int i = 0; i < count; i++) {
        size_t size = strtoul(sizes[i], NULL, 10);
        size_t whole = sizeof sent.hdr + size;
        make_frame(sent.frame, size, mac, (uint32_t)i, 0);
        make_ip(&sent, size, protocol);
        if (i == count - 1) {
            memcpy(sent.frame + ETH_HLEN + 40, "stop", 4);
        }
        exchange(fd, i == 0, (uint8_t *)&sent, whole, sizeof sent.hdr, (uint8_t *)&reply,
                 sizeof reply);
        if (reply.hdr.gso_type != sent.hdr.gso_type || reply.hdr.gso_size != sent.hdr.gso_size ||
            reply.hdr.flags != sent.hdr.flags) {
            errno = EPROTO;
            fail("header");
        }
    }
}

__attribute__((noreturn)) static void run_with(int fd, char **command)
{
    if (fd != COMMAND_FD && dup2(fd, COMMAND_FD) == -1) {
        fail("dup2");
    }
    execvp(command[0], command);
    fail(command[0]);
}

/* (words): MAC SIZE... -- COMMAND... */
static int pair(char **words, int count)
{
    int ends[2];
    int sizes = 0;
    int status;

    while (sizes + 1 < count && strcmp(words[sizes + 1], "--") != 0) {
        sizes++;
    }
    if (sizes + 2 >= count || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == -1) {
        fail("pair");
    }
    pid_t child = fork();
    if (child == 0) {
        run_with(ends[1], words + sizes + 2);
    }
    close(ends[1]);
    /* No frame, and no reason to give the network up. */
    send(ends[0], "", 0, 0);
    echo(ends[0], words[0], words + 1, sizes);
    if (child == -1 || waitpid(child, &status, 0) == -1) {
        fail("command");
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char usage[] =
    "usage: netpeer tap NAME [MTU] | echo|large-tcp|large-udp NAME MAC SIZE... |\n"
    "       tso NAME | hold NAME SECONDS | open|open-headers NAME COMMAND... |\n"
    "       pair MAC SIZE... -- COMMAND...\n";

int main(int argc, char **argv)
{
    const char *verb = argc >= 3 ? argv[1] : "";

    if (strcmp(verb, "tap") == 0) {
        make_tap(argv[2], argc > 3 ? atoi(argv[3]) : 1500);
    } else if (strcmp(verb, "echo") == 0 && argc >= 5) {
        echo(open_packets(argv[2], EXPERIMENTAL_TYPE), argv[3], argv + 4, argc - 4);
    } else if (strcmp(verb, "large-tcp") == 0 && argc >= 5) {
        large(&tcp, open_packets(argv[2], ETHERTYPE_IP), argv[3], argv + 4, argc - 4);
    } else if (strcmp(verb, "large-udp") == 0 && argc >= 5) {
        large(&udp, open_packets(argv[2], ETHERTYPE_IP), argv[3], argv + 4, argc - 4);
    } else if (strcmp(verb, "tso") == 0) {
        say_tso(argv[2]);
    } else if (strcmp(verb, "hold") == 0 && argc == 4) {
        open_tap(argv[2], 0);
        sleep((unsigned)atoi(argv[3]));
    } else if (strcmp(verb, "open") == 0 && argc >= 4) {
        run_with(open_tap(argv[2], 0), argv + 3);
    } else if (strcmp(verb, "open-headers") == 0 && argc >= 4) {
        run_with(open_tap(argv[2], IFF_VNET_HDR), argv + 3);
    } else if (strcmp(verb, "pair") == 0) {
        return pair(argv + 2, argc - 2);
    } else {
        fputs(usage, stderr);
        return 2;
    }
    return 0;
}
