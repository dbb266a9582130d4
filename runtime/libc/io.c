/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls on any descriptor: reading, writing, closing, flags.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "libc/fd.h"

/* One direction of a descriptor: what readv and writev of its object are. */
typedef ssize_t transfer(void *obj, const struct iovec *iov, int iovcnt, int flags);

static bool iov_valid(const struct iovec *iov, int iovcnt)
{
    size_t total = 0;

    if (iovcnt < 0 || iovcnt > IOV_MAX)
        return false;
    for (int i = 0; i < iovcnt; i++)
        if (__builtin_add_overflow(total, iov[i].iov_len, &total) || total > PTRDIFF_MAX)
            return false;
    return true;
}

static ssize_t transfer_by(transfer *call, struct fd *fd, const struct iovec *iov, int iovcnt)
{
    if (call == NULL) {
        errno = EBADF;
        return -1;
    }
    if (!iov_valid(iov, iovcnt)) {
        errno = EINVAL;
        return -1;
    }
    return call(fd->obj, iov, iovcnt, fd->flags);
}

ssize_t readv(int fd, const struct iovec *iov, int iovcnt)
{
    struct fd *entry = fd_get(fd);

    return entry == NULL ? -1 : transfer_by(entry->ops->readv, entry, iov, iovcnt);
}

ssize_t writev(int fd, const struct iovec *iov, int iovcnt)
{
    struct fd *entry = fd_get(fd);

    return entry == NULL ? -1 : transfer_by(entry->ops->writev, entry, iov, iovcnt);
}

ssize_t read(int fd, void *buf, size_t size)
{
    return readv(fd, &(struct iovec){.iov_base = buf, .iov_len = size}, 1);
}

ssize_t write(int fd, const void *buf, size_t size)
{
    return writev(fd, &(struct iovec){.iov_base = (void *)buf, .iov_len = size}, 1);
}

int close(int fd)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return -1;
    const struct fd_ops *ops = entry->ops;
    void *obj = entry->obj;
    fd_free(fd);
    return ops->close != NULL ? ops->close(obj) : 0;
}

off_t lseek(int fd, off_t offset, int whence)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return -1;
    if (entry->ops->seek != NULL)
        return entry->ops->seek(entry->obj, offset, whence);
    errno = ESPIPE;
    return -1;
}

int fcntl(int fd, int command, ...)
{
    struct fd *entry = fd_get(fd);
    va_list arguments;

    if (entry == NULL)
        return -1;
    va_start(arguments, command);
    int argument = command == F_SETFL || command == F_SETFD ? va_arg(arguments, int) : 0;
    va_end(arguments);
    switch (command) {
    case F_GETFL:
        return entry->flags;
    case F_SETFL:
        entry->flags = (entry->flags & O_ACCMODE) | (argument & O_NONBLOCK);
        return 0;
    case F_GETFD: /* there is no exec */
    case F_SETFD:
        return 0;
    default:
        errno = EINVAL;
        return -1;
    }
}

int fstat(int fd, struct stat *st)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return -1;
    if (entry->ops->stat != NULL) {
        entry->ops->stat(entry->obj, st);
        return 0;
    }
    memset(st, 0, sizeof *st);
    st->st_mode = entry->ops->type | S_IRUSR | S_IWUSR;
    st->st_nlink = 1;
    st->st_blksize = 4096;
    return 0;
}

int isatty(int fd)
{
    if (fd_get(fd) != NULL)
        errno = ENOTTY;
    return 0;
}
