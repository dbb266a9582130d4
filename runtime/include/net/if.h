/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Network interfaces by name and number, POSIX.1-2017. An interface is called as its device in the
 * manifest.
 */
#ifndef _NET_IF_H_
#define _NET_IF_H_

#ifdef __cplusplus
extern "C" {
#endif

#define IF_NAMESIZE 68
#define IFNAMSIZ    IF_NAMESIZE

/* 0 when there is none of that name. */
unsigned if_nametoindex(const char *name);

/* Writes the name into (name), and returns it; NULL with ENXIO. */
char *if_indextoname(unsigned index, char name[IF_NAMESIZE]);

#ifdef __cplusplus
}
#endif

#endif
