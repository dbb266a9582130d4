/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What sock_tcp.c, the life of a stream, takes from sock_tcp_data.c, its data.
 */
#ifndef RUNTIME_NET_SOCK_TCP_H
#define RUNTIME_NET_SOCK_TCP_H

#include "lwip/err.h"

#include "sock.h"

/* lwIP's callbacks of a connection. */
err_t sock_tcp_sent(void *arg, struct tcp_pcb *pcb, u16_t len);
err_t sock_tcp_idle(void *arg, struct tcp_pcb *pcb);
err_t sock_tcp_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err);

/* For how many ticks the other side has taken nothing of what there is to send; 0 when there is
 * nothing. Of a connection that is established or was, with or without a socket. */
uint32_t sock_tcp_stalled(const struct tcp_pcb *pcb);

/* The bytes that all connections have to send; those without a socket are added and subtracted by
 * who keeps them. */
size_t sock_tcp_unacked(void);
void sock_tcp_count_unacked(int64_t bytes);

/* Parts of struct sock_proto. */
ssize_t sock_tcp_send(struct sock *s, struct sock_msg *m);
ssize_t sock_tcp_recv(struct sock *s, struct sock_msg *m);
int sock_tcp_shutdown(struct sock *s, int how);
short sock_tcp_poll(struct sock *s);
size_t sock_tcp_readable(struct sock *s);

/* Takes the first of what waits to be read out of the queue, (*p), and waits for it as recv() does.
 * Returns its length, 0 at the end, -1 with errno. Its bytes count as not read until they are given
 * back, or until the socket is closed. */
ssize_t sock_tcp_lend(struct sock *s, bool dontwait, struct pbuf **p);
void sock_tcp_give_back(struct sock *s, struct pbuf *p);

/* The program has read (len) bytes of those that lwIP handed over. */
void sock_tcp_open_window(struct sock *s, size_t len);

/* The control block is gone or left to itself: what was sent is not the socket's matter any more.
 */
void sock_tcp_forget_sent(struct sock *s);

/* Frees what was received and not read. */
void sock_tcp_drop_received(struct sock *s);

#endif
