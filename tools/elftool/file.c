/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whole files in and out. A new file is written beside the one that it replaces,
 * and renamed when it is complete.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_read(const char *path, size_t max, size_t *len, struct fault *fault)
{
    char *bytes = malloc(max + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t got = -1;

    if (bytes != NULL && fd >= 0) {
        do {
            got = read(fd, bytes + used, max + 1 - used);
            used += got > 0 ? (size_t)got : 0;
        } while ((got > 0 && used <= max) || (got < 0 && errno == EINTR));
    }
    if (got < 0)
        fault_set(fault, "cannot be read: %s", strerror(errno));
    else if (used > max)
        fault_set(fault, "is larger than %zu bytes", max);
    if (fd >= 0)
        close(fd);
    if (got < 0 || used > max) {
        free(bytes);
        return NULL;
    }
    bytes[used] = '\0';
    *len = used;
    return bytes;
}

/*
 * Writes and closes. Returns 0, or -1 with the reason in errno.
 */
static int fill(int fd, void (*write)(FILE *out, const void *data), const void *data)
{
    FILE *out = fdopen(fd, "w");
    int error = 0;

    if (out == NULL) {
        error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    write(out, data);
    if (fflush(out) != 0 || ferror(out))
        error = errno;
    if (fclose(out) != 0 && error == 0)
        error = errno;
    errno = error;
    return error == 0 ? 0 : -1;
}

/*
 * Makes an empty file with a name of this process's own beside `path`. One that is
 * there already was left by a process of the same number that was killed.
 */
static int create_beside(const char *path, char *temporary, size_t size)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int len = snprintf(temporary, size, "%s.%ld.tmp", path, (long)getpid());
    int fd;

    if (len < 0 || (size_t)len >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(temporary, flags, 0666);
    if (fd < 0 && errno == EEXIST && unlink(temporary) == 0)
        fd = open(temporary, flags, 0666);
    return fd;
}

static int replace(const char *path, void (*write)(FILE *out, const void *data), const void *data)
{
    char temporary[PATH_MAX];
    int fd = create_beside(path, temporary, sizeof temporary);
    int error;

    if (fd < 0)
        return -1;
    if (fill(fd, write, data) == 0 && rename(temporary, path) == 0)
        return 0;
    error = errno;
    unlink(temporary);
    errno = error;
    return -1;
}

int file_write(const char *path, void (*write)(FILE *out, const void *data), const void *data,
               struct fault *fault)
{
    char target[PATH_MAX];
    struct stat status;
    int result;

    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        result = fd < 0 ? -1 : fill(fd, write, data);
    } else {
        /* Through a symbolic link, not over it. */
        result = replace(realpath(path, target) != NULL ? target : path, write, data);
    }
    return result == 0 ? 0 : fault_set(fault, "cannot be written: %s", strerror(errno));
}
