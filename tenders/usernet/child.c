/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The tender: see child.h.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int passed[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, 0};

/* In the new process. Comes back only when the program could not be executed. */
static void become_tender(pid_t parent, const struct signal_fd *signals, char *const *argv,
                          const int *fds, unsigned fd_count)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return;
    if (getppid() != parent)
        _exit(1); /* it died before it could be noticed */
    for (unsigned i = 0; i < fd_count; i++) {
        if (fcntl(fds[i], F_SETFD, 0) != 0)
            return;
    }
    if (signal_fd_restore(signals) == 0)
        execvp(argv[0], argv);
}

int child_start(struct child *child, char *const *argv, const int *fds, unsigned fd_count)
{
    pid_t parent = getpid();
    int failure[2]; /* closed by a successful exec; else errno comes through it */
    int error = 0;

    child->asked = 0;
    if (signal_fd_open(&child->signals, passed) != 0 || pipe2(failure, O_CLOEXEC) != 0)
        return -1;
    child->pid = fork();
    if (child->pid < 0)
        return -1;
    if (child->pid == 0) {
        become_tender(parent, &child->signals, argv, fds, fd_count);
        error = errno;
        if (write(failure[1], &error, sizeof error) < 0)
            _exit(1);
        _exit(1);
    }
    close(failure[1]);
    if (read(failure[0], &error, sizeof error) != (ssize_t)sizeof error)
        error = 0;
    close(failure[0]);
    if (error != 0) {
        waitpid(child->pid, NULL, 0);
        errno = error;
        return -1;
    }
    return 0;
}

static bool asks_to_end(uint32_t signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGQUIT || signal == SIGHUP;
}

static void pass_on(struct child *child, const struct signalfd_siginfo *info)
{
    if (info->ssi_signo == SIGCHLD)
        return;
    if (asks_to_end(info->ssi_signo)) {
        if (child->asked != 0)
            (void)kill(child->pid, SIGKILL);
        else
            child->asked = (int)info->ssi_signo;
    }
    /* What is typed at a terminal goes to the tender by itself, if it is in our process group. */
    if (info->ssi_code == SI_KERNEL && getpgid(child->pid) == getpgrp())
        return;
    (void)kill(child->pid, (int)info->ssi_signo);
}

bool child_handle(struct child *child, int *status)
{
    struct signalfd_siginfo info;
    int wait_status;

    while (read(child->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
        pass_on(child, &info);
    if (waitpid(child->pid, &wait_status, WNOHANG) != child->pid)
        return false;
    *status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    return true;
}
