/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Watching objects for events, for poll and epoll. A watch ties an object to a set. It is in the
 * object's list, by which it is told of events, and, while there may be something to report, in the
 * set's list of ready ones.
 *
 *     idle --- watch_notify, or found ready at the start ---> ready
 *       ^                                                       |
 *       +---- found to be not ready, or reported for once ------+
 *
 * Whether there is really something is asked of the object at the moment of the report alone. So a
 * report costs what is ready, however much is watched.
 */
#ifndef RUNTIME_NET_WATCH_H
#define RUNTIME_NET_WATCH_H

#include <poll.h>
#include <stdbool.h>

#include "libc/fd.h"
#include "thread/sched.h"

#define WATCH_ALWAYS (POLLERR | POLLHUP)

struct watch {
    struct watch *next, **pprev;             /* in the object's list; pprev NULL: in none */
    struct watch *ready_next, **ready_pprev; /* ready_pprev NULL: idle */
    struct watch_set *set;
    const struct fd_ops *ops;
    void *obj;
    short events; /* wanted; 0: none for now */
};

struct watch_set {
    struct wait_queue waiting; /* for one of the set to become ready */
    struct watch *ready_first, **ready_last;
    struct watch *watches; /* of this set: told when it has something */
    /* The object of a watch is gone, and the watch in no list any more. */
    void (*gone)(struct watch *w);
};

void watch_set_init(struct watch_set *set, void (*gone)(struct watch *w));

/* Starts (w), for events not yet said. The object must be one that can be watched. */
void watch_begin(struct watch *w, struct watch_set *set, const struct fd *entry);

/* Says what is wanted, and looks whether it is there already. */
void watch_for(struct watch *w, short events);

/* Takes (w) out of all lists. It may have ended before, or never have begun if it is all zeros. */
void watch_end(struct watch *w);

/* What the object has of what is wanted. */
short watch_state(const struct watch *w);

void watch_set_ready(struct watch *w);
void watch_set_idle(struct watch *w);

/* The object with this list of watches has what (events) says. Nothing is run. */
void watch_notify(struct watch *watches, short events);

/* The object goes: ends all its watches. */
void watch_forget(struct watch **watches);

#endif
