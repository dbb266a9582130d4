/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The files that are being made: see mkimage.h. Each is written beside the one that it becomes, and
 * none gets its name before all are whole. Until then whatever ends the program takes them away:
 * exit(3), which runs remove_parts(), or a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mft_abi.h"
#include "mkimage.h"

/* They have no other way to the handler of signals, which wait while they change. */
static struct {
    char now[PATH_MAX], name[PATH_MAX];
} parts[MFT_MAX_ENTRIES]; /* a disk of the manifest each, and the one to boot */
static unsigned part_count;

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
#define ENDING (sizeof ending / sizeof ending[0])

static void remove_parts(void)
{
    for (unsigned i = 0; i < part_count; i++)
        unlink(parts[i].now);
}

static void end(int signal)
{
    remove_parts();
    raise(signal); /* the handler is away: this ends us when it returns */
}

static void hold_signals(bool is_held)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ENDING; i++)
        sigaddset(&set, ending[i]);
    sigprocmask(is_held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void parts_init(void)
{
    const struct sigaction action = {.sa_handler = end, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;

    for (size_t i = 0; i < ENDING; i++)
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    /* Then a write beyond the size that files may have fails, and is told. */
    signal(SIGXFSZ, SIG_IGN);
    CHECK(atexit(remove_parts) == 0);
}

static int open_part(char now[PATH_MAX], const char *name, mode_t mode)
{
    int fd;

    if (snprintf(now, PATH_MAX, "%s.XXXXXX", name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(now, O_CLOEXEC);
    if (fd >= 0 && fchmod(fd, mode) != 0) {
        unlink(now);
        close(fd);
        return -1;
    }
    return fd;
}

int parts_open(const char *name, mode_t mode)
{
    int fd;

    CHECK(part_count < MFT_MAX_ENTRIES);
    snprintf(parts[part_count].name, PATH_MAX, "%s", name);
    hold_signals(true);
    fd = open_part(parts[part_count].now, name, mode);
    part_count += fd >= 0;
    hold_signals(false);
    return fd;
}

static int name_all(struct error *error)
{
    for (unsigned i = 0; i < part_count; i++) {
        if (rename(parts[i].now, parts[i].name) != 0)
            return error_set(error, "%s: %s", parts[i].name, strerror(errno));
        memcpy(parts[i].now, parts[i].name, PATH_MAX);
    }
    part_count = 0;
    return 0;
}

int parts_name(struct error *error)
{
    int result;

    hold_signals(true);
    result = name_all(error);
    hold_signals(false);
    return result;
}
