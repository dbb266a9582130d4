/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * There are no files: no name is found.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int open(const char *path, int flags, ...)
{
    (void)path;
    errno = (flags & O_CREAT) != 0 ? EROFS : ENOENT;
    return -1;
}

int stat(const char *restrict path, struct stat *restrict st)
{
    (void)path;
    (void)st;
    errno = ENOENT;
    return -1;
}

int access(const char *path, int mode)
{
    (void)path;
    (void)mode;
    errno = ENOENT;
    return -1;
}

int unlink(const char *path)
{
    (void)path;
    errno = ENOENT;
    return -1;
}
