/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * sendfile as on Linux: from a file to a socket, without a copy. The files are those that are
 * packed into the program (rt_files of quintet.h), and a stream takes them from where they lie.
 */
#ifndef _SYS_SENDFILE_H_
#define _SYS_SENDFILE_H_

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sends at most (count) bytes of the file (in_fd) to (out_fd), which is a socket or whatever else
 * can be written to. They begin at (*offset), which is moved on by what was sent; where (offset) is
 * NULL, at the file's own position, and that is moved on. The call waits as write() does; with
 * O_NONBLOCK it sends what there is room for.
 *
 * Returns how many bytes were sent, fewer than (count) where the file ends or room does: 0 at the
 * end of the file and beyond. -1 with errno otherwise, and nothing was sent: EBADF (not open, or
 * not for that direction), EINVAL (in_fd is no file; an offset or a count that would be negative),
 * ESPIPE (in_fd is no file, and has no offset), and what write() on out_fd fails with, such as
 * EAGAIN, ENOTCONN, EPIPE.
 */
ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count);

#ifdef __cplusplus
}
#endif

#endif
