/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * poll() and select(). A call that finds nothing ready enters the queue of each descriptor's object
 * and waits for the first to be woken; so a call takes time in proportion to its descriptors, and a
 * wake-up reaches only those who asked for that object.
 */
#include <poll.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

#include "libc/fd.h"
#include "net.h"
#include "thread/sched.h"

#define ON_STACK 16 /* descriptors for which no memory is asked for */

/* How often to look again at what there was no memory to wait for. */
#define LOOK_AGAIN_NS (10 * NET_NS_PER_MS)

#define READ_EVENTS  (POLLIN | POLLRDNORM)
#define WRITE_EVENTS (POLLOUT | POLLWRNORM)

static short events_of(const struct fd *entry)
{
    if (entry->ops->poll != NULL)
        return entry->ops->poll(entry->obj);
    return (short)((entry->ops->readv != NULL ? READ_EVENTS : 0) |
                   (entry->ops->writev != NULL ? WRITE_EVENTS : 0));
}

/* Fills in revents; returns how many descriptors have any. */
static int scan(struct pollfd *fds, nfds_t count)
{
    int ready = 0;

    for (nfds_t i = 0; i < count; i++) {
        const struct fd *entry;

        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        entry = fd_get(fds[i].fd);
        if (entry == NULL)
            fds[i].revents = POLLNVAL;
        else
            fds[i].revents = (short)(events_of(entry) & (fds[i].events | POLLERR | POLLHUP));
        ready += fds[i].revents != 0;
    }
    return ready;
}

static void enter_queues(const struct pollfd *fds, nfds_t count, struct waiter *waiters)
{
    for (nfds_t i = 0; i < count; i++) {
        const struct fd *entry = fds[i].fd < 0 ? NULL : fd_get(fds[i].fd);

        waiters[i].queue =
            entry != NULL && entry->ops->queue != NULL ? entry->ops->queue(entry->obj) : NULL;
    }
}

/* Waits until one of (count) descriptors may have become ready. Where there is no memory for all
 * the queues, it waits in some of them, and not for long. Returns false on the deadline. */
static bool wait_for_any(const struct pollfd *fds, nfds_t count, struct waiter *waiters,
                         nfds_t room, uint64_t deadline_ns)
{
    uint64_t until_ns;

    if (count <= room) {
        enter_queues(fds, count, waiters);
        return sched_wait_any(waiters, count, deadline_ns);
    }
    until_ns = sched_now_exact() + LOOK_AGAIN_NS;
    enter_queues(fds, room, waiters);
    return sched_wait_any(waiters, room, until_ns < deadline_ns ? until_ns : deadline_ns) ||
           until_ns < deadline_ns;
}

static int poll_until(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    struct waiter few[ON_STACK];
    struct waiter *many = NULL;
    int saved =
        errno; /* fd_get sets it for descriptors that are not open, which is no error here */
    int ready = scan(fds, count);

    if (ready > 0) {
        net_fair();
    } else if (deadline_ns == 0) {
        sched_yield_now();
        ready = scan(fds, count);
    } else {
        bool woken = true;

        if (count > ON_STACK)
            many = malloc(count * sizeof *many);
        while (ready == 0 && woken) {
            woken = wait_for_any(fds, count, many != NULL ? many : few,
                                 many != NULL ? count : ON_STACK, deadline_ns);
            ready = scan(fds, count);
        }
        free(many);
    }
    errno = saved;
    return ready;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    if (count > INT16_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (timeout_ms < 0)
        return poll_until(fds, count, SCHED_NEVER);
    if (timeout_ms == 0)
        return poll_until(fds, count, 0);
    return poll_until(fds, count, sched_now_exact() + (uint64_t)timeout_ms * NET_NS_PER_MS);
}

/* ---- select -------------------------------------------------------------------------------- */

static nfds_t to_poll(int count, const fd_set *r, const fd_set *w, const fd_set *e,
                      struct pollfd *fds)
{
    nfds_t used = 0;

    for (int fd = 0; fd < count; fd++) {
        bool in = r != NULL && FD_ISSET(fd, r);
        bool out = w != NULL && FD_ISSET(fd, w);

        if (in || out || (e != NULL && FD_ISSET(fd, e)))
            fds[used++] = (struct pollfd){
                .fd = fd, .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0))};
    }
    return used;
}

/* Leaves in (set) what has one of (events), and counts it. */
static int from_poll(const struct pollfd *fds, nfds_t count, fd_set *set, short wanted,
                     short events)
{
    fd_set asked;
    int found = 0;

    if (set == NULL)
        return 0;
    asked = *set;
    FD_ZERO(set);
    for (nfds_t i = 0; i < count; i++) {
        if (!FD_ISSET(fds[i].fd, &asked) || (fds[i].events & wanted) != wanted ||
            (fds[i].revents & events) == 0)
            continue;
        FD_SET(fds[i].fd, set);
        found++;
    }
    return found;
}

int select(int count, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
    uint64_t deadline_ns = SCHED_NEVER;
    struct pollfd *fds;
    nfds_t used;
    int found;

    if (count < 0 || count > FD_SETSIZE ||
        (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0))) {
        errno = EINVAL;
        return -1;
    }
    if (timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0)
        deadline_ns = 0;
    else if (timeout != NULL && (uint64_t)timeout->tv_sec < UINT32_MAX)
        deadline_ns = sched_now_exact() + (uint64_t)timeout->tv_sec * NET_NS_PER_S +
                      (uint64_t)timeout->tv_usec * 1000;
    fds = malloc(((size_t)count + 1) * sizeof *fds);
    if (fds == NULL) {
        errno = ENOMEM;
        return -1;
    }
    used = to_poll(count, r, w, e, fds);
    found = poll_until(fds, used, deadline_ns);
    for (nfds_t i = 0; i < used; i++) {
        if ((fds[i].revents & POLLNVAL) != 0) {
            errno = EBADF;
            found = -1;
        }
    }
    if (found >= 0)
        found = from_poll(fds, used, r, POLLIN, POLLIN | POLLHUP | POLLERR) +
                from_poll(fds, used, w, POLLOUT, POLLOUT | POLLERR) +
                from_poll(fds, used, e, 0, POLLPRI);
    free(fds);
    return found;
}
