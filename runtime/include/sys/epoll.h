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

int epoll_create(int size);
int epoll_create1(int flags);
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
