/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Signals of a program that has others run: they come by descriptor, and who it runs finds them as
 * they were.
 */
#ifndef TENDERS_COMMON_SIGNAL_FD_H
#define TENDERS_COMMON_SIGNAL_FD_H

#include <signal.h>
#include <stdbool.h>

struct signal_fd {
    int fd; /* does not block, and gives each a struct signalfd_siginfo */
    sigset_t mask;
    struct sigaction pipe;
};

/* Takes the signals of the list, which ends with 0, but those that are ignored, which whoever uses
 * nohup(1), or a shell in the background, wants to remain so; SIGTERM is taken in any case. SIGCHLD
 * does what it does by default, and SIGPIPE nothing. Returns 0, or -1 with errno. */
int signal_fd_open(struct signal_fd *signals, const int *list);

/* In a new process, before it executes another program. Returns 0, or -1 with errno. */
int signal_fd_restore(const struct signal_fd *signals);

bool signal_is_ignored(int signal);

#endif
