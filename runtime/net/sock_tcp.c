/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Streams, from their beginning to their end: see sock.h for the states.
 *
 * lwIP frees control blocks on its own account: reset, timed out, or quietly at the end of
 * TIME_WAIT. Every block of ours therefore carries an owner (lwIP's extra argument), whose destroy
 * function takes the pointer out of the socket and keeps these counts:
 *   - half-open connections belong to their listener;
 *   - established ones to their socket, in or out of the accept queue;
 *   - those that their socket left behind (FIN sent, TIME_WAIT) to nobody: they linger. What they
 *     still have to send counts.
 *
 * How their data goes is in sock_tcp_data.c.
 */
#include "sock_tcp.h"

#include <errno.h>
#include <fcntl.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "net.h"
#include "tcp_limits.h"
#include "timewait.h"

#define OWNER 0 /* the index of lwIP's extra argument */

/* ---- Owners -------------------------------------------------------------------------------- */

static void connection_destroyed(u8_t id, void *data)
{
    struct sock *s = data;

    (void)id;
    tcp_limits_closed(false);
    s->tcp.pcb = NULL;
    s->eof = true;
    sock_tcp_forget_sent(s);
    sock_wake_all(s);
}

/* One without a socket keeps, in the socket's place, how many bytes there are to send and the tick
 * of its progress. */
static void *left_data(int64_t bytes, uint32_t tick)
{
    return (void *)(uintptr_t)((uint64_t)bytes << 32 | tick);
}

static int64_t left_bytes(const void *data)
{
    return (int64_t)((uintptr_t)data >> 32);
}

static void left_destroyed(u8_t id, void *data)
{
    (void)id;
    sock_tcp_count_unacked(-left_bytes(data));
    tcp_limits_closed(true);
}

static void half_open_destroyed(u8_t id, void *data)
{
    struct sock *listener = data;

    (void)id;
    tcp_limits_closed(false);
    listener->tcp.half_open--;
}

static err_t passive_open(u8_t id, struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb);

static const struct tcp_ext_arg_callbacks no_owner;
static const struct tcp_ext_arg_callbacks connection_owner = {connection_destroyed, NULL};
static const struct tcp_ext_arg_callbacks left_owner = {left_destroyed, NULL};
static const struct tcp_ext_arg_callbacks half_open_owner = {half_open_destroyed, NULL};
static const struct tcp_ext_arg_callbacks listener_owner = {NULL, passive_open};

static void set_owner(struct tcp_pcb *pcb, const struct tcp_ext_arg_callbacks *owner,
                      struct sock *s)
{
    tcp_ext_arg_set_callbacks(pcb, OWNER, owner);
    tcp_ext_arg_set(pcb, OWNER, s);
}

uint32_t sock_tcp_stalled(const struct tcp_pcb *pcb)
{
    const struct sock *s = pcb->callback_arg;

    if (pcb->unsent == NULL && pcb->unacked == NULL)
        return 0;
    if (s != NULL)
        return tcp_ticks - s->tcp.progress;
    return tcp_ticks - (uint32_t)(uintptr_t)tcp_ext_arg_get(pcb, OWNER);
}

/* A SYN came for a listener. An error drops it, and the client tries again. */
static err_t passive_open(u8_t id, struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb)
{
    struct sock *listener = tcp_ext_arg_get((struct tcp_pcb *)lpcb, id);

    if (listener->tcp.accept_count >= listener->tcp.backlog)
        return ERR_MEM;
    if (listener->tcp.half_open >= tcp_limits_half_open_max())
        tcp_limits_evict_half_open(lpcb);
    if (!tcp_limits_admit())
        return ERR_MEM;
    tcp_limits_opened();
    listener->tcp.half_open++;
    set_owner(pcb, &half_open_owner, listener);
    return ERR_OK;
}

/* ---- lwIP's callbacks ---------------------------------------------------------------------- */

/* The connection ended other than by both sides' FIN; lwIP frees the control block. */
static void on_error(void *arg, err_t err)
{
    struct sock *s = arg;

    s->tcp.pcb = NULL;
    sock_tcp_forget_sent(s);
    if (s->state == SOCK_CONNECTING) {
        s->state = SOCK_NEW;
        s->error = err == ERR_RST ? ECONNREFUSED : sock_errno(err);
    } else if (err != ERR_CLSD) {
        s->error = sock_errno(err);
    }
    s->eof = s->state == SOCK_CONNECTED;
    sock_wake_all(s);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct sock *s = arg;

    (void)pcb;
    (void)err;
    s->state = SOCK_CONNECTED;
    sock_wake_all(s);
    return ERR_OK;
}

static void attach(struct sock *s, struct tcp_pcb *pcb)
{
    s->tcp.pcb = pcb;
    set_owner(pcb, &connection_owner, s);
    tcp_arg(pcb, s);
    tcp_recv(pcb, sock_tcp_received);
    tcp_sent(pcb, sock_tcp_sent);
    tcp_err(pcb, on_error);
    tcp_poll(pcb, sock_tcp_idle, 5);
    if (s->nodelay)
        tcp_nagle_disable(pcb);
}

/* A handshake is complete. */
static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct sock *listener = arg;
    struct sock *s;

    if (err != ERR_OK || pcb == NULL)
        return ERR_VAL;
    s = sock_new(&sock_tcp);
    if (s == NULL)
        return ERR_MEM;
    s->state = SOCK_CONNECTED;
    s->nodelay = listener->nodelay;
    s->abort_on_close = listener->abort_on_close;
    s->pcb_flags = listener->pcb_flags;
    s->send_limit = listener->send_limit;
    s->recv_limit = listener->recv_limit;
    s->send_timeout_ns = listener->send_timeout_ns;
    s->recv_timeout_ns = listener->recv_timeout_ns;
    listener->tcp.half_open--;
    attach(s, pcb);
    if (listener->tcp.accept_first == NULL)
        listener->tcp.accept_first = s;
    else
        listener->tcp.accept_last->tcp.accept_next = s;
    listener->tcp.accept_last = s;
    listener->tcp.accept_count++;
    sock_wake_readers(listener);
    return ERR_OK;
}

/* ---- Names --------------------------------------------------------------------------------- */

/* The control block of a socket that is not connected, made when first needed. */
static struct tcp_pcb *need_pcb(struct sock *s)
{
    struct tcp_pcb *pcb = s->tcp.pcb;

    if (pcb != NULL)
        return pcb;
    if (!tcp_limits_admit() || (pcb = tcp_new_ip_type(IPADDR_TYPE_V4)) == NULL) {
        errno = ENOBUFS;
        return NULL;
    }
    tcp_limits_opened();
    attach(s, pcb);
    pcb->so_options = s->pcb_flags;
    s->eof = false;
    return pcb;
}

static int stream_bind(struct sock *s, const ip_addr_t *ip, uint16_t port)
{
    struct tcp_pcb *pcb;
    err_t err;

    if (s->state != SOCK_NEW || (s->tcp.pcb != NULL && s->tcp.pcb->local_port != 0))
        return sock_fail(EINVAL);
    pcb = need_pcb(s);
    if (pcb == NULL)
        return -1;
    if (port != 0 && (pcb->so_options & SOF_REUSEADDR) == 0 && net_timewait_uses(port))
        return sock_fail(EADDRINUSE);
    err = tcp_bind(pcb, ip, port);
    if (err != ERR_OK)
        return sock_fail(err == ERR_BUF ? EADDRINUSE : sock_errno(err));
    return 0;
}

static void stream_name(struct sock *s, bool peer, ip_addr_t *ip, uint16_t *port)
{
    ip_addr_set_zero(ip);
    *port = 0;
    if (s->tcp.pcb == NULL || (peer && s->state != SOCK_CONNECTED))
        return;
    if (peer) {
        *ip = s->tcp.pcb->remote_ip;
        *port = s->tcp.pcb->remote_port;
    } else { /* of a listener, too: the members are common */
        *ip = s->tcp.pcb->local_ip;
        *port = s->tcp.pcb->local_port;
    }
}

/* ---- Connecting ---------------------------------------------------------------------------- */

static int connect_result(struct sock *s)
{
    int error = sock_take_error(s);

    if (error != 0)
        return sock_fail(error);
    return s->state == SOCK_CONNECTED ? 0 : sock_fail(ECONNABORTED);
}

static int stream_connect(struct sock *s, const ip_addr_t *ip, uint16_t port, int flags)
{
    uint64_t deadline_ns;
    struct tcp_pcb *pcb;
    err_t err;

    if (s->state != SOCK_NEW)
        return sock_fail(s->state == SOCK_CONNECTING  ? EALREADY
                         : s->state == SOCK_CONNECTED ? EISCONN
                                                      : EOPNOTSUPP);
    if (port == 0)
        return sock_fail(ECONNREFUSED);
    if (!ip_addr_isloopback(ip) && !net_wait_for_address())
        return sock_fail(ENETUNREACH);
    if (s->closed || s->state != SOCK_NEW)
        return sock_fail(s->closed ? EBADF : EALREADY);
    net_timers_touch(sched_now());
    pcb = need_pcb(s);
    if (pcb == NULL)
        return -1;
    s->error = 0;
    err = tcp_connect(pcb, ip, port, on_connected);
    if (err != ERR_OK)
        return sock_fail(err == ERR_BUF ? EADDRNOTAVAIL : sock_errno(err));
    s->state = SOCK_CONNECTING;
    if ((flags & O_NONBLOCK) != 0)
        return sock_fail(EINPROGRESS);
    deadline_ns = sock_deadline(s->send_timeout_ns);
    while (s->state == SOCK_CONNECTING) {
        if (sock_wait(s, &s->writers, false, deadline_ns) != 0)
            return sock_fail(errno == EAGAIN ? EINPROGRESS : errno);
    }
    return connect_result(s);
}

int sock_tcp_listen(struct sock *s, int backlog)
{
    struct tcp_pcb *pcb;
    err_t err;

    s->tcp.backlog = backlog < 1 ? 1 : backlog > SOMAXCONN ? SOMAXCONN : (unsigned)backlog;
    if (s->state == SOCK_LISTENING)
        return 0;
    if (s->state != SOCK_NEW)
        return sock_fail(EINVAL);
    pcb = need_pcb(s);
    if (pcb == NULL)
        return -1;
    if (pcb->local_port == 0 && (err = tcp_bind(pcb, IP4_ADDR_ANY, 0)) != ERR_OK)
        return sock_fail(EADDRINUSE);

    /* The first control block goes, a smaller one comes in its place. */
    set_owner(pcb, &no_owner, NULL);
    pcb = tcp_listen_with_backlog_and_err(pcb, 0, &err);
    if (pcb == NULL) {
        set_owner(s->tcp.pcb, &connection_owner, s);
        return sock_fail(sock_errno(err));
    }
    tcp_limits_closed(false);
    s->tcp.pcb = pcb;
    s->state = SOCK_LISTENING;
    set_owner(pcb, &listener_owner, s);
    tcp_arg(pcb, s);
    tcp_accept(pcb, on_accept);
    return 0;
}

struct sock *sock_tcp_accept(struct sock *s, bool dontwait)
{
    uint64_t deadline_ns = SCHED_NEVER;
    struct sock *c;

    if (s->state != SOCK_LISTENING) {
        errno = EINVAL;
        return NULL;
    }
    if (s->tcp.accept_first == NULL && !dontwait)
        deadline_ns = sock_deadline(s->recv_timeout_ns);
    while (s->tcp.accept_first == NULL) {
        if (sock_wait(s, &s->readers, dontwait, deadline_ns) != 0)
            return NULL;
    }
    c = s->tcp.accept_first;
    s->tcp.accept_first = c->tcp.accept_next;
    if (s->tcp.accept_first == NULL)
        s->tcp.accept_last = NULL;
    else
        sched_wake_one(&s->readers); /* there is one for the next, too */
    c->tcp.accept_next = NULL;
    s->tcp.accept_count--;
    return c;
}

void sock_tcp_unaccept(struct sock *s, struct sock *connection)
{
    connection->tcp.accept_next = s->tcp.accept_first;
    s->tcp.accept_first = connection;
    if (s->tcp.accept_last == NULL)
        s->tcp.accept_last = connection;
    s->tcp.accept_count++;
}

/* ---- The end ------------------------------------------------------------------------------- */

static err_t left_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    int64_t bytes = left_bytes(tcp_ext_arg_get(pcb, OWNER));
    int64_t confirmed = len < bytes ? len : bytes;

    (void)arg;
    sock_tcp_count_unacked(-confirmed);
    tcp_ext_arg_set(pcb, OWNER, left_data(bytes - confirmed, tcp_ticks));
    return ERR_OK;
}

/* Leaves a control block to itself: it sends what there is, says goodbye and frees itself. Where
 * data was not read, or the program wants it so, the other side is told by a reset. */
static void leave(struct sock *s)
{
    struct tcp_pcb *pcb;
    uint32_t progress;
    int64_t unacked;

    net_timers_touch(sched_now());
    pcb = s->tcp.pcb;
    unacked = (int64_t)s->tcp.unacked;
    progress = unacked > 0 ? s->tcp.progress : tcp_ticks;
    sock_tcp_forget_sent(s);
    if (pcb == NULL)
        return;
    sock_tcp_open_window(s, s->tcp.lent); /* the program has it: that is as good as read */
    s->tcp.pcb = NULL;
    set_owner(pcb, &left_owner, NULL);
    tcp_ext_arg_set(pcb, OWNER, left_data(unacked, progress));
    sock_tcp_count_unacked(unacked);
    tcp_limits_left();
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, left_sent);
    tcp_err(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    if (s->abort_on_close || tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

static void close_listener(struct sock *s)
{
    struct tcp_pcb *lpcb = s->tcp.pcb;
    struct tcp_pcb *pcb = tcp_active_pcbs;

    while (pcb != NULL && s->tcp.half_open > 0) {
        struct tcp_pcb *next = pcb->next;

        if (pcb->state == SYN_RCVD && pcb->listener == (struct tcp_pcb_listen *)lpcb)
            tcp_abort(pcb);
        pcb = next;
    }
    while (s->tcp.accept_first != NULL) {
        struct sock *c = s->tcp.accept_first;

        s->tcp.accept_first = c->tcp.accept_next;
        c->abort_on_close = true;
        leave(c);
        sock_tcp_drop_received(c);
        sock_release(c);
    }
    s->tcp.accept_last = NULL;
    s->tcp.accept_count = 0;
    s->tcp.pcb = NULL;
    tcp_close(lpcb);
}

static void stream_close(struct sock *s)
{
    if (s->state == SOCK_LISTENING)
        close_listener(s);
    else
        leave(s);
    sock_tcp_drop_received(s);
}

const struct sock_proto sock_tcp = {
    .type = SOCK_STREAM,
    .bind = stream_bind,
    .connect = stream_connect,
    .send = sock_tcp_send,
    .recv = sock_tcp_recv,
    .shutdown = sock_tcp_shutdown,
    .name = stream_name,
    .poll = sock_tcp_poll,
    .close = stream_close,
    .readable = sock_tcp_readable,
};
