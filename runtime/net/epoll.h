/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How what can be waited for tells epoll of it: see epoll.c.
 */
#ifndef RUNTIME_NET_EPOLL_H
#define RUNTIME_NET_EPOLL_H

struct epoll_watch;

/* The object with this list of watches has what (events) says, of POLLIN and so on. To be called
 * wherever threads in its queue for poll() are woken; nothing is run. */
void epoll_notify(struct epoll_watch *watches, short events);

/* The object goes: ends all its watches. */
void epoll_forget(struct epoll_watch **watches);

#endif
