/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * sendfile().
 */
#include <sys/sendfile.h>

#include <errno.h>
#include <limits.h>

#include "libc/file.h"
#include "quintet.h"
#include "sock.h"

/* Bytes that are cheaper to copy than to refer to. */
#define COPY_MAX 4096

/* From where to where, and what of the file is there: 0, or -1 with errno. The order of the checks
 * is Linux's. */
static int check(int out_fd, const struct fd *in, const off_t *offset, size_t count)
{
    const struct fd *out;

    if (in->ops->readv == NULL)
        return sock_fail(EBADF);
    if (in->ops != &file_ops)
        return sock_fail(offset != NULL ? ESPIPE : EINVAL);
    if ((offset != NULL && *offset < 0) || count > SSIZE_MAX)
        return sock_fail(EINVAL);
    out = fd_get(out_fd);
    if (out == NULL)
        return -1;
    return out->ops->writev == NULL ? sock_fail(EBADF) : 0;
}

static ssize_t send_bytes(int fd, const char *bytes, size_t count)
{
    struct fd *out = fd_get(fd);
    struct iovec iov = {(void *)bytes, count};
    ssize_t sent = -1;

    if (count > COPY_MAX) {
        sent = rt_send_ref(fd, bytes, count, 0, NULL, NULL);
        if (sent >= 0 || (errno != EOPNOTSUPP && errno != ENOTSOCK))
            return sent;
    }
    return out->ops->writev(out->obj, &iov, 1, out->flags);
}

ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count)
{
    struct fd *in = fd_get(in_fd);
    struct file *file;
    off_t start, size;
    ssize_t sent;

    if (in == NULL || check(out_fd, in, offset, count) != 0)
        return -1;
    file = in->obj;
    start = offset != NULL ? *offset : file->position;
    size = (off_t)file_size(file->packed);
    if (count == 0 || start >= size)
        return 0;
    if (count > (size_t)(size - start))
        count = (size_t)(size - start);
    file->holds++; /* another thread may close it meanwhile */
    sent = send_bytes(out_fd, (const char *)file->packed->data + start, count);
    if (sent > 0 && offset != NULL)
        *offset = start + sent;
    else if (sent > 0)
        file->position = start + sent;
    file_release(file);
    return sent;
}
