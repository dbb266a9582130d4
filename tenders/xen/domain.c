/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See domain.h. The guest writes its status to the store as the last thing that it does; who did
 * not, and has ended, has crashed. The domain is kept until both have been looked at.
 */
#include "domain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parse.h"

#define STATUS_CRASHED 255
#define STATUS_MAX     255

#define LOOK_MSEC  100 /* between looks at the store */
#define GONE_LOOKS 3   /* so often in turn xl must know no such domain: it may fail by itself */
#define QUIET_MSEC 200 /* a console that says nothing for so long has said all */

/* A program beside us. */
struct helper {
    pid_t pid;
    int out; /* what it says */
    int in;  /* never written, and open as long as it is to run */
};

struct domain {
    const char *xl;
    char id[16];
    char status_path[64];  /* in the store, where the guest writes its status */
    struct helper console; /* shows the console */
    struct helper watch;   /* says when the status may have been written */
    int signal_fd;
};

/* Starts a program of PATH; (out), (in): its standard output and input, or -1 for ours and none. */
static pid_t start(const char *const *argv, int out, int in)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (in < 0)
        in = open("/dev/null", O_RDONLY);
    if (dup2(in, STDIN_FILENO) >= 0 && (out < 0 || dup2(out, STDOUT_FILENO) >= 0))
        execvp(argv[0], (char *const *)argv);
    _exit(127);
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs a program and reads what it says, one line at most. Returns its status. */
static int read_line(const char *const *argv, char *line, size_t size)
{
    int ends[2];
    size_t used = 0;
    ssize_t got;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid = start(argv, ends[1], -1);
    close(ends[1]);
    while (pid > 0 && (got = read(ends[0], line + used, size - 1 - used)) > 0)
        used += (size_t)got;
    close(ends[0]);
    line[used] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return pid > 0 ? wait_for(pid) : -1;
}

static int create(struct domain *d, const char *name, const char *config, struct error *error)
{
    char path[32];
    int fd = memfd_create("domain", 0), status;
    size_t len = strlen(config);

    if (fd < 0 || write(fd, config, len) != (ssize_t)len)
        return error_set(error, "no memory for the configuration: %s", strerror(errno));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

    const char *const words[] = {d->xl, "create", "-q", path, NULL};
    const char *const domid[] = {d->xl, "domid", name, NULL};

    status = wait_for(start(words, STDERR_FILENO, -1));
    close(fd);
    if (status == 127)
        return error_set(error, "%s: not found; install it (Debian: apt install xen-utils-4.17)",
                         d->xl);
    if (status != 0 || read_line(domid, d->id, sizeof d->id) != 0)
        return error_set(error, "%s create has failed", d->xl);
    return 0;
}

static int start_helper(struct helper *helper, const char *const *argv, struct error *error)
{
    int out[2], in[2];

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0)
        return error_set(error, "%s: %s", argv[0], strerror(errno));
    helper->pid = start(argv, out[1], in[0]);
    close(out[1]);
    close(in[0]);
    helper->out = out[0];
    helper->in = in[1];
    return helper->pid < 0 ? error_set(error, "%s: %s", argv[0], strerror(errno)) : 0;
}

static void end_helper(struct helper *helper)
{
    if (helper->pid > 0) {
        kill(helper->pid, SIGKILL);
        wait_for(helper->pid);
    }
}

static int start_helpers(struct domain *d, struct error *error)
{
    const char *const console[] = {d->xl, "console", "-t", "pv", d->id, NULL};
    const char *const watch[] = {"xenstore-watch", d->status_path, NULL};

    snprintf(d->status_path, sizeof d->status_path, "/local/domain/%s/data/exit", d->id);
    if (start_helper(&d->console, console, error) != 0)
        return -1;
    return start_helper(&d->watch, watch, error);
}

/* Reads what a helper says, and passes it on to standard output or nowhere. False: it says no
 * more. */
static bool relay(struct helper *helper, bool show)
{
    char text[4096];
    ssize_t got = read(helper->out, text, sizeof text);

    for (ssize_t done = 0, part; show && done < got; done += part) {
        part = write(STDOUT_FILENO, text + done, (size_t)(got - done));
        if (part <= 0)
            break;
    }
    if (got > 0)
        return true;
    close(helper->out);
    helper->out = -1;
    return false;
}

/* The status that the guest has written, or -1. */
static int written_status(const struct domain *d)
{
    char line[32];
    uint64_t status;
    const char *const exists[] = {"xenstore-exists", d->status_path, NULL};
    const char *const words[] = {"xenstore-read", d->status_path, NULL};

    if (read_line(exists, line, sizeof line) != 0 || read_line(words, line, sizeof line) != 0 ||
        parse_u64(line, 0, STATUS_MAX, &status) != 0)
        return -1;
    return (int)status;
}

enum state { STATE_ALIVE, STATE_ENDED, STATE_UNKNOWN };

/* Whether the domain is there and runs: the fifth column of `xl list`, such as "-b----". */
static enum state look_at(const struct domain *d)
{
    char list[512], state[16] = "";
    const char *const words[] = {d->xl, "list", d->id, NULL};
    int ends[2];
    size_t used = 0;
    ssize_t got;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATE_UNKNOWN;
    pid = start(words, ends[1], -1);
    close(ends[1]);
    while (pid > 0 && (got = read(ends[0], list + used, sizeof list - 1 - used)) > 0)
        used += (size_t)got;
    close(ends[0]);
    list[used] = '\0';
    if (pid <= 0 || wait_for(pid) != 0)
        return STATE_UNKNOWN;
    const char *line = strchr(list, '\n');

    if (line == NULL || sscanf(line, "%*s %*s %*s %*s %15s", state) != 1)
        return STATE_UNKNOWN;
    return strpbrk(state, "sc") == NULL ? STATE_ALIVE : STATE_ENDED;
}

/* Follows the guest until it has ended. Returns its status, or 128 and a signal's number. */
static int follow(struct domain *d)
{
    for (unsigned unknown = 0;;) {
        struct pollfd ready[] = {{.fd = d->signal_fd, .events = POLLIN},
                                 {.fd = d->console.out, .events = POLLIN},
                                 {.fd = d->watch.out, .events = POLLIN}};
        struct signalfd_siginfo info;
        bool look = poll(ready, 3, LOOK_MSEC) == 0;
        int status;

        if (read(d->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
            return 128 + (int)info.ssi_signo;
        if (ready[1].revents != 0)
            relay(&d->console, true);
        if (ready[2].revents != 0)
            relay(&d->watch, false);
        else if (!look)
            continue;
        enum state state = look ? look_at(d) : STATE_ALIVE;

        unknown = state == STATE_UNKNOWN ? unknown + 1 : 0;
        status = written_status(d);
        if (status >= 0 || state == STATE_ENDED || unknown == GONE_LOOKS)
            return status >= 0 ? status : STATUS_CRASHED;
    }
}

static void finish(struct domain *d)
{
    const char *const words[] = {d->xl, "destroy", d->id, NULL};
    struct pollfd ready = {.fd = d->console.out, .events = POLLIN};

    while (d->console.out >= 0 && poll(&ready, 1, QUIET_MSEC) > 0 && relay(&d->console, true))
        ;
    end_helper(&d->console);
    end_helper(&d->watch);
    wait_for(start(words, -1, -1));
}

int domain_run(const char *xl, const char *name, const char *config, struct error *error)
{
    struct domain d = {.xl = xl, .console = {-1, -1, -1}, .watch = {-1, -1, -1}};
    sigset_t signals;
    int status;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGQUIT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGCHLD, SIG_DFL);
    d.signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (d.signal_fd < 0)
        return error_set(error, "cannot wait for signals: %s", strerror(errno));
    if (create(&d, name, config, error) != 0)
        return -1;
    status = start_helpers(&d, error) == 0 ? follow(&d) : -1;
    finish(&d);
    return status;
}
