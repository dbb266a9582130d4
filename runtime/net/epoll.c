/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * epoll: a set of watches (watch.h) with a table of them by descriptor. What was reported stays
 * ready, or becomes idle if it is edge-triggered, or wants nothing more if it is for one shot.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "net.h"
#include "watch.h"

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
                   EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP,
               "the events of epoll are those of poll");

struct epoll_watch {
    struct watch watch; /* first: the functions of watch.h pass it back */
    int fd;
    uint32_t flags; /* EPOLLET, EPOLLONESHOT */
    epoll_data_t data;
};

struct epoll {
    struct watch_set set;
    struct epoll_watch **table; /* by descriptor */
    int table_size;
    unsigned holds;
    bool closed;
};

/* ---- The descriptor ------------------------------------------------------------------------ */

static struct epoll *epoll_of_set(struct watch_set *set)
{
    return (struct epoll *)((char *)set - offsetof(struct epoll, set));
}

static void remove_watch(struct watch *w)
{
    struct epoll_watch *ew = (struct epoll_watch *)w;

    watch_end(w);
    epoll_of_set(w->set)->table[ew->fd] = NULL;
    free(ew);
}

static void release(struct epoll *ep)
{
    if (--ep->holds > 0)
        return;
    free(ep->table);
    free(ep);
}

static short epoll_poll(void *obj)
{
    const struct epoll *ep = obj;

    for (const struct watch *w = ep->set.ready_first; w != NULL; w = w->ready_next) {
        if (watch_state(w) != 0)
            return POLLIN | POLLRDNORM;
    }
    return 0;
}

static struct watch **epoll_watches(void *obj)
{
    struct epoll *ep = obj;

    return &ep->set.watches;
}

static int epoll_close(void *obj)
{
    struct epoll *ep = obj;

    for (int i = 0; i < ep->table_size; i++) {
        if (ep->table[i] != NULL)
            remove_watch(&ep->table[i]->watch);
    }
    ep->closed = true;
    watch_forget(&ep->set.watches);
    sched_wake_all(&ep->set.waiting);
    release(ep);
    return 0;
}

static const struct fd_ops epoll_ops = {
    .poll = epoll_poll,
    .watches = epoll_watches,
    .close = epoll_close,
};

int epoll_create1(int flags)
{
    struct epoll *ep;
    int fd;

    if ((flags & ~EPOLL_CLOEXEC) != 0) {
        errno = EINVAL;
        return -1;
    }
    ep = calloc(1, sizeof *ep);
    if (ep == NULL)
        return -1;
    ep->holds = 1;
    watch_set_init(&ep->set, remove_watch);
    fd = fd_alloc(&epoll_ops, ep, O_RDWR);
    if (fd < 0)
        free(ep);
    return fd;
}

int epoll_create(int size)
{
    if (size > 0)
        return epoll_create1(0);
    errno = EINVAL;
    return -1;
}

static struct epoll *epoll_of(int fd)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return NULL;
    if (entry->ops == &epoll_ops)
        return entry->obj;
    errno = EINVAL;
    return NULL;
}

/* ---- Watches ------------------------------------------------------------------------------- */

static int fail(int error)
{
    errno = error;
    return -1;
}

static bool table_fits(struct epoll *ep, int fd)
{
    struct epoll_watch **table;
    int size = ep->table_size;

    if (fd < size)
        return true;
    while (size <= fd)
        size = size == 0 ? 64 : 2 * size;
    table = realloc(ep->table, (size_t)size * sizeof *table);
    if (table == NULL)
        return false;
    memset(table + ep->table_size, 0, (size_t)(size - ep->table_size) * sizeof *table);
    ep->table = table;
    ep->table_size = size;
    return true;
}

static void want(struct epoll_watch *ew, const struct epoll_event *event)
{
    ew->flags = event->events & (EPOLLET | EPOLLONESHOT);
    ew->data = event->data;
    watch_for(&ew->watch, (short)(event->events & SHRT_MAX));
}

static int add_watch(struct epoll *ep, int fd, const struct fd *entry,
                     const struct epoll_event *event)
{
    struct epoll_watch *ew;

    if (entry->ops->watches == NULL || entry->ops == &epoll_ops)
        return fail(EPERM);
    ew = table_fits(ep, fd) ? malloc(sizeof *ew) : NULL;
    if (ew == NULL)
        return fail(ENOMEM);
    ew->fd = fd;
    watch_begin(&ew->watch, &ep->set, entry);
    ep->table[fd] = ew;
    want(ew, event);
    return 0;
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    struct epoll *ep = epoll_of(epoll);
    struct fd *entry = fd_get(fd);
    struct epoll_watch *ew;

    if (ep == NULL || entry == NULL)
        return -1;
    ew = fd < ep->table_size ? ep->table[fd] : NULL;
    switch (operation) {
    case EPOLL_CTL_ADD:
        return ew != NULL ? fail(EEXIST) : add_watch(ep, fd, entry, event);
    case EPOLL_CTL_MOD:
        if (ew == NULL)
            return fail(ENOENT);
        want(ew, event);
        return 0;
    case EPOLL_CTL_DEL:
        if (ew == NULL)
            return fail(ENOENT);
        remove_watch(&ew->watch);
        return 0;
    default:
        return fail(EINVAL);
    }
}

/* ---- Waiting ------------------------------------------------------------------------------- */

/* Reports what is ready. Those that stay so go to the end, so that all have their turn. */
static int collect(struct epoll *ep, struct epoll_event *events, int count)
{
    const struct watch *first_again = NULL;
    int found = 0;

    while (found < count && ep->set.ready_first != NULL && ep->set.ready_first != first_again) {
        struct watch *w = ep->set.ready_first;
        const struct epoll_watch *ew = (const struct epoll_watch *)w;
        short state = watch_state(w);

        watch_set_idle(w);
        if (state == 0)
            continue;
        events[found].events = (uint32_t)state;
        events[found++].data = ew->data;
        if ((ew->flags & EPOLLONESHOT) != 0) {
            w->events = 0;
        } else if ((ew->flags & EPOLLET) == 0) {
            watch_set_ready(w);
            if (first_again == NULL)
                first_again = w;
        }
    }
    return found;
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms)
{
    struct epoll *ep = epoll_of(epoll);
    uint64_t deadline_ns = SCHED_NEVER;
    bool woken = true;
    int found;

    if (ep == NULL)
        return -1;
    if (count <= 0)
        return fail(EINVAL);
    found = collect(ep, events, count);
    if (found > 0) {
        net_fair();
        return found;
    }
    if (timeout_ms >= 0)
        deadline_ns = sched_now_exact() + (uint64_t)timeout_ms * NET_NS_PER_MS;
    ep->holds++;
    while (found == 0 && woken && !ep->closed) {
        woken = sched_wait(&ep->set.waiting, deadline_ns);
        found = ep->closed ? 0 : collect(ep, events, count);
    }
    if (ep->closed && found == 0)
        found = fail(EBADF);
    release(ep);
    return found;
}
