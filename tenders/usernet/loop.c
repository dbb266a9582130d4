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

/* A guest that opens all it can leaves most of the host's ephemeral ports to others. */
#define LOOP_FDS_MAX    8192u
#define LOOP_FDS_USUAL  1024u
#define LOOP_FDS_SPARE  32
#define LOOP_CROWDED_MS 50u
#define LOOP_CROWDED_NS (LOOP_CROWDED_MS * 1000000ull)

void loop_init(struct loop *loop)
{
    struct rlimit files;

    *loop = (struct loop){0};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        files = (struct rlimit){LOOP_FDS_USUAL, LOOP_FDS_USUAL};
    if (files.rlim_cur < files.rlim_max) {
        struct rlimit raised = files;

        raised.rlim_cur = files.rlim_max < LOOP_FDS_MAX ? files.rlim_max : LOOP_FDS_MAX;
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            files = raised;
    }
    if (files.rlim_cur > INT_MAX)
        files.rlim_cur = INT_MAX;
    loop->crowded_fd = (int)files.rlim_cur - LOOP_FDS_SPARE;
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

int loop_run(struct loop *loop, struct net *nets, unsigned count, struct child *child)
{
    struct pollset *set = &loop->set;
    int status;

    while (true) {
        uint32_t timeout_ms = UINT32_MAX;
        int signals;

        pollset_clear(set);
        loop_check_room(loop, &timeout_ms);
        signals = pollset_add(set, child->signals.fd, POLLIN);
        for (unsigned i = 0; i < count; i++)
            net_fill(&nets[i], set, &timeout_ms);
        if (poll(set->fds, set->count, timeout_ms > INT_MAX ? -1 : (int)timeout_ms) < 0)
            continue; /* interrupted, or out of memory for a moment */
        if (signals >= 0 && set->fds[signals].revents != 0 && child_handle(child, &status))
            return status;
        for (unsigned i = 0; i < count; i++)
            net_dispatch(&nets[i], set);
    }
}
