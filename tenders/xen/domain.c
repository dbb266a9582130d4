/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See domain.h. The guest writes its status to the store as the last thing that it does; who did
 * not, and has ended, has crashed. The domain is kept until both have been looked at.
 */
#include "domain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include "signal_fd.h"

#define STATUS_CRASHED 255
#define STATUS_MAX     255

#define GONE_LOOKS 3    /* so often in turn xl must know no such domain: it may fail by itself */
#define GONE_MSEC  100  /* between them */
#define LOOK_MSEC  1000 /* between looks when nobody says when to */
#define QUIET_MSEC 200  /* a console that says nothing for so long has said all */
#define FIRST_MSEC 2000 /* unless it has said nothing yet: on a busy host it comes late */

/* A program beside us. */
struct helper {
    pid_t pid;
    int out; /* what it says */
    int in;  /* never written, and open as long as it is to run */
};

struct domain {
    const char *xl;
    const char *name;
    char id[16];           /* "" as long as it is not known */
    char status_path[64];  /* in the store, where the guest writes its status */
    struct helper console; /* shows the console */
    struct helper watch;   /* says when the guest may have ended */
    struct signal_fd signals;
    bool heard; /* something, from the console */
    int asked;  /* to end, by that one; or 0 */
};

/* Starts a program of PATH; (out), (in): its standard output and input, or -1 for ours and none.
 * What is typed at a terminal to end us is not for it: it may be removing the domain. */
static pid_t start(const struct domain *d, const char *const *argv, int out, int in)
{
    struct signalfd_siginfo info;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    setpgid(0, 0);
    while (read(d->signals.fd, &info, sizeof info) > 0)
        ; /* was sent before that */
    /* Else a terminal may stop it as soon as it writes. */
    signal(SIGTTOU, SIG_IGN);
    if (in < 0)
        in = open("/dev/null", O_RDONLY);
    if (signal_fd_restore(&d->signals) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
        (out < 0 || dup2(out, STDOUT_FILENO) >= 0))
        execvp(argv[0], (char *const *)argv);
    _exit(127);
}

/* The status of that program, or -1: it has none, or could not be started. */
static int wait_for(pid_t pid)
{
    int status;

    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs a program and reads what it says, but for the last newline. Returns its status, or -1. */
static int ask(const struct domain *d, const char *const *argv, char *text, size_t size)
{
    int ends[2];
    size_t used = 0;
    ssize_t got;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid = start(d, argv, ends[1], -1);
    close(ends[1]);
    while (pid > 0 && (got = read(ends[0], text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    close(ends[0]);
    if (used > 0 && text[used - 1] == '\n')
        used--;
    text[used] = '\0';
    return wait_for(pid);
}

static int create(const struct domain *d, const char *config, struct error *error)
{
    char path[32];
    int fd = memfd_create("domain", 0), status;
    size_t len = strlen(config);
    pid_t pid;

    if (fd < 0 || write(fd, config, len) != (ssize_t)len)
        return error_set(error, "no memory for the configuration: %s", strerror(errno));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

    const char *const words[] = {d->xl, "create", "-qe", path, NULL};

    pid = start(d, words, STDERR_FILENO, -1);
    if (pid < 0)
        return error_set(error, "%s: %s", d->xl, strerror(errno));
    status = wait_for(pid);
    close(fd);
    if (status == 127)
        return error_set(error, "%s: not found; install it (Debian: apt install xen-utils-4.17)",
                         d->xl);
    /* What it fails to make it takes away itself; a domain of that name can be another's. */
    if (status > 0)
        return error_set(error, "%s create has failed", d->xl);
    if (status < 0)
        return error_set(error,
                         "%s create was killed; if %s list shows %s, remove it with: %s destroy %s",
                         d->xl, d->xl, d->name, d->xl, d->name);
    return 0;
}

static int find(struct domain *d, struct error *error)
{
    const char *const words[] = {d->xl, "domid", d->name, NULL};

    if (ask(d, words, d->id, sizeof d->id) == 0)
        return 0;
    d->id[0] = '\0';
    return error_set(error, "%s domid has failed", d->xl);
}

static int start_helper(const struct domain *d, struct helper *helper, const char *const *argv,
                        struct error *error)
{
    int out[2], in[2];

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0)
        return error_set(error, "%s: %s", argv[0], strerror(errno));
    helper->pid = start(d, argv, out[1], in[0]);
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
    /* The second is told of whenever a domain ends, be it another. */
    const char *const watch[] = {"xenstore-watch", d->status_path, "@releaseDomain", NULL};

    snprintf(d->status_path, sizeof d->status_path, "/local/domain/%s/data/exit", d->id);
    if (start_helper(d, &d->console, console, error) != 0)
        return -1;
    return start_helper(d, &d->watch, watch, error);
}

/* Reads what a helper says. Returns how much it was; none: it says no more. */
static size_t hear(struct helper *helper, char *text, size_t size)
{
    ssize_t got = read(helper->out, text, size);

    if (got > 0)
        return (size_t)got;
    close(helper->out);
    helper->out = -1;
    return 0;
}

/* Passes on what the console says. A reader who has gone away ends nothing, one who stands still
 * does not keep a signal out. Returns false when it says no more. */
static bool show(struct domain *d)
{
    char text[PIPE_BUF];
    struct pollfd ready[] = {{.fd = d->signals.fd, .events = POLLIN},
                             {.fd = STDOUT_FILENO, .events = POLLOUT}};
    size_t len = hear(&d->console, text, sizeof text);
    ssize_t part;

    d->heard |= len != 0;
    for (size_t done = 0; done < len; done += (size_t)part) {
        if (poll(ready, 2, -1) <= 0 || ready[1].revents == 0)
            break;
        part = write(STDOUT_FILENO, text + done, len - done);
        if (part <= 0)
            break;
    }
    return len != 0;
}

/* The status that the guest has written, or -1. */
static int written_status(const struct domain *d)
{
    char line[32];
    uint64_t status;
    const char *const exists[] = {"xenstore-exists", d->status_path, NULL};
    const char *const words[] = {"xenstore-read", d->status_path, NULL};

    if (ask(d, exists, line, sizeof line) != 0 || ask(d, words, line, sizeof line) != 0 ||
        parse_u64(line, 0, STATUS_MAX, &status) != 0)
        return -1;
    return (int)status;
}

enum state { STATE_ALIVE, STATE_ENDED, STATE_UNKNOWN };

/* Whether the domain is there and runs: the fifth column of `xl list`, such as "-b----". One that
 * has shut down, crashed or is dying has ended. */
static enum state look_at(const struct domain *d)
{
    char list[512], state[16] = "";
    const char *line, *const words[] = {d->xl, "list", d->id, NULL};

    if (ask(d, words, list, sizeof list) != 0)
        return STATE_UNKNOWN;
    line = strchr(list, '\n');
    if (line == NULL || sscanf(line, "%*s %*s %*s %*s %15s", state) != 1)
        return STATE_UNKNOWN;
    return strpbrk(state, "scd") == NULL ? STATE_ALIVE : STATE_ENDED;
}

/* Waits for what is said to us, shows what the console says, and sees a signal. Returns whether to
 * look whether the guest has ended: it may have, or nothing was said for too long. */
static bool turn(struct domain *d, int patience_ms)
{
    struct pollfd ready[] = {{.fd = d->signals.fd, .events = POLLIN},
                             {.fd = d->console.out, .events = POLLIN},
                             {.fd = d->watch.out, .events = POLLIN}};
    struct signalfd_siginfo info;
    char text[256];
    bool look = poll(ready, 3, patience_ms) == 0;

    if (read(d->signals.fd, &info, sizeof info) == (ssize_t)sizeof info) {
        d->asked = (int)info.ssi_signo;
        return false;
    }
    if (ready[1].revents != 0 && !show(d))
        look = true;
    if (ready[2].revents != 0) {
        hear(&d->watch, text, sizeof text);
        look = true;
    }
    return look;
}

/* Follows the guest until it has ended. Returns its status, or 128 and a signal's number. */
static int follow(struct domain *d)
{
    for (unsigned unknown = 0; d->asked == 0;) {
        int patience_ms = unknown != 0 ? GONE_MSEC : d->watch.out < 0 ? LOOK_MSEC : -1, status;
        enum state state;

        if (!turn(d, patience_ms))
            continue;
        /* In this order: the guest writes its status before it ends. */
        state = look_at(d);
        unknown = state == STATE_UNKNOWN ? unknown + 1 : 0;
        status = written_status(d);
        if (status >= 0 || state == STATE_ENDED || unknown == GONE_LOOKS)
            return status >= 0 ? status : STATUS_CRASHED;
    }
    return 128 + d->asked;
}

/* What a guest that has ended said last; another may never come to its end. */
static void show_rest(struct domain *d)
{
    struct pollfd ready[] = {{.fd = d->console.out, .events = POLLIN},
                             {.fd = d->signals.fd, .events = POLLIN}};

    while (d->console.out >= 0 && poll(ready, 2, d->heard ? QUIET_MSEC : FIRST_MSEC) > 0 &&
           ready[1].revents == 0 && show(d))
        ;
}

static void finish(struct domain *d)
{
    const char *const words[] = {d->xl, "destroy", d->id[0] != '\0' ? d->id : d->name, NULL};

    if (d->asked == 0)
        show_rest(d);
    end_helper(&d->console);
    end_helper(&d->watch);
    wait_for(start(d, words, -1, -1));
}

int domain_run(const char *xl, const char *name, const char *config, struct error *error)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0};
    struct domain d = {.xl = xl, .name = name, .console = {-1, -1, -1}, .watch = {-1, -1, -1}};
    int status = -1;

    if (signal_fd_open(&d.signals, ends) != 0)
        return error_set(error, "cannot wait for signals: %s", strerror(errno));
    if (create(&d, config, error) != 0)
        return -1;
    if (find(&d, error) == 0 && start_helpers(&d, error) == 0)
        status = follow(&d);
    finish(&d);
    return status;
}
