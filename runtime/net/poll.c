/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * poll() and select(). The descriptors of a call are watched (watch.h), so that only what may be
 * ready is asked for its state. A thread that polls many finds its watches as the last call left
 * them: of an array that did not change, each entry is compared, its revents cleared, and no more.
 * Of a few, the watches last for the call, and only if it has to wait.
 */
#include <poll.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

#include "net.h"
#include "watch.h"

#define FEW 16 /* descriptors, for which no memory is asked for */

#define READ_EVENTS  (POLLIN | POLLRDNORM)
#define WRITE_EVENTS (POLLOUT | POLLWRNORM)

/* One entry of the array. It is watched; or, if it cannot be or is not open, ready for ever; or
 * neither, if it is to be skipped. */
struct slot {
    struct watch watch; /* first: the functions of watch.h pass it back */
    int fd;
    short events;
};

struct poll_set {
    struct watch_set set;
    nfds_t used, room;
    struct slot *slots;
};

/* ---- One descriptor ------------------------------------------------------------------------ */

static short events_of(const struct fd *entry)
{
    if (entry->ops->poll != NULL)
        return entry->ops->poll(entry->obj);
    return (short)((entry->ops->readv != NULL ? READ_EVENTS : 0) |
                   (entry->ops->writev != NULL ? WRITE_EVENTS : 0));
}

static short state_of(int fd, short events)
{
    const struct fd *entry = fd_get(fd);

    return (short)(entry == NULL ? POLLNVAL : events_of(entry) & (events | WATCH_ALWAYS));
}

static bool is_watched(const struct slot *slot)
{
    return slot->watch.pprev != NULL;
}

static void slot_set(struct poll_set *ps, struct slot *slot, const struct pollfd *wanted)
{
    const struct fd *entry = wanted->fd < 0 ? NULL : fd_get(wanted->fd);

    watch_end(&slot->watch);
    slot->fd = wanted->fd;
    slot->events = wanted->events;
    if (wanted->fd < 0)
        return;
    if (entry != NULL && entry->ops->watches != NULL) {
        watch_begin(&slot->watch, &ps->set, entry);
        watch_for(&slot->watch, wanted->events);
    } else {
        slot->watch = (struct watch){.set = &ps->set};
        watch_set_ready(&slot->watch);
    }
}

/* What is polled was closed: the call is told, and the next one looks for what has the number. */
static void slot_gone(struct watch *w)
{
    watch_set_ready(w);
    sched_wake_one(&w->set->waiting);
}

/* ---- Sets ---------------------------------------------------------------------------------- */

static void set_init(struct poll_set *ps, struct slot *slots, nfds_t room)
{
    *ps = (struct poll_set){.slots = slots, .room = room};
    watch_set_init(&ps->set, slot_gone);
}

static void set_cut(struct poll_set *ps, nfds_t count)
{
    while (ps->used > count)
        watch_end(&ps->slots[--ps->used].watch);
}

/* Makes the slots those of the array, which has room in the set. */
static void set_update(struct poll_set *ps, struct pollfd *fds, nfds_t count)
{
    set_cut(ps, count);
    while (ps->used < count)
        ps->slots[ps->used++] = (struct slot){.fd = -1};
    for (nfds_t i = 0; i < count; i++) {
        struct slot *slot = &ps->slots[i];

        fds[i].revents = 0;
        if (slot->fd != fds[i].fd || slot->events != fds[i].events ||
            (slot->fd >= 0 && !is_watched(slot)))
            slot_set(ps, slot, &fds[i]);
    }
}

/* Fills in the revents of what is ready; returns how many are. */
static int set_collect(struct poll_set *ps, struct pollfd *fds)
{
    struct watch *next;
    int ready = 0;

    for (struct watch *w = ps->set.ready_first; w != NULL; w = next) {
        const struct slot *slot = (const struct slot *)w;
        short state = is_watched(slot) ? watch_state(w) : state_of(slot->fd, slot->events);

        next = w->ready_next;
        fds[slot - ps->slots].revents = state;
        if (state == 0)
            watch_set_idle(w);
        else
            ready++;
    }
    return ready;
}

static int set_wait(struct poll_set *ps, struct pollfd *fds, uint64_t deadline_ns)
{
    bool woken = true;
    int ready = 0;

    while (ready == 0 && woken) {
        woken = sched_wait(&ps->set.waiting, deadline_ns);
        ready = set_collect(ps, fds);
    }
    return ready;
}

/* ---- The set that a thread keeps ----------------------------------------------------------- */

static void kept_free(void *arg)
{
    struct poll_set *ps = arg;

    set_cut(ps, 0);
    free(ps->slots);
    free(ps);
}

static struct poll_set *kept_new(void)
{
    static bool has_key;
    static pthread_key_t key;
    struct poll_set *ps;

    if (!has_key && pthread_key_create(&key, kept_free) != 0)
        return NULL;
    has_key = true;
    ps = pthread_getspecific(key);
    if (ps != NULL)
        return ps;
    ps = malloc(sizeof *ps);
    if (ps == NULL)
        return NULL;
    set_init(ps, NULL, 0);
    if (pthread_setspecific(key, ps) == 0)
        return ps;
    free(ps);
    return NULL;
}

/* This thread's set, with room for (count); NULL without memory. */
static struct poll_set *kept_set(nfds_t count)
{
    struct poll_set *ps = kept_new();
    struct slot *slots;
    nfds_t room;

    if (ps == NULL || count <= ps->room)
        return ps;
    room = count < 2 * ps->room ? 2 * ps->room : count;
    slots = malloc(room * sizeof *slots);
    if (slots == NULL)
        return NULL;
    set_cut(ps, 0); /* lists lead into the old ones */
    free(ps->slots);
    ps->slots = slots;
    ps->room = room;
    return ps;
}

/* ---- poll ---------------------------------------------------------------------------------- */

/* Asks each. */
static int scan(struct pollfd *fds, nfds_t count)
{
    int ready = 0;

    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = (short)(fds[i].fd < 0 ? 0 : state_of(fds[i].fd, fds[i].events));
        ready += fds[i].revents != 0;
    }
    return ready;
}

static int poll_few(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    struct slot slots[FEW];
    struct poll_set ps;
    int ready = scan(fds, count);

    if (ready > 0) {
        net_fair();
        return ready;
    }
    if (deadline_ns == 0) {
        sched_yield_now();
        return scan(fds, count);
    }
    set_init(&ps, slots, FEW);
    set_update(&ps, fds, count);
    ready = set_wait(&ps, fds, deadline_ns);
    set_cut(&ps, 0);
    return ready;
}

static int poll_many(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    struct poll_set *ps = kept_set(count);
    int ready;

    if (ps == NULL) {
        errno = ENOMEM;
        return -1;
    }
    set_update(ps, fds, count);
    ready = set_collect(ps, fds);
    if (ready > 0) {
        net_fair();
        return ready;
    }
    if (deadline_ns != 0)
        return set_wait(ps, fds, deadline_ns);
    sched_yield_now();
    return set_collect(ps, fds);
}

static int poll_until(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    /* fd_get sets it for descriptors that are not open, which is no error here. */
    int saved = errno;
    int ready =
        count <= FEW ? poll_few(fds, count, deadline_ns) : poll_many(fds, count, deadline_ns);

    if (ready >= 0)
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
    for (nfds_t i = 0; found >= 0 && i < used; i++) {
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
