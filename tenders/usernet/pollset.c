/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The descriptors of one poll() call: see pollset.h.
 */
#include "pollset.h"

#include <stdlib.h>

#define POLLSET_ROOM 64u

void pollset_clear(struct pollset *set)
{
    set->count = 0;
}

int pollset_add(struct pollset *set, int fd, short events)
{
    if (set->count == set->room) {
        unsigned room = set->room == 0 ? POLLSET_ROOM : set->room * 2;
        struct pollfd *fds = realloc(set->fds, room * sizeof *fds);

        if (fds == NULL)
            return -1;
        set->fds = fds;
        set->room = room;
    }
    set->fds[set->count] = (struct pollfd){.fd = fd, .events = events};
    return (int)set->count++;
}
