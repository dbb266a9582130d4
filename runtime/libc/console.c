/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See console.h.
 */
#include "libc/console.h"

#include "solo5.h"

static ssize_t console_readv(void *obj, const struct iovec *iov, int iovcnt, int flags)
{
    (void)obj;
    (void)iov;
    (void)iovcnt;
    (void)flags;
    return 0;
}

static ssize_t console_writev(void *obj, const struct iovec *iov, int iovcnt, int flags)
{
    ssize_t total = 0;

    (void)obj;
    (void)flags;
    for (int i = 0; i < iovcnt; i++) {
        if (iov[i].iov_len == 0)
            continue;
        solo5_console_write(iov[i].iov_base, iov[i].iov_len);
        total += (ssize_t)iov[i].iov_len;
    }
    return total;
}

const struct fd_ops console_in_ops = {.type = S_IFCHR, .readv = console_readv};
const struct fd_ops console_out_ops = {.type = S_IFCHR, .writev = console_writev};
