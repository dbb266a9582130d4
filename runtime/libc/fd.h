/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The table of descriptors. 0, 1 and 2 are the console; whatever else can be read, written or
 * polled gets its number from fd_alloc(). A descriptor is not shared (there is no dup), so the
 * table owns the object behind it until close() hands it to ops->close.
 */
#ifndef RUNTIME_LIBC_FD_H
#define RUNTIME_LIBC_FD_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

struct watch;

/* What an object can do. All calls return as the POSIX call of their name does: -1 and errno on
 * failure. A NULL member fails with the errno given beside it. */
struct fd_ops {
    mode_t type; /* for fstat: S_IFSOCK, S_IFCHR, S_IFREG... */
    /* Transfer at most the iovcnt pieces of iov. (flags) are the descriptor's (O_NONBLOCK). */
    ssize_t (*readv)(void *obj, const struct iovec *iov, int iovcnt, int flags);  /* EBADF */
    ssize_t (*writev)(void *obj, const struct iovec *iov, int iovcnt, int flags); /* EBADF */
    /* lseek, and what fstat says; the latter fills in all of (*st). */
    off_t (*seek)(void *obj, off_t offset, int whence); /* ESPIPE */
    void (*stat)(void *obj, struct stat *st);           /* (type), and that it is of no length */
    /* What poll() would report now, of POLLIN | POLLOUT | POLLERR | POLLHUP. NULL: ready for
     * whatever readv and writev it has. */
    short (*poll)(void *obj);
    /* The list of watches (net/watch.h), which is told when the answer of poll() gains a bit. NULL:
     * it never changes, and epoll cannot watch it. */
    struct watch **(*watches)(void *obj); /* EPERM */
    /* The descriptor is gone from the table. Threads may still wait in the object: wake them, and
     * let the object live until the last has left. */
    int (*close)(void *obj); /* nothing to do */
};

struct fd {
    const struct fd_ops *ops; /* NULL: the slot is free */
    void *obj;
    int flags; /* O_NONBLOCK or 0, and the access mode */
};

/* Gives (obj) the lowest free number. -1 with EMFILE or ENOMEM when there is none: the object is
 * then still the caller's. */
int fd_alloc(const struct fd_ops *ops, void *obj, int flags);

/* The descriptor's entry, or NULL with errno EBADF. The pointer is good until fd_free(): look it up
 * again after a wait, when another thread may have closed it. */
struct fd *fd_get(int fd);

/* Empties the slot without calling ops->close, which close() does after it. */
void fd_free(int fd);

#endif
