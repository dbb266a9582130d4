/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What lwIP wants to know of its compiler and platform.
 */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where SSIZE_MAX is missing lwIP makes ssize_t an int, which would break every caller. */
#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif
#define LWIP_NO_UNISTD_H 1
#define LWIP_NO_CTYPE_H  1

#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define lwip_htons(x) ((u16_t)__builtin_bswap16(x))
#define lwip_htonl(x) ((u32_t)__builtin_bswap32(x))
#endif

/* The sum of (len) bytes at (data) as 16-bit words in memory order, folded, not inverted. */
uint16_t net_chksum(const void *data, int len);
#define LWIP_CHKSUM(data, len) net_chksum(data, len)

/* Unpredictable bits: initial sequence numbers, ports, identifiers of queries. */
uint32_t net_random32(void);
#define LWIP_RAND() net_random32()

/* A broken invariant of the stack: says where and ends the program. The messages are left out of
 * the image; the line says as much. */
_Noreturn void net_assert_failed(const char *file, int line);
#define LWIP_PLATFORM_ASSERT(message) net_assert_failed(__FILE_NAME__, __LINE__)
#define LWIP_PLATFORM_DIAG(x)         ((void)0)

#endif
