/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Nothing sends a signal but the program itself, by raise(), which picolibc has, and by kill(). So
 * a disposition can be set and is obeyed by those, and masks are accepted and have no effect.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int sigaction(int number, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    _sig_func_ptr before = signal(number, action != NULL ? action->sa_handler : SIG_DFL);

    if (before == SIG_ERR)
        return -1;
    if (action == NULL)
        signal(number, before);
    if (old != NULL) {
        memset(old, 0, sizeof *old);
        old->sa_handler = before;
    }
    return 0;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    (void)how;
    (void)set;
    if (old != NULL)
        memset(old, 0, sizeof *old);
    return 0;
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    return sigprocmask(how, set, old);
}

int kill(pid_t pid, int number)
{
    if (pid != getpid() && pid != 0) {
        errno = ESRCH;
        return -1;
    }
    return number == 0 ? 0 : raise(number);
}
