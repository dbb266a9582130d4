/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Addresses as text, POSIX.1-2017.
 */
#ifndef _ARPA_INET_H_
#define _ARPA_INET_H_

#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1 when (text) is an address of (family), which is then in *address; 0 when not; -1 with
 * EAFNOSUPPORT for another family than AF_INET. */
int inet_pton(int family, const char *text, void *address);

/* (text), or NULL with ENOSPC or EAFNOSUPPORT. */
const char *inet_ntop(int family, const void *address, char *text, socklen_t size);

/* Take also forms like 10.1 and 0x7f.1, as they have always done. INADDR_NONE or 0 when wrong. */
in_addr_t inet_addr(const char *text);
int inet_aton(const char *text, struct in_addr *address);

/* In a buffer that the next call writes over. */
char *inet_ntoa(struct in_addr address);

#ifdef __cplusplus
}
#endif

#endif
