/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * epoll. A watch ties an object to an epoll descriptor. It is in the object's list, by which it is
 * told of events; in the descriptor's table, by number; and, while there may be something to
 * report, in the descriptor's list of ready ones.
 *
 *     idle --- epoll_notify, or added and ready ---> ready --- reported, edge-triggered ---> idle
 *                                                     |  ^--- reported, level-triggered
 *                                                     +------ found to be not ready -------> idle
 *
 * Whether there is really something is asked of the object at the moment of the report alone.
 */
#include "epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "libc/fd.h"
#include "net.h"
#include "thread/sched.h"

#define ALWAYS (POLLERR | POLLHUP)

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
                   EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP,
               "the events of epoll are those of poll");

struct epoll_watch {
    struct epoll_watch *next, **pprev;             /* in the object's list */
    struct epoll_watch *ready_next, **ready_pprev; /* ready_pprev NULL: idle */
    struct epoll *epoll;
    const struct fd_ops *ops;
    void *obj;
    int fd;
    uint32_t events; /* wanted; 0 after one shot */
    epoll_data_t data;
};

struct epoll {
    struct wait_queue waiting; /* in epoll_wait, or in poll() for this descriptor */
    struct epoll_watch *ready_first, **ready_last;
    struct epoll_watch **table; /* by descriptor */
    int table_size;
    unsigned holds;
    bool closed;
};

/* ---- Lists --------------------------------------------------------------------------------- */

static void ready_add(struct epoll_watch *w)
{
    struct epoll *ep = w->epoll;

    if (w->ready_pprev != NULL)
        return;
    w->ready_next = NULL;
    w->ready_pprev = ep->ready_last;
    *ep->ready_last = w;
    ep->ready_last = &w->ready_next;
}

static void ready_remove(struct epoll_watch *w)
{
    if (w->ready_pprev == NULL)
        return;
    *w->ready_pprev = w->ready_next;
    if (w->ready_next != NULL)
        w->ready_next->ready_pprev = w->ready_pprev;
    else
        w->epoll->ready_last = w->ready_pprev;
    w->ready_pprev = NULL;
}

static void watch_end(struct epoll_watch *w)
{
    ready_remove(w);
    *w->pprev = w->next;
    if (w->next != NULL)
        w->next->pprev = w->pprev;
    w->epoll->table[w->fd] = NULL;
    free(w);
}

static short state_of(const struct epoll_watch *w)
{
    return (short)(w->ops->poll(w->obj) & (short)((w->events & SHRT_MAX) | ALWAYS));
}

void epoll_notify(struct epoll_watch *watches, short events)
{
    for (struct epoll_watch *w = watches; w != NULL; w = w->next) {
        if (w->events == 0 || (events & (short)((w->events & SHRT_MAX) | ALWAYS)) == 0)
            continue;
        ready_add(w);
        sched_wake_one(&w->epoll->waiting);
    }
}

void epoll_forget(struct epoll_watch **watches)
{
    while (*watches != NULL)
        watch_end(*watches);
}

/* ---- The descriptor ------------------------------------------------------------------------ */

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

    for (const struct epoll_watch *w = ep->ready_first; w != NULL; w = w->ready_next) {
        if (w->events != 0 && state_of(w) != 0)
            return POLLIN | POLLRDNORM;
    }
    return 0;
}

static struct wait_queue *epoll_queue(void *obj)
{
    struct epoll *ep = obj;

    return &ep->waiting;
}

static int epoll_close(void *obj)
{
    struct epoll *ep = obj;

    for (int i = 0; i < ep->table_size; i++) {
        if (ep->table[i] != NULL)
            watch_end(ep->table[i]);
    }
    ep->closed = true;
    sched_wake_all(&ep->waiting);
    release(ep);
    return 0;
}

static const struct fd_ops epoll_ops = {
    .poll = epoll_poll,
    .queue = epoll_queue,
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
    ep->ready_last = &ep->ready_first;
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

/* Takes over what is wanted, and looks whether it is there already. */
static void watch_set(struct epoll_watch *w, const struct epoll_event *event)
{
    w->events = event->events | ALWAYS;
    w->data = event->data;
    if (state_of(w) != 0) {
        ready_add(w);
        sched_wake_one(&w->epoll->waiting);
    }
}

static int watch_add(struct epoll *ep, int fd, const struct fd *entry,
                     const struct epoll_event *event)
{
    struct epoll_watch **list, *w;

    if (entry->ops->watches == NULL)
        return fail(EPERM);
    w = table_fits(ep, fd) ? malloc(sizeof *w) : NULL;
    if (w == NULL)
        return fail(ENOMEM);
    list = entry->ops->watches(entry->obj);
    *w = (struct epoll_watch){
        .next = *list, .pprev = list, .epoll = ep, .ops = entry->ops, .obj = entry->obj, .fd = fd};
    if (w->next != NULL)
        w->next->pprev = &w->next;
    *list = w;
    ep->table[fd] = w;
    watch_set(w, event);
    return 0;
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    struct epoll *ep = epoll_of(epoll);
    struct fd *entry = fd_get(fd);
    struct epoll_watch *w;

    if (ep == NULL || entry == NULL)
        return -1;
    w = fd < ep->table_size ? ep->table[fd] : NULL;
    switch (operation) {
    case EPOLL_CTL_ADD:
        return w != NULL ? fail(EEXIST) : watch_add(ep, fd, entry, event);
    case EPOLL_CTL_MOD:
        if (w == NULL)
            return fail(ENOENT);
        watch_set(w, event);
        return 0;
    case EPOLL_CTL_DEL:
        if (w == NULL)
            return fail(ENOENT);
        watch_end(w);
        return 0;
    default:
        return fail(EINVAL);
    }
}

/* ---- Waiting ------------------------------------------------------------------------------- */

/* Reports what is ready. Those that stay so go to the end, so that all have their turn. */
static int collect(struct epoll *ep, struct epoll_event *events, int count)
{
    struct epoll_watch *first_again = NULL;
    int found = 0;

    while (found < count && ep->ready_first != NULL && ep->ready_first != first_again) {
        struct epoll_watch *w = ep->ready_first;
        short state = w->events != 0 ? state_of(w) : 0;

        ready_remove(w);
        if (state == 0)
            continue;
        events[found].events = (uint32_t)state;
        events[found++].data = w->data;
        if ((w->events & EPOLLONESHOT) != 0) {
            w->events = 0;
        } else if ((w->events & EPOLLET) == 0) {
            ready_add(w);
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
        woken = sched_wait(&ep->waiting, deadline_ns);
        found = ep->closed ? 0 : collect(ep, events, count);
    }
    if (ep->closed && found == 0)
        found = fail(EBADF);
    release(ep);
    return found;
}
