/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Giving up rights: see sandbox.h.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the process is under a seccomp filter already; proc(5), "Seccomp". */
static bool filtered_already(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd < 0)
        return false;
    len = read(fd, text, sizeof text - 1);
    close(fd);
    if (len < 0)
        return false;
    text[len] = '\0';
    return strstr(text, "\nSeccomp:\t2") != NULL;
}

/* Without root these are empty already, unless the file has some. */
static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

    memset(none, 0, sizeof none);
    return (int)syscall(SYS_capset, &header, none);
}

/* Gives up what it can. Returns 0, or -1 with errno and (step), what failed first. */
static int drop_rights(const char **step)
{
    int failed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int why = errno;

    *step = "no new privileges";
    if (drop_capabilities() != 0 && !failed) {
        *step = "no capabilities";
        return -1;
    }
    errno = why;
    return failed;
}

void sandbox_prepare(void)
{
    const char *step;

    /* What fails now fails again, and is said then. */
    drop_rights(&step);
}

int sandbox_enter(const struct filter *filter, bool required, const char *program,
                  struct error *error)
{
    struct sock_fprog code = {(unsigned short)filter->len, (struct sock_filter *)filter->code};
    const char *step;
    int failed = drop_rights(&step);
    int why = errno;

    /* Where a step is refused the others count all the more, unless the tender ends for it. */
    if (!(failed && required) &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &code) != 0 &&
        !failed) {
        step = "seccomp";
        failed = -1;
        why = errno;
    }
    if (!failed)
        return 0;
    if (required || !filtered_already())
        return error_set(error, "sandbox: %s: %s", step, strerror(why));
    error_set(error, "warning: sandbox: %s: %s; going on in the one that this was started in", step,
              strerror(why));
    error_print(program, error->text);
    return 0;
}

void sandbox_fill_standard(void)
{
    /* open(2) takes the lowest descriptor that is free. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return;
}

static bool is_kept(const struct devices *devices, const int *fds, unsigned count, int fd)
{
    for (unsigned i = 0; i < count; i++)
        if (fds[i] == fd)
            return true;
    for (unsigned i = 1; i < devices->count; i++)
        if (devices->device[i].fd == fd)
            return true;
    return false;
}

void sandbox_close_others(const struct devices *devices, const int *fds, unsigned count)
{
    unsigned left = count + devices->count - 1;
    unsigned from = STDERR_FILENO + 1;

    /* Ranges between what is kept. */
    for (unsigned fd = from; left != 0 && fd < INT_MAX; fd++) {
        if (!is_kept(devices, fds, count, (int)fd))
            continue;
        if (fd > from)
            syscall(SYS_close_range, from, fd - 1, 0);
        from = fd + 1;
        left--;
    }
    syscall(SYS_close_range, from, UINT_MAX, 0);
}
