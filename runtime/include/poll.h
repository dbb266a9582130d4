/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Waiting for any of several descriptors, POSIX.1-2017.
 */
#ifndef _POLL_H_
#define _POLL_H_

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long nfds_t;

struct pollfd {
    int fd; /* negative: skipped */
    short events;
    short revents;
};

#define POLLIN     0x001
#define POLLPRI    0x002 /* never reported: there is no urgent data */
#define POLLOUT    0x004
#define POLLERR    0x008
#define POLLHUP    0x010
#define POLLNVAL   0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRNORM 0x100
#define POLLWRBAND 0x200
#define POLLRDHUP  0x2000

/*
 * (timeout_ms): negative: for ever. Threads that can run do so even where no wait is needed.
 *
 * Of more than 16 descriptors each thread remembers its last call: entries with the fd and the
 * events that they had are not asked again unless they may have become ready. -1 with errno: EINVAL
 * (more than 32767), ENOMEM (nothing to remember them in).
 */
int poll(struct pollfd *fds, nfds_t count, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
