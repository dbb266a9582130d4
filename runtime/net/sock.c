/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What all sockets share: their life, waiting and waking, and the way from a descriptor to one. See
 * sock.h.
 */
#include "sock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/err.h"

#include "libc/fd.h"
#include "net.h"
#include "watch.h"

/* ---- Life ---------------------------------------------------------------------------------- */

struct sock *sock_new(const struct sock_proto *proto)
{
    struct sock *s = calloc(1, sizeof *s);

    if (s == NULL) {
        errno = ENOBUFS;
        return NULL;
    }
    s->proto = proto;
    s->holds = 1;
    s->send_limit = SOCK_BUFFER_MAX;
    s->recv_limit = SOCK_BUFFER_MAX;
    return s;
}

void sock_hold(struct sock *s)
{
    s->holds++;
}

void sock_release(struct sock *s)
{
    if (--s->holds == 0)
        free(s);
}

static ssize_t transfer(struct sock *s, const struct iovec *iov, int count, int flags,
                        ssize_t (*call)(struct sock *, struct sock_msg *))
{
    struct sock_msg m = {.iov = iov, .iov_count = count};
    ssize_t done;

    for (int i = 0; i < count; i++)
        m.left += iov[i].iov_len;
    if ((flags & O_NONBLOCK) != 0)
        m.flags |= MSG_DONTWAIT;
    sock_hold(s);
    net_fair();
    done = call(s, &m);
    sock_release(s);
    return done;
}

static ssize_t sock_readv(void *obj, const struct iovec *iov, int count, int flags)
{
    struct sock *s = obj;

    return transfer(s, iov, count, flags, s->proto->recv);
}

static ssize_t sock_writev(void *obj, const struct iovec *iov, int count, int flags)
{
    struct sock *s = obj;

    return transfer(s, iov, count, flags, s->proto->send);
}

static short sock_poll(void *obj)
{
    struct sock *s = obj;

    return s->proto->poll(s);
}

static struct watch **sock_watches(void *obj)
{
    struct sock *s = obj;

    return &s->watches;
}

static int sock_close(void *obj)
{
    struct sock *s = obj;

    s->closed = true;
    watch_forget(&s->watches);
    s->proto->close(s);
    sock_wake_all(s);
    sock_release(s);
    return 0;
}

static const struct fd_ops sock_ops = {
    .readv = sock_readv,
    .writev = sock_writev,
    .poll = sock_poll,
    .watches = sock_watches,
    .close = sock_close,
};

int sock_to_fd(struct sock *s, int flags)
{
    return fd_alloc(&sock_ops, s, O_RDWR | ((flags & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0));
}

struct sock *sock_of_fd(int fd, int *flags)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return NULL;
    if (entry->ops != &sock_ops) {
        errno = ENOTSOCK;
        return NULL;
    }
    *flags = entry->flags;
    sock_hold(entry->obj);
    return entry->obj;
}

/* ---- Waiting ------------------------------------------------------------------------------- */

void sock_wake_readers(struct sock *s)
{
    sched_wake_one(&s->readers);
    watch_notify(s->watches, POLLIN | POLLRDNORM | POLLRDHUP);
}

void sock_wake_writers(struct sock *s)
{
    sched_wake_one(&s->writers);
    watch_notify(s->watches, POLLOUT | POLLWRNORM);
}

bool sock_has_writers(const struct sock *s)
{
    return sched_has_waiters(&s->writers) || s->watches != NULL;
}

void sock_wake_all(struct sock *s)
{
    sched_wake_all(&s->readers);
    sched_wake_all(&s->writers);
    watch_notify(s->watches, ~0);
}

int sock_wait(struct sock *s, struct wait_queue *q, bool dontwait, uint64_t deadline_ns)
{
    if (dontwait || !sched_wait(q, deadline_ns))
        return sock_fail(s->closed ? EBADF : EAGAIN);
    return s->closed ? sock_fail(EBADF) : 0;
}

uint64_t sock_deadline(uint64_t timeout_ns)
{
    return timeout_ns == 0 ? SCHED_NEVER : sched_now_exact() + timeout_ns;
}

/* ---- Errors -------------------------------------------------------------------------------- */

int sock_fail(int error)
{
    errno = error;
    return -1;
}

int sock_errno(err_t err)
{
    static const int table[] = {
        [-ERR_OK] = 0,
        [-ERR_MEM] = ENOBUFS,
        [-ERR_BUF] = ENOBUFS,
        [-ERR_TIMEOUT] = ETIMEDOUT,
        [-ERR_RTE] = ENETUNREACH,
        [-ERR_INPROGRESS] = EINPROGRESS,
        [-ERR_VAL] = EINVAL,
        [-ERR_WOULDBLOCK] = EAGAIN,
        [-ERR_USE] = EADDRINUSE,
        [-ERR_ALREADY] = EALREADY,
        [-ERR_ISCONN] = EISCONN,
        [-ERR_CONN] = ENOTCONN,
        [-ERR_IF] = EIO,
        [-ERR_ABRT] = ETIMEDOUT, /* lwIP gave up on an answer */
        [-ERR_RST] = ECONNRESET,
        [-ERR_CLSD] = ENOTCONN,
        [-ERR_ARG] = EINVAL,
    };
    unsigned index = (unsigned)-err;

    return index < sizeof table / sizeof table[0] ? table[index] : EIO;
}

int sock_take_error(struct sock *s)
{
    int error = s->error;

    s->error = 0;
    return error;
}

/* ---- Messages ------------------------------------------------------------------------------ */

void *sock_msg_next(struct sock_msg *m, size_t max, size_t *len)
{
    while (m->iov_count > 0 && m->offset == m->iov->iov_len) {
        m->iov++;
        m->iov_count--;
        m->offset = 0;
    }
    if (m->iov_count == 0)
        return NULL;

    uint8_t *piece = (uint8_t *)m->iov->iov_base + m->offset;
    size_t n = m->iov->iov_len - m->offset;
    if (n > max)
        n = max;
    m->offset += n;
    m->left -= n;
    *len = n;
    return piece;
}

size_t sock_msg_put(struct sock_msg *m, const void *buf, size_t len)
{
    size_t done = 0, n;
    void *piece;

    while (done < len && (piece = sock_msg_next(m, len - done, &n)) != NULL) {
        memcpy(piece, (const uint8_t *)buf + done, n);
        done += n;
    }
    return done;
}

size_t sock_msg_get(struct sock_msg *m, void *buf, size_t len)
{
    size_t done = 0, n;
    const void *piece;

    while (done < len && (piece = sock_msg_next(m, len - done, &n)) != NULL) {
        memcpy((uint8_t *)buf + done, piece, n);
        done += n;
    }
    return done;
}
