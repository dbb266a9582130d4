/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The data of streams. What is sent is copied once, into lwIP's segments. The first write of a
 * socket in a turn goes out at once; what follows in the same turn waits for its end and leaves
 * together (sock_flush), unless it fills a segment. Received frames stay where they were read to
 * until the program takes the data, or the frames themselves, for a while: rt_recv_ref().
 */
#include "sock_tcp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "frame.h"
#include "net.h"
#include "send_ref.h"
#include "tcp_limits.h"

/* Unacknowledged bytes of a connection when all together have more than the budget: at most, and at
 * least. */
#define SEND_LIMIT_TIGHT 16384
#define SEND_LIMIT_LEAST 1024
#define COALESCE_MAX     512 /* received bytes that are cheaper to copy than to keep a frame for */

static struct {
    size_t unacked;     /* bytes to send of all connections, those without a socket too */
    size_t lent_memory; /* of frames that the program has, of all sockets */
    struct sock *flush_first;
} data;

/* ---- Sending ------------------------------------------------------------------------------- */

/* Beyond the budget there is once more as much, and each has an equal share of what is left of it:
 * so many that take nothing leave something for the next. */
static size_t send_limit(const struct sock *s)
{
    size_t most = 2 * net_budget();
    size_t share;

    if (data.unacked <= net_budget())
        return s->send_limit;
    share = (data.unacked < most ? most - data.unacked : 0) / tcp_limits_count();
    if (share < SEND_LIMIT_LEAST)
        share = SEND_LIMIT_LEAST;
    else if (share > SEND_LIMIT_TIGHT)
        share = SEND_LIMIT_TIGHT;
    return share < s->send_limit ? share : s->send_limit;
}

size_t sock_tcp_unacked(void)
{
    return data.unacked;
}

void sock_tcp_count_unacked(int64_t bytes)
{
    data.unacked += (size_t)bytes;
}

/* How many bytes may be written now. */
static size_t send_room(const struct sock *s)
{
    const struct tcp_pcb *pcb = s->tcp.pcb;
    size_t limit = send_limit(s);
    size_t room;

    if (pcb->snd_queuelen >= TCP_SND_QUEUELEN || s->tcp.unacked >= limit)
        return 0;
    room = limit - s->tcp.unacked;
    return room < pcb->snd_buf ? room : pcb->snd_buf; /* tcp_sndbuf() never says more than 65535 */
}

/* Is there enough room to be worth waking a writer? */
static bool is_writable(const struct sock *s)
{
    return s->tcp.pcb != NULL && !s->tcp.starved && send_room(s) >= send_limit(s) / 4 &&
           s->tcp.pcb->snd_queuelen < TCP_SND_QUEUELEN * 3 / 4;
}

err_t sock_tcp_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct sock *s = arg;
    size_t confirmed = len < s->tcp.unacked ? len : s->tcp.unacked;

    (void)pcb;
    s->tcp.unacked -= confirmed;
    data.unacked -= confirmed;
    s->tcp.progress = tcp_ticks;
    s->tcp.starved = false;
    if (sock_has_writers(s) && is_writable(s))
        sock_wake_writers(s);
    return ERR_OK;
}

/* Called some times a second: a writer that found no memory tries again. */
err_t sock_tcp_idle(void *arg, struct tcp_pcb *pcb)
{
    struct sock *s = arg;

    (void)pcb;
    s->tcp.starved = false;
    if (sock_has_writers(s) && is_writable(s))
        sock_wake_writers(s);
    return ERR_OK;
}

void sock_tcp_forget_sent(struct sock *s)
{
    struct sock **link = &data.flush_first;

    data.unacked -= s->tcp.unacked;
    s->tcp.unacked = 0;
    if (!s->tcp.flush_queued)
        return;
    while (*link != s)
        link = &(*link)->tcp.flush_next;
    *link = s->tcp.flush_next;
    s->tcp.flush_queued = false;
}

void sock_flush(void)
{
    while (data.flush_first != NULL) {
        struct sock *s = data.flush_first;
        size_t returned = s->tcp.returned;

        data.flush_first = s->tcp.flush_next;
        s->tcp.flush_queued = false;
        if (s->tcp.pcb == NULL)
            continue;
        /* More may come back meanwhile: what goes out lets the device give up what it had. */
        s->tcp.returned = 0;
        s->tcp.lent -= returned;
        sock_tcp_open_window(s, returned);
        if (s->tcp.pcb != NULL)
            tcp_output(s->tcp.pcb);
    }
}

static void push_out_later(struct sock *s)
{
    if (s->tcp.flush_queued)
        return;
    s->tcp.flush_queued = true;
    s->tcp.flush_next = data.flush_first;
    data.flush_first = s;
}

/* Sends now or at the end of the turn: (len) bytes were written. */
static void push_out(struct sock *s, size_t len)
{
    if (s->tcp.flush_turn == net_turn() && len < s->tcp.pcb->mss) {
        push_out_later(s);
        return;
    }
    s->tcp.flush_turn = net_turn();
    tcp_output(s->tcp.pcb);
}

/* Gives lwIP as much of the message as it takes. */
static size_t write_some(struct sock *s, struct sock_msg *m)
{
    struct tcp_pcb *pcb = s->tcp.pcb;
    size_t done = 0;

    send_ref_use(m->ref);
    for (;;) {
        struct sock_msg before = *m;
        size_t room = send_room(s), len;
        const void *piece;

        if (room > UINT16_MAX)
            room = UINT16_MAX;
        if (room == 0 || (piece = sock_msg_next(m, room, &len)) == NULL)
            break;
        if (tcp_write(pcb, piece, (u16_t)len,
                      (u8_t)((m->by_reference ? 0 : TCP_WRITE_FLAG_COPY) |
                             (m->left > 0 ? TCP_WRITE_FLAG_MORE : 0))) != ERR_OK) {
            *m = before;
            s->tcp.starved = true;
            break;
        }
        if (s->tcp.unacked == 0)
            s->tcp.progress = tcp_ticks;
        done += len;
        s->tcp.unacked += len;
        data.unacked += len;
    }
    send_ref_use(NULL);
    if (done > 0 && (m->flags & MSG_MORE) != 0)
        push_out_later(s);
    else if (done > 0)
        push_out(s, done);
    return done;
}

static int send_error(struct sock *s)
{
    if (s->error != 0)
        return sock_take_error(s);
    if (s->write_shut)
        return EPIPE;
    if (s->state == SOCK_CONNECTED)
        return s->tcp.pcb == NULL ? EPIPE : 0;
    return s->state == SOCK_CONNECTING ? 0 : ENOTCONN;
}

ssize_t sock_tcp_send(struct sock *s, struct sock_msg *m)
{
    uint64_t deadline_ns = 0;
    size_t done = 0;

    for (;;) {
        net_timers_touch(sched_now());

        int error = send_error(s);

        if (error != 0 && done == 0)
            return sock_fail(error);
        if (error != 0) {
            if (error != EPIPE)
                s->error = error; /* for the next call */
            return (ssize_t)done;
        }
        if (s->state == SOCK_CONNECTED)
            done += write_some(s, m);
        if (m->left == 0 && s->state == SOCK_CONNECTED)
            return (ssize_t)done;
        if (deadline_ns == 0)
            deadline_ns = sock_deadline(s->send_timeout_ns);
        if (done > 0 && (m->flags & MSG_DONTWAIT) != 0)
            return (ssize_t)done;
        if (sock_wait(s, &s->writers, (m->flags & MSG_DONTWAIT) != 0, deadline_ns) != 0)
            return done > 0 ? (ssize_t)done : -1;
    }
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Adds a single pbuf to what waits to be read, or its bytes to the frame before it. Many small
 * segments would otherwise hold a whole frame each. */
static void queue_pbuf(struct sock *s, struct pbuf *p)
{
    struct pbuf *last = s->tcp.rx_last;

    s->rx_bytes += p->len;
    if (p->len == 0) {
        pbuf_free(p);
    } else if (last != NULL && p->len <= COALESCE_MAX && frame_tailroom(last) >= p->len) {
        memcpy((u8_t *)last->payload + last->len, p->payload, p->len);
        last->len = (u16_t)(last->len + p->len);
        last->tot_len = last->len;
        pbuf_free(p);
    } else {
        if (last == NULL)
            s->tcp.rx_first = p;
        else
            last->next = p;
        s->tcp.rx_last = p;
    }
}

err_t sock_tcp_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct sock *s = arg;

    (void)err;
    if (p == NULL) {
        s->eof = true;
        sock_wake_all(s);
        return ERR_OK;
    }
    if (s->read_shut) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return ERR_OK;
    }
    /* lwIP then keeps this one, and takes no more data for the connection until we do. */
    if (s->tcp.rx_first != NULL && frame_bytes_used() > net_budget())
        return ERR_MEM;
    while (p != NULL) {
        struct pbuf *next = p->next;

        p->next = NULL;
        p->tot_len = p->len;
        queue_pbuf(s, p);
        p = next;
    }
    sock_wake_readers(s);
    return ERR_OK;
}

void sock_tcp_open_window(struct sock *s, size_t len)
{
    while (len > 0 && s->tcp.pcb != NULL) {
        u16_t n = len < UINT16_MAX ? (u16_t)len : UINT16_MAX;

        tcp_recved(s->tcp.pcb, n);
        len -= n;
    }
    if (s->tcp.pcb != NULL && s->tcp.pcb->refused_data != NULL)
        tcp_process_refused_data(s->tcp.pcb);
}

/* Takes the first pbuf, which was read or lent, out of the queue. */
static struct pbuf *dequeue(struct sock *s)
{
    struct pbuf *p = s->tcp.rx_first;

    s->tcp.rx_first = p->next;
    if (p->next == NULL)
        s->tcp.rx_last = NULL;
    p->next = NULL;
    return p;
}

/* Copies what is queued into the message; takes it out of the queue unless it is to be left. */
static size_t read_some(struct sock *s, struct sock_msg *m)
{
    bool peek = (m->flags & MSG_PEEK) != 0;
    size_t done = 0;

    for (struct pbuf *p = s->tcp.rx_first; p != NULL && m->left > 0;) {
        struct pbuf *next = p->next;
        size_t n = sock_msg_put(m, p->payload, p->len);

        done += n;
        if (!peek) {
            pbuf_remove_header(p, n);
            if (p->len > 0)
                break;
            pbuf_free(dequeue(s));
        }
        p = next;
    }
    if (peek)
        return done;
    s->rx_bytes -= done;
    sock_tcp_open_window(s, done);
    return done;
}

/* Of a connection with nothing to read: 1 when more may come, 0 at the end, -1 with errno. */
static int may_come(struct sock *s)
{
    if (s->error != 0)
        return sock_fail(sock_take_error(s));
    return !s->eof && !s->read_shut && s->state != SOCK_NEW;
}

ssize_t sock_tcp_recv(struct sock *s, struct sock_msg *m)
{
    bool dontwait = (m->flags & MSG_DONTWAIT) != 0;
    uint64_t deadline_ns = 0;
    size_t done = 0;
    int more;

    if (s->state == SOCK_NEW || s->state == SOCK_LISTENING)
        return sock_fail(s->error != 0 ? sock_take_error(s) : ENOTCONN);
    if (m->left == 0)
        return 0;
    for (;;) {
        if (s->tcp.rx_first != NULL) {
            done += read_some(s, m);
            if (m->left == 0 || (m->flags & (MSG_WAITALL | MSG_PEEK)) != MSG_WAITALL)
                return (ssize_t)done;
        }
        if (done > 0 && (s->error != 0 || dontwait))
            return (ssize_t)done;
        more = may_come(s);
        if (more <= 0)
            return more < 0 ? -1 : (ssize_t)done;
        if (deadline_ns == 0)
            deadline_ns = sock_deadline(s->recv_timeout_ns);
        if (sock_wait(s, &s->readers, dontwait, deadline_ns) != 0)
            return done > 0 ? (ssize_t)done : -1;
    }
}

ssize_t sock_tcp_lend(struct sock *s, bool dontwait, struct pbuf **p)
{
    uint64_t deadline_ns = 0;

    if (s->state == SOCK_NEW || s->state == SOCK_LISTENING)
        return sock_fail(s->error != 0 ? sock_take_error(s) : ENOTCONN);
    while (s->tcp.rx_first == NULL) {
        int more = may_come(s);

        if (more <= 0)
            return more;
        if (deadline_ns == 0)
            deadline_ns = sock_deadline(s->recv_timeout_ns);
        if (sock_wait(s, &s->readers, dontwait, deadline_ns) != 0)
            return -1;
    }
    /* Half of the budget, but one always: what is not given back must leave room for others. */
    if (data.lent_memory > 0 && data.lent_memory + frame_memory(s->tcp.rx_first) > net_budget() / 2)
        return sock_fail(ENOBUFS);
    *p = dequeue(s);
    data.lent_memory += frame_memory(*p);
    s->rx_bytes -= (*p)->len;
    s->tcp.lent += (*p)->len;
    sock_tcp_open_window(s, 0);
    return (*p)->len;
}

/* May be called while lwIP works on a connection, this one perhaps: so the window waits. */
void sock_tcp_give_back(struct sock *s, struct pbuf *p)
{
    data.lent_memory -= frame_memory(p);
    if (s->tcp.pcb != NULL) {
        s->tcp.returned += p->len;
        push_out_later(s);
    }
    pbuf_free(p);
}

size_t sock_tcp_readable(struct sock *s)
{
    return s->rx_bytes;
}

void sock_tcp_drop_received(struct sock *s)
{
    while (s->tcp.rx_first != NULL) {
        struct pbuf *p = s->tcp.rx_first;

        s->tcp.rx_first = p->next;
        p->next = NULL;
        pbuf_free(p);
    }
    s->tcp.rx_last = NULL;
    s->rx_bytes = 0;
}

/* ---- Both ---------------------------------------------------------------------------------- */

int sock_tcp_shutdown(struct sock *s, int how)
{
    if (s->state != SOCK_CONNECTED || (s->tcp.pcb == NULL && !s->eof))
        return sock_fail(ENOTCONN);
    if (how != SHUT_WR)
        s->read_shut = true;
    if (how != SHUT_RD && !s->write_shut) {
        s->write_shut = true;
        net_timers_touch(sched_now());
        if (s->tcp.pcb != NULL)
            tcp_shutdown(s->tcp.pcb, 0, 1);
    }
    sock_wake_all(s);
    return 0;
}

short sock_tcp_poll(struct sock *s)
{
    short events = 0;

    if (s->error != 0)
        events |= POLLERR;
    switch (s->state) {
    case SOCK_NEW:
        return (short)(events | POLLOUT | POLLHUP | (s->error != 0 ? POLLIN : 0));
    case SOCK_LISTENING:
        return s->tcp.accept_first != NULL ? POLLIN | POLLRDNORM : 0;
    case SOCK_CONNECTING:
        return events;
    case SOCK_CONNECTED:
        break;
    }
    if (s->tcp.rx_first != NULL || s->eof || s->read_shut || s->error != 0)
        events |= POLLIN | POLLRDNORM;
    if (s->eof)
        events |= POLLRDHUP;
    if (s->write_shut || s->tcp.pcb == NULL || is_writable(s))
        events |= POLLOUT | POLLWRNORM;
    if (s->tcp.pcb == NULL || (s->eof && s->write_shut))
        events |= POLLHUP;
    return events;
}
