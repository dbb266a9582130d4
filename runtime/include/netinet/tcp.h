/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Options of streams, level IPPROTO_TCP.
 */
#ifndef _NETINET_TCP_H_
#define _NETINET_TCP_H_

#define TCP_NODELAY   1 /* int: send at once, do not wait to fill a segment */
#define TCP_MAXSEG    2 /* int, read only */
#define TCP_KEEPIDLE  4 /* int, seconds, as the next */
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT   6

#endif
