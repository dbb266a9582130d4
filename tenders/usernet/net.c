/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network: see net.h.
 */
#include "net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "pollset.h"
#include "report.h"

#define NET_BACKLOG 1024 /* with libslirp's own, 1, a burst of clients waits for seconds */
#define NET_TURNS   16u  /* batches of the guest's frames between two looks at the sockets */

uint64_t net_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Frames */

static void capture(struct net *net, const uint8_t *frame, size_t len)
{
    if (net->pcap != NULL && pcap_write(net->pcap, frame, len) != 0)
        report("--pcap: %s; nothing more is captured", strerror(errno));
}

static void send_to_guest(void *context, const uint8_t *frame, size_t len)
{
    struct net *net = context;

    capture(net, frame, len);
    tap_send(&net->tap, frame, len);
}

static void take_from_guest(struct net *net, const uint8_t *data, size_t len, uint64_t now_ns)
{
    struct frame frame;

    if (len == 0)
        return;
    capture(net, data, len);
    frame_parse(data, len, &frame);
    if (frame.kind == FRAME_OTHER || probe_input(&net->probe, &frame, now_ns) ||
        (net->guard != NULL && !guard_allows(net->guard, &frame, now_ns)))
        return;
    slirp_input(net->slirp, data, (int)len);
}

static void announce(void *context, unsigned id)
{
    struct net *net = context;
    const struct forward *forward = &net->forwards[id];
    const char *scheme = NULL;
    char addr[ADDR_TEXT_SIZE];

    if (forward->guest_port == 80 || forward->guest_port == 8080)
        scheme = "http";
    else if (forward->guest_port == 443 || forward->guest_port == 8443)
        scheme = "https";
    addr_format(forward->host_addr == 0 ? INADDR_LOOPBACK : forward->host_addr, addr);
    if (scheme != NULL)
        report("%s://%s:%u/", scheme, addr, forward->host_port);
    else
        report("%s:%u answers", addr, forward->host_port);
}

static void announce_silence(void *context, unsigned id)
{
    struct net *net = context;
    char addr[ADDR_TEXT_SIZE];

    addr_format(net->guest_addr, addr);
    report(
        "nothing answers on %s:%u yet; is the guest's address by DHCP, and does it listen there?",
        addr, net->forwards[id].guest_port);
}

static const struct probe_calls probe_calls = {
    .send = send_to_guest,
    .answered = announce,
    .silent = announce_silence,
};

/* What libslirp calls */

static ssize_t slirp_send_packet(const void *frame, size_t len, void *opaque)
{
    struct net *net = opaque;

    if (net->guard != NULL) {
        struct frame parsed;

        frame_parse(frame, len, &parsed);
        guard_note(net->guard, &parsed, net_now_ns());
    }
    send_to_guest(net, frame, len);
    return (ssize_t)len;
}

static void slirp_guest_error(const char *message, void *opaque)
{
    /* A guest may make any number of errors: they are its own affair, and a log that it can fill
     * would not be.
     */
    (void)message;
    (void)opaque;
}

static int64_t slirp_clock_ns(void *opaque)
{
    (void)opaque;
    return (int64_t)net_now_ns();
}

/* The loop asks for all descriptors before each wait, so it needs no notice of one. */
static void slirp_poll_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void slirp_notify(void *opaque)
{
    (void)opaque;
}

/* No timers: only IPv6's router advertisements would use one. */
static const SlirpCb slirp_calls = {
    .send_packet = slirp_send_packet,
    .guest_error = slirp_guest_error,
    .clock_get_ns = slirp_clock_ns,
    .register_poll_fd = slirp_poll_fd,
    .unregister_poll_fd = slirp_poll_fd,
    .notify = slirp_notify,
};

static const struct {
    short poll;
    int slirp;
} event_names[] = {
    {POLLIN, SLIRP_POLL_IN},   {POLLOUT, SLIRP_POLL_OUT}, {POLLPRI, SLIRP_POLL_PRI},
    {POLLERR, SLIRP_POLL_ERR}, {POLLHUP, SLIRP_POLL_HUP},
};
#define EVENT_NAMES (sizeof event_names / sizeof event_names[0])

static bool is_listener(const struct net *net, int fd)
{
    for (unsigned i = 0; i < net->listener_count; i++) {
        if (net->listeners[i] == fd)
            return true;
    }
    return false;
}

static int slirp_add_poll(int fd, int events, void *opaque)
{
    struct net *net = opaque;
    short wanted = 0;

    /* While the guest cannot take more, nothing is read that would become frames for it. */
    if (tap_is_blocked(&net->tap))
        events &= SLIRP_POLL_OUT | SLIRP_POLL_ERR;
    if ((events & (SLIRP_POLL_IN | SLIRP_POLL_OUT | SLIRP_POLL_PRI)) == 0 ||
        (net->pollset->skip_listeners && is_listener(net, fd)))
        return -1;
    for (unsigned i = 0; i < EVENT_NAMES; i++) {
        if ((events & event_names[i].slirp) != 0)
            wanted |= event_names[i].poll;
    }
    return pollset_add(net->pollset, fd, wanted);
}

static int slirp_get_revents(int index, void *opaque)
{
    struct net *net = opaque;
    const struct pollfd *polled = index < 0 ? NULL : &net->pollset->fds[index];
    int events = 0;

    if (polled == NULL)
        return 0;
    /* On an error libslirp reads, and aborts when it has no room for what it would read. Where it
     * wanted to write only, let it write: that finds the error too.
     */
    if ((polled->events & POLLIN) == 0)
        return polled->revents != 0 ? SLIRP_POLL_OUT : 0;
    for (unsigned i = 0; i < EVENT_NAMES; i++) {
        if ((polled->revents & event_names[i].poll) != 0)
            events |= event_names[i].slirp;
    }
    return events;
}

/* Set-up */

static struct in_addr in_addr_of(uint32_t addr)
{
    return (struct in_addr){.s_addr = htonl(addr)};
}

int net_open(struct net *net, const struct net_config *config, int *guest_fd)
{
    const struct cidr *cidr = &config->cidr;
    const SlirpConfig slirp_config = {
        .version = 3, /* the first with disable_dns */
        .in_enabled = true,
        .vnetwork = in_addr_of(cidr->base),
        .vnetmask = in_addr_of(cidr->mask),
        .vhost = in_addr_of(cidr->base + CIDR_HOST),
        .vdhcp_start = in_addr_of(cidr->base + CIDR_GUEST),
        .vnameserver = in_addr_of(config->dns != 0 ? config->dns : cidr->base + CIDR_NAME_SERVER),
        .disable_dns = config->dns != 0,
        .if_mtu = FRAME_MTU,
        .if_mru = FRAME_MTU,
    };

    *net = (struct net){
        .pcap = config->pcap,
        .host_addr = cidr->base + CIDR_HOST,
        .guest_addr = cidr->base + CIDR_GUEST,
    };
    if (config->restrict_guest) {
        net->guard = malloc(sizeof *net->guard);
        if (net->guard == NULL)
            return -1;
        guard_init(net->guard, net->host_addr);
    }
    if (tap_open(&net->tap, guest_fd) != 0)
        return -1;
    net->slirp = slirp_new(&slirp_config, &slirp_calls, net);
    if (net->slirp == NULL)
        return -1;
    probe_init(&net->probe, net->host_addr, net->guest_addr, net_now_ns(), &probe_calls, net);
    return 0;
}

int net_forward(struct net *net, const struct forward *forward)
{
    unsigned id = net->forward_count;

    if (id == NET_FORWARDS_MAX) {
        errno = ENOSPC;
        return -1;
    }
    if (slirp_add_hostfwd(net->slirp, forward->is_udp, in_addr_of(forward->host_addr),
                          forward->host_port, in_addr_of(net->guest_addr),
                          forward->guest_port) != 0)
        return -1;
    net->forwards[net->forward_count++] = *forward;
    if (!forward->is_udp)
        probe_add(&net->probe, forward->guest_port, id);
    return 0;
}

/* libslirp tells its descriptors only when it wants them polled. */
static int note_listener(int fd, int events, void *opaque)
{
    struct net *net = opaque;

    (void)events;
    if (net->listener_count < NET_FORWARDS_MAX && listen(fd, NET_BACKLOG) == 0)
        net->listeners[net->listener_count++] = fd;
    return -1;
}

void net_start(struct net *net)
{
    uint32_t timeout_ms = UINT32_MAX;

    slirp_pollfds_fill(net->slirp, &timeout_ms, note_listener, net);
}

/* A turn of the loop */

void net_fill(struct net *net, struct pollset *set, uint32_t *timeout_ms)
{
    uint64_t due_ns = probe_due(&net->probe);

    net->pollset = set;
    if (net->tap.fd >= 0)
        net->tap_index =
            pollset_add(set, net->tap.fd, tap_is_blocked(&net->tap) ? POLLIN | POLLOUT : POLLIN);
    else
        net->tap_index = -1;
    slirp_pollfds_fill(net->slirp, timeout_ms, slirp_add_poll, net);
    if (due_ns != PROBE_NEVER) {
        uint64_t now_ns = net_now_ns();
        uint64_t wait_ms = due_ns <= now_ns ? 0 : (due_ns - now_ns) / 1000000u + 1;

        if (wait_ms < *timeout_ms)
            *timeout_ms = (uint32_t)wait_ms;
    }
}

/* The guest's frames come before the sockets: what waits here too long, the guest drops. */
static void take_all_from_guest(struct net *net, uint64_t now_ns)
{
    for (unsigned turn = 0; turn < NET_TURNS; turn++) {
        unsigned count = tap_receive(&net->tap);

        for (unsigned i = 0; i < count; i++)
            take_from_guest(net, net->tap.batch[i].data, net->tap.batch[i].len, now_ns);
        if (count < TAP_BATCH)
            break;
    }
}

void net_dispatch(struct net *net, struct pollset *set)
{
    uint64_t now_ns = net_now_ns();

    if (net->tap_index >= 0 && set->fds[net->tap_index].revents != 0) {
        take_all_from_guest(net, now_ns);
        tap_flush(&net->tap);
    }
    slirp_pollfds_poll(net->slirp, 0, slirp_get_revents, net);
    probe_run(&net->probe, now_ns);
}
