/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The two requests that programs make of sockets.
 */
#ifndef _SYS_IOCTL_H_
#define _SYS_IOCTL_H_

#ifdef __cplusplus
extern "C" {
#endif

#define FIONREAD 0x541b /* int *: set to the bytes that can be read at once */
#define FIONBIO  0x5421 /* const int *: as O_NONBLOCK by fcntl() */

/* -1 with EBADF, with ENOTTY for another request, with ENOTSOCK for FIONREAD of another object. */
int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
