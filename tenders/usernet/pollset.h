/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The descriptors of one poll() call, filled anew for each.
 */
#ifndef QUINTET_TENDERS_USERNET_POLLSET_H
#define QUINTET_TENDERS_USERNET_POLLSET_H

#include <poll.h>
#include <stdbool.h>

struct pollset {
    struct pollfd *fds;
    unsigned count;
    unsigned room;
    /* Set while this process has hardly a descriptor left: a listening socket that accept() cannot
     * serve would be ready for ever, so it is looked at only now and then.
     */
    bool skip_listeners;
};

void pollset_clear(struct pollset *set);

/* Adds (fd) with poll()'s (events). Returns its index, or -1 without memory. */
int pollset_add(struct pollset *set, int fd, short events);

#endif
