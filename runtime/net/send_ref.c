/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * rt_send_ref(). Each pbuf that refers to the program's bytes counts in a struct send_ref, as does
 * the call itself; the last of them tells the program. A packet that the device still has holds its
 * pbufs, so it counts, too.
 */
#include "send_ref.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "lwip/mem.h"
#include "lwip/pbuf.h"

#include "hooks.h"
#include "net.h"
#include "quintet.h"
#include "sock.h"

struct send_ref {
    unsigned count;
    void (*done)(void *arg); /* NULL: nothing was sent */
    void *arg;
};

struct ref_pbuf {
    struct pbuf_custom custom; /* first, since lwIP passes a pointer to it back */
    struct send_ref *ref;
};

static struct send_ref *current;

static void release(struct send_ref *ref)
{
    if (--ref->count > 0)
        return;
    if (ref->done != NULL)
        ref->done(ref->arg);
    free(ref);
}

static void free_pbuf(struct pbuf *p)
{
    struct ref_pbuf *rp = (struct ref_pbuf *)p;

    release(rp->ref);
    mem_free(rp);
}

void send_ref_use(struct send_ref *ref)
{
    current = ref;
}

struct pbuf *send_ref_pbuf(u16_t len)
{
    struct ref_pbuf *rp;

    if (current == NULL)
        return pbuf_alloc(PBUF_RAW, len, PBUF_ROM);
    rp = mem_malloc(sizeof *rp);
    if (rp == NULL)
        return NULL;
    rp->ref = current;
    rp->ref->count++;
    rp->custom.custom_free_function = free_pbuf;
    return pbuf_alloced_custom(PBUF_RAW, len, PBUF_ROM, &rp->custom, NULL, len);
}

ssize_t rt_send_ref(int fd, const void *data, size_t len, int flags, void (*done)(void *arg),
                    void *arg)
{
    struct iovec iov = {(void *)data, len};
    struct sock_msg m = {
        .iov = &iov, .iov_count = 1, .left = len, .flags = flags, .by_reference = true};
    struct sock *s;
    int fd_flags;
    ssize_t sent;

    s = sock_of_fd(fd, &fd_flags);
    if (s == NULL)
        return -1;
    if (s->proto != &sock_tcp) {
        sock_release(s);
        return sock_fail(EOPNOTSUPP);
    }
    if (done != NULL && (m.ref = malloc(sizeof *m.ref)) == NULL) {
        sock_release(s);
        return sock_fail(ENOBUFS);
    }
    if (done != NULL)
        *m.ref = (struct send_ref){.count = 1, .done = done, .arg = arg};
    if ((fd_flags & O_NONBLOCK) != 0)
        m.flags |= MSG_DONTWAIT;
    net_fair();
    sent = s->proto->send(s, &m);
    sock_release(s);
    if (m.ref != NULL) {
        if (sent <= 0)
            m.ref->done = NULL;
        release(m.ref);
    }
    return sent;
}
