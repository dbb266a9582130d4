/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whole files in and out. A new file is written beside the one that it replaces,
 * and renamed when it is complete. What is open already, standard output among it,
 * is written through its descriptor and never replaced.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel follows */

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

char *file_read(const char *path, size_t max, size_t *len, struct fault *fault)
{
    char *bytes = malloc(max + 1);
    int fd = is_standard(path) ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
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
 * Makes an empty file with a name of this process's own beside `path`, and with the
 * rights of what is there, or of any new file. One that is
 * there already was left by a process of the same number that was killed.
 */
static int create_beside(const char *path, char *temporary, size_t size)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int len = snprintf(temporary, size, "%s.%ld.tmp", path, (long)getpid());
    struct stat old;
    int fd;

    if (len < 0 || (size_t)len >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(temporary, flags, 0666);
    if (fd < 0 && errno == EEXIST && unlink(temporary) == 0)
        fd = open(temporary, flags, 0666);
    if (fd >= 0 && stat(path, &old) == 0 && fchmod(fd, old.st_mode & 0777) != 0) {
        close(fd);
        unlink(temporary);
        return -1;
    }
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

/*
 * Goes from `path`, which it changes, to what its symbolic link says. Returns false
 * when it is no link, or one of procfs, which stands for what is open.
 */
static bool follow_link(char path[PATH_MAX], bool *is_open_file)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target - 1);
    char *name = strrchr(path, '/');
    size_t folder_len = name == NULL ? 0 : (size_t)(name + 1 - path);
    struct statfs system;
    char first;

    if (len <= 0)
        return false;
    target[len] = '\0';
    first = path[folder_len];
    path[folder_len] = '\0';
    *is_open_file =
        statfs(folder_len == 0 ? "." : path, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
    path[folder_len] = first;
    if (*is_open_file)
        return false;
    if (target[0] == '/')
        folder_len = 0;
    if (folder_len + (size_t)len >= PATH_MAX)
        return false;
    memcpy(path + folder_len, target, (size_t)len + 1);
    return true;
}

/*
 * `path` leads to a link like /proc/self/fd/1, as /dev/stdout does; `link` becomes it.
 */
static bool find_open_file(const char *path, char link[PATH_MAX])
{
    bool is_open_file = false;

    if (strlen(path) >= PATH_MAX)
        return false;
    strcpy(link, path);
    for (int i = 0; i < LINKS_MAX && follow_link(link, &is_open_file); i++)
        continue;
    return is_open_file;
}

/*
 * The descriptor that `link` of procfs stands for, at its position, when it is ours;
 * another process's file otherwise, at its end.
 */
static int open_again(const char *link)
{
    const char *slash = strrchr(link, '/');
    int fd = atoi(slash == NULL ? link : slash + 1);
    struct stat ours, theirs;

    if (stat(link, &theirs) != 0)
        return -1;
    if (fstat(fd, &ours) == 0 && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
        return dup(fd);
    return open(link, O_WRONLY | O_APPEND | O_CLOEXEC);
}

#define NOT_OPEN (-2)

/*
 * Opens what cannot or must not be replaced. Returns a descriptor, -1 with the reason
 * in errno, or NOT_OPEN for a file that is to be replaced.
 */
static int open_as_it_is(const char *path)
{
    char link[PATH_MAX];
    struct stat status;
    int error;

    if (is_standard(path))
        return dup(STDOUT_FILENO);
    if (find_open_file(path, link))
        return open_again(link);
    if (stat(path, &status) == 0)
        return S_ISREG(status.st_mode) ? NOT_OPEN : open(path, O_WRONLY | O_CLOEXEC);
    error = errno;
    if (lstat(path, &status) != 0)
        return NOT_OPEN;
    errno = error; /* of a link to nothing */
    return -1;
}

int file_write(const char *path, void (*write)(FILE *out, const void *data), const void *data,
               struct fault *fault)
{
    int fd = open_as_it_is(path);
    char target[PATH_MAX];
    int result = -1;

    if (fd >= 0)
        result = fill(fd, write, data);
    else if (fd == NOT_OPEN) /* through a symbolic link, not over it */
        result = replace(realpath(path, target) != NULL ? target : path, write, data);
    return result == 0 ? 0 : fault_set(fault, "cannot be written: %s", strerror(errno));
}
