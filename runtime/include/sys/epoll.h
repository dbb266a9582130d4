/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * epoll as on Linux, for sockets: a wait costs what is ready, however much is open. A descriptor
 * leaves by itself when it is closed.
 */
#ifndef _SYS_EPOLL_H_
#define _SYS_EPOLL_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EPOLL_CLOEXEC 0x80000 /* always so */

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3

#define EPOLLIN      0x001U
#define EPOLLPRI     0x002U
#define EPOLLOUT     0x004U
#define EPOLLERR     0x008U
#define EPOLLHUP     0x010U
#define EPOLLRDNORM  0x040U
#define EPOLLWRNORM  0x100U
#define EPOLLRDHUP   0x2000U
#define EPOLLONESHOT (1U << 30)
#define EPOLLET      (1U << 31)

typedef union epoll_data {
    void *ptr;
    int fd;
    uint32_t u32;
    uint64_t u64;
} epoll_data_t;

struct epoll_event {
    uint32_t events;
    epoll_data_t data;
};

/* A descriptor that watches others; close() ends it. (size): more than 0, and says nothing;
 * (flags): EPOLL_CLOEXEC or 0. -1 with EINVAL, EMFILE, ENOMEM. */
int epoll_create(int size);
int epoll_create1(int flags);

/*
 * Watches (fd) for (event->events), changes what for, or ends that; (event) is copied, and not read
 * by EPOLL_CTL_DEL. EPOLLERR and EPOLLHUP are always watched for. What is there already is reported
 * by the next wait.
 *
 * Returns 0. -1 with errno: EBADF (either is not open), EINVAL ((epoll) is something else, or there
 * is no such operation), EEXIST (added before), ENOENT (not added), EPERM (fd cannot be watched: a
 * file, the console, an epoll descriptor), ENOMEM.
 */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);

/*
 * Waits until something that is watched is ready, at most (timeout_ms); negative: for ever. Fills
 * in
 * (*events), at most (count) of them; what did not fit is the first to be reported next. What was
 * added with EPOLLET is reported once for what came, with EPOLLONESHOT once until EPOLL_CTL_MOD,
 * and otherwise as long as it is ready.
 *
 * Returns how many are filled in, 0 when the time is over. -1 with errno: EBADF (also when another
 * thread closes it meanwhile), EINVAL (as above; count is not more than 0).
 */
int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
