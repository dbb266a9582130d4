/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Signals: nothing sends one but the program itself, by raise() and kill(). So a disposition can be
 * set and is obeyed by those, and masks are accepted and have no effect.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SIGNALS 32
/* The status of a program that a signal ends, as shells report it. */
#define STATUS_OF_SIGNAL(number) (128 + (number))

static struct sigaction actions[SIGNALS];

static struct sigaction *action_of(int number)
{
    if (number > 0 && number < SIGNALS)
        return &actions[number];
    errno = EINVAL;
    return NULL;
}

int sigaction(int number, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    struct sigaction *current = action_of(number);

    if (current == NULL)
        return -1;
    struct sigaction before = *current;
    if (action != NULL)
        *current = *action;
    if (old != NULL)
        *old = before;
    return 0;
}

_sig_func_ptr signal(int number, _sig_func_ptr handler)
{
    struct sigaction before;

    if (sigaction(number, &(struct sigaction){.sa_handler = handler}, &before) != 0)
        return SIG_ERR;
    return before.sa_handler;
}

int raise(int number)
{
    struct sigaction *current = action_of(number);

    if (current == NULL)
        return -1;
    struct sigaction action = *current;
    if (action.sa_handler == SIG_IGN)
        return 0;
    if (action.sa_handler == SIG_DFL) {
        if (number == SIGCHLD || number == SIGCONT || number == SIGURG || number == SIGWINCH)
            return 0;
        _exit(STATUS_OF_SIGNAL(number));
    }
    if ((action.sa_flags & SA_RESETHAND) != 0)
        current->sa_handler = SIG_DFL;
    if ((action.sa_flags & SA_SIGINFO) != 0)
        action.sa_sigaction(number, &(siginfo_t){.si_signo = number, .si_code = SI_USER}, NULL);
    else
        action.sa_handler(number);
    return 0;
}

int kill(pid_t pid, int number)
{
    if (pid != getpid() && pid != 0) {
        errno = ESRCH;
        return -1;
    }
    return number == 0 ? 0 : raise(number);
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
