/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * rt_recv_ref(). A loan is a pbuf out of the socket's queue, and a hold on the socket, which may be
 * closed before it comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "net.h"
#include "quintet.h"
#include "sock_tcp.h"

struct loan {
    struct pbuf *p;
    struct sock *s;
};

static ssize_t lend(struct sock *s, bool dontwait, void **data, void **out)
{
    struct loan *loan = malloc(sizeof *loan);
    ssize_t len;

    if (loan == NULL)
        return sock_fail(ENOBUFS);
    len = sock_tcp_lend(s, dontwait, &loan->p);
    if (len <= 0) {
        free(loan);
        return len;
    }
    loan->s = s;
    sock_hold(s);
    *data = loan->p->payload;
    *out = loan;
    return len;
}

ssize_t rt_recv_ref(int fd, void **data, int flags, void **loan)
{
    bool dontwait = (flags & MSG_DONTWAIT) != 0;
    struct sock *s;
    int fd_flags;
    ssize_t len;

    *data = NULL;
    *loan = NULL;
    s = sock_of_fd(fd, &fd_flags);
    if (s == NULL)
        return -1;
    if (s->proto != &sock_tcp || (flags & ~MSG_DONTWAIT) != 0) {
        sock_release(s);
        return sock_fail(EOPNOTSUPP);
    }
    net_fair();
    len = lend(s, dontwait || (fd_flags & O_NONBLOCK) != 0, data, loan);
    sock_release(s);
    return len;
}

void rt_recv_done(void *arg)
{
    struct loan *loan = arg;

    if (loan == NULL)
        return;
    sock_tcp_give_back(loan->s, loan->p);
    sock_release(loan->s);
    free(loan);
}
