/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls that take the name of a file: there are those that are packed into the program, which
 * can be read, and no others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc/file.h"

static int fail(int error)
{
    errno = error;
    return -1;
}

int open(const char *path, int flags, ...)
{
    const struct rt_file *file = file_find(path);

    if (file == NULL)
        return fail((flags & O_CREAT) != 0 ? EROFS : ENOENT);
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
        return fail(EEXIST);
    if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0)
        return fail(EROFS);
    if ((flags & O_DIRECTORY) != 0)
        return fail(ENOTDIR);
    return file_open(file);
}

int stat(const char *restrict path, struct stat *restrict st)
{
    const struct rt_file *file = file_find(path);

    if (file == NULL)
        return fail(ENOENT);
    file_stat(file, st);
    return 0;
}

int access(const char *path, int mode)
{
    if (file_find(path) == NULL)
        return fail(ENOENT);
    if ((mode & W_OK) != 0)
        return fail(EROFS);
    return (mode & X_OK) != 0 ? fail(EACCES) : 0;
}

int unlink(const char *path)
{
    return fail(file_find(path) != NULL ? EROFS : ENOENT);
}
