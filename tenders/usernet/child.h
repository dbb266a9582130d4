/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The tender: started, sent the signals that usernet gets, waited for. It never outlives usernet.
 */
#ifndef QUINTET_TENDERS_USERNET_CHILD_H
#define QUINTET_TENDERS_USERNET_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "signal_fd.h"

struct child {
    pid_t pid;
    struct signal_fd signals; /* readable when child_handle() has something to do */
    int asked;                /* the first signal that told it to end, or 0 */
};

/* Takes the signals, and starts argv[0], looked up in PATH, with (fd_count)
 * descriptors of (fds) kept open in it. Returns 0, or -1 with errno: also when the program cannot
 * be executed.
 */
int child_start(struct child *child, char *const *argv, const int *fds, unsigned fd_count);

/* Passes on the signals that have come; who is told to end a second time is killed, since a tender
 * may have a guest that made it deaf. Returns true once the tender has ended, and sets (*status)
 * to what usernet ends with: the tender's own status, or 128 and the number of the signal.
 */
bool child_handle(struct child *child, int *status);

#endif
