/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Sets of descriptors for select(), POSIX.1-2017. Takes the place of picolibc's file, whose sets
 * hold 64. Included by sys/select.h and sys/time.h.
 */
#ifndef _SYS__SELECT_H
#define _SYS__SELECT_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FD_SETSIZE
#define FD_SETSIZE 1024
#endif

struct timeval;

typedef struct fd_set {
    unsigned long __fds_bits[FD_SETSIZE / 64];
} fd_set;

#define __FD_MASK(fd)    (1UL << ((unsigned)(fd) % 64))
#define __FD_WORD(fd, s) ((s)->__fds_bits[(unsigned)(fd) / 64])
#define FD_SET(fd, s)    ((void)(__FD_WORD(fd, s) |= __FD_MASK(fd)))
#define FD_CLR(fd, s)    ((void)(__FD_WORD(fd, s) &= ~__FD_MASK(fd)))
#define FD_ISSET(fd, s)  ((__FD_WORD(fd, s) & __FD_MASK(fd)) != 0)
#define FD_ZERO(s)       ((void)__builtin_memset((s), 0, sizeof(fd_set)))

int select(int count, fd_set *read_fds, fd_set *write_fds, fd_set *except_fds,
           struct timeval *timeout);

#ifdef __cplusplus
}
#endif

#endif
