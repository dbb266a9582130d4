/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loop: see loop.h. One poll() a turn, for the tender's signals, the guest's frames and the
 * sockets of all networks.
 */
#include "loop.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>

#include "pollset.h"

#define LOOP_SPARE_FDS   32
#define LOOP_CROWDED_NS  (50ull * 1000 * 1000)
#define LOOP_CROWDED_MS  50u
#define LOOP_FILES_UNSET 1024u

struct loop {
    struct pollset set;
    int crowded_fd;     /* descriptors come lowest first: when this one is in use, few are left */
    uint64_t accept_ns; /* while crowded, not before then */
};

static void loop_init(struct loop *loop)
{
    struct rlimit files;

    *loop = (struct loop){0};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > INT_MAX)
        files.rlim_cur = LOOP_FILES_UNSET;
    loop->crowded_fd = (int)files.rlim_cur - LOOP_SPARE_FDS;
}

/* See pollset.h on skip_listeners. */
static void loop_check_room(struct loop *loop, uint32_t *timeout_ms)
{
    uint64_t now_ns;

    loop->set.skip_listeners = false;
    if (fcntl(loop->crowded_fd, F_GETFD) < 0)
        return;
    now_ns = net_now_ns();
    if (now_ns < loop->accept_ns)
        loop->set.skip_listeners = true;
    else
        loop->accept_ns = now_ns + LOOP_CROWDED_NS;
    *timeout_ms = LOOP_CROWDED_MS;
}

int loop_run(struct net *nets, unsigned count, struct child *child)
{
    struct loop loop;
    int status;

    loop_init(&loop);
    while (true) {
        uint32_t timeout_ms = UINT32_MAX;
        int signals;

        pollset_clear(&loop.set);
        loop_check_room(&loop, &timeout_ms);
        signals = pollset_add(&loop.set, child->signal_fd, POLLIN);
        for (unsigned i = 0; i < count; i++)
            net_fill(&nets[i], &loop.set, &timeout_ms);
        if (poll(loop.set.fds, loop.set.count, timeout_ms > INT_MAX ? -1 : (int)timeout_ms) < 0)
            continue; /* interrupted, or out of memory for a moment */
        if (signals >= 0 && loop.set.fds[signals].revents != 0 && child_handle(child, &status))
            return status;
        for (unsigned i = 0; i < count; i++)
            net_dispatch(&nets[i], &loop.set);
    }
}
