/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Datagrams. Each is kept in the frame it came in until it is read; what does not fit into the
 * socket's buffer (SO_RCVBUF) or the stack's budget is dropped, as UDP may.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/prot/udp.h"
#include "lwip/udp.h"

#include "frame.h"
#include "net.h"
#include "sock.h"

#define DGRAM_MAX 65507 /* 65,535 without the headers of IP and UDP */

/* What a datagram costs beside its bytes, so that empty ones count too. */
static size_t dgram_memory(const struct sock_dgram *d)
{
    return sizeof *d + sizeof(struct pbuf) + d->p->tot_len + 64;
}

/* Is the length in the header that of the packet? What is beyond is not the sender's data. */
static bool trim_to_header(struct pbuf *p)
{
    const struct udp_hdr *header = (const struct udp_hdr *)((const u8_t *)p->payload - UDP_HLEN);
    u16_t len = lwip_ntohs(header->len);

    if (len < UDP_HLEN || len - UDP_HLEN > p->tot_len)
        return false;
    pbuf_realloc(p, (u16_t)(len - UDP_HLEN));
    return true;
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *ip,
                        u16_t port)
{
    struct sock *s = arg;
    struct sock_dgram *d;

    (void)pcb;
    if (s->read_shut || s->udp.rx_memory >= s->recv_limit || frame_bytes_used() > net_budget() ||
        !trim_to_header(p) || (d = malloc(sizeof *d)) == NULL) {
        pbuf_free(p);
        return;
    }
    *d = (struct sock_dgram){.p = p, .address = ip_2_ip4(ip)->addr, .port = port};
    if (s->udp.rx_last == NULL)
        s->udp.rx_first = d;
    else
        s->udp.rx_last->next = d;
    s->udp.rx_last = d;
    s->udp.rx_memory += dgram_memory(d);
    s->rx_bytes += p->tot_len;
    sock_wake_readers(s);
}

static struct udp_pcb *need_pcb(struct sock *s)
{
    if (s->udp.pcb == NULL) {
        s->udp.pcb = udp_new_ip_type(IPADDR_TYPE_V4);
        if (s->udp.pcb == NULL) {
            errno = ENOBUFS;
            return NULL;
        }
        s->udp.pcb->so_options = s->pcb_flags;
        udp_recv(s->udp.pcb, on_datagram, s);
    }
    return s->udp.pcb;
}

static int dgram_bind(struct sock *s, const ip_addr_t *ip, uint16_t port)
{
    struct udp_pcb *pcb = need_pcb(s);
    err_t err;

    if (pcb == NULL)
        return -1;
    if (pcb->local_port != 0)
        return sock_fail(EINVAL);
    err = udp_bind(pcb, ip, port);
    return err == ERR_OK ? 0 : sock_fail(sock_errno(err));
}

static int dgram_connect(struct sock *s, const ip_addr_t *ip, uint16_t port, int flags)
{
    struct udp_pcb *pcb = need_pcb(s);
    err_t err;

    (void)flags;
    if (pcb == NULL)
        return -1;
    if (port == 0) { /* AF_UNSPEC, or as good */
        udp_disconnect(pcb);
        return 0;
    }
    err = udp_connect(pcb, ip, port);
    return err == ERR_OK ? 0 : sock_fail(sock_errno(err));
}

static int dgram_send_error(err_t err)
{
    switch (err) {
    case ERR_VAL:
        return EACCES; /* to everybody, without SO_BROADCAST */
    case ERR_USE:
        return EADDRNOTAVAIL;
    default:
        return sock_errno(err);
    }
}

static ssize_t dgram_send(struct sock *s, struct sock_msg *m)
{
    struct udp_pcb *pcb = need_pcb(s);
    size_t len = m->left;
    ip_addr_t ip;
    uint16_t port;
    struct pbuf *p;
    err_t err;

    if (pcb == NULL)
        return -1;
    if (s->write_shut)
        return sock_fail(EPIPE);
    if (len > DGRAM_MAX)
        return sock_fail(EMSGSIZE);
    if (m->name != NULL) {
        ip_addr_set_ip4_u32_val(ip, m->name->sin_addr.s_addr);
        port = lwip_ntohs(m->name->sin_port);
    } else if ((pcb->flags & UDP_FLAGS_CONNECTED) != 0) {
        ip = pcb->remote_ip;
        port = pcb->remote_port;
    } else {
        return sock_fail(EDESTADDRREQ);
    }
    if (port == 0)
        return sock_fail(EINVAL);
    if (ip_addr_isany(&ip))
        ip_addr_set_loopback(false, &ip);
    if (!ip_addr_isloopback(&ip) && !net_wait_for_address())
        return sock_fail(ENETUNREACH);
    if (s->closed)
        return sock_fail(EBADF);

    p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (p == NULL)
        return sock_fail(ENOBUFS);
    sock_msg_get(m, p->payload, len);
    net_timers_touch(sched_now());
    err = udp_sendto(s->udp.pcb, p, &ip, port);
    pbuf_free(p);
    return err == ERR_OK ? (ssize_t)len : sock_fail(dgram_send_error(err));
}

static void drop_first(struct sock *s)
{
    struct sock_dgram *d = s->udp.rx_first;

    s->udp.rx_first = d->next;
    if (d->next == NULL)
        s->udp.rx_last = NULL;
    s->udp.rx_memory -= dgram_memory(d);
    s->rx_bytes -= d->p->tot_len;
    pbuf_free(d->p);
    free(d);
}

static ssize_t dgram_recv(struct sock *s, struct sock_msg *m)
{
    bool dontwait = (m->flags & MSG_DONTWAIT) != 0;
    const struct sock_dgram *d;
    uint64_t deadline_ns = 0;
    size_t done = 0, full;

    while ((d = s->udp.rx_first) == NULL) {
        if (s->read_shut)
            return 0;
        if (deadline_ns == 0)
            deadline_ns = sock_deadline(s->recv_timeout_ns);
        if (sock_wait(s, &s->readers, dontwait, deadline_ns) != 0)
            return -1;
    }
    full = d->p->tot_len;
    for (const struct pbuf *p = d->p; p != NULL; p = p->next)
        done += sock_msg_put(m, p->payload, p->len);
    if (done < full)
        m->out_flags |= MSG_TRUNC;
    if (m->name != NULL) {
        m->name->sin_family = AF_INET;
        m->name->sin_port = lwip_htons(d->port);
        m->name->sin_addr.s_addr = d->address;
    }
    if ((m->flags & MSG_PEEK) == 0)
        drop_first(s);
    if (s->udp.rx_first != NULL)
        sched_wake_one(&s->readers);
    return (ssize_t)((m->flags & MSG_TRUNC) != 0 ? full : done);
}

static int dgram_shutdown(struct sock *s, int how)
{
    if (s->udp.pcb == NULL || (s->udp.pcb->flags & UDP_FLAGS_CONNECTED) == 0)
        return sock_fail(ENOTCONN);
    s->read_shut = s->read_shut || how != SHUT_WR;
    s->write_shut = s->write_shut || how != SHUT_RD;
    sock_wake_all(s);
    return 0;
}

static void dgram_name(struct sock *s, bool peer, ip_addr_t *ip, uint16_t *port)
{
    const struct udp_pcb *pcb = s->udp.pcb;

    ip_addr_set_zero(ip);
    *port = 0;
    if (pcb == NULL || (peer && (pcb->flags & UDP_FLAGS_CONNECTED) == 0))
        return;
    *ip = peer ? pcb->remote_ip : pcb->local_ip;
    *port = peer ? pcb->remote_port : pcb->local_port;
}

static short dgram_poll(struct sock *s)
{
    short events = POLLOUT | POLLWRNORM;

    if (s->udp.rx_first != NULL || s->read_shut)
        events |= POLLIN | POLLRDNORM;
    return events;
}

static void dgram_close(struct sock *s)
{
    if (s->udp.pcb != NULL)
        udp_remove(s->udp.pcb);
    s->udp.pcb = NULL;
    while (s->udp.rx_first != NULL)
        drop_first(s);
}

static size_t dgram_readable(struct sock *s)
{
    return s->udp.rx_first != NULL ? s->udp.rx_first->p->tot_len : 0;
}

const struct sock_proto sock_udp = {
    .type = SOCK_DGRAM,
    .bind = dgram_bind,
    .connect = dgram_connect,
    .send = dgram_send,
    .recv = dgram_recv,
    .shutdown = dgram_shutdown,
    .name = dgram_name,
    .poll = dgram_poll,
    .close = dgram_close,
    .readable = dgram_readable,
};
