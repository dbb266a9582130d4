/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See signal_fd.h. A signal that is blocked is queued though it is ignored: one that is to stay
 * ignored must not be blocked.
 */
#include "signal_fd.h"

#include <stddef.h>
#include <sys/signalfd.h>

bool signal_is_ignored(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int signal_fd_open(struct signal_fd *signals, const int *list)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    const struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t set;

    /* A client that has gone is no reason to end, and a parent that ignored SIGCHLD none to wait
     * for ever. */
    if (sigaction(SIGPIPE, &ignore, &signals->pipe) != 0 || sigaction(SIGCHLD, &normal, NULL) != 0)
        return -1;
    sigemptyset(&set);
    for (; *list != 0; list++)
        if (*list == SIGTERM || !signal_is_ignored(*list))
            sigaddset(&set, *list);
    if (sigprocmask(SIG_BLOCK, &set, &signals->mask) != 0)
        return -1;
    signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals->fd < 0 ? -1 : 0;
}

int signal_fd_restore(const struct signal_fd *signals)
{
    if (sigaction(SIGPIPE, &signals->pipe, NULL) != 0)
        return -1;
    return sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}
