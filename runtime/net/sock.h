/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A socket. Its calls work on lwIP's control block directly, in the caller's thread; lwIP's
 * callbacks, which come while the poller runs, put what arrives into queues here and wake.
 *
 * States of a stream, and what moves it:
 *
 *   NEW --listen--> LISTENING
 *   NEW --connect--> CONNECTING --SYN/ACK--> CONNECTED
 *                        |--RST, time-out--> NEW, with an error to report
 *   (accept queue) ---------------------> CONNECTED
 *
 * A connection that ended stays CONNECTED with pcb NULL, so that what it brought can still be read.
 *
 * Lifetime: the descriptor and each call that waits hold the socket; the last to let go frees it.
 * Invariant: after a wait, every pointer that was taken from the socket before is stale.
 */
#ifndef RUNTIME_NET_SOCK_H
#define RUNTIME_NET_SOCK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"

#include "thread/sched.h"

struct tcp_pcb;
struct udp_pcb;
struct watch;
struct sock;

enum sock_state { SOCK_NEW, SOCK_LISTENING, SOCK_CONNECTING, SOCK_CONNECTED };

/* The pieces of a message and how far they are done. */
struct sock_msg {
    const struct iovec *iov;
    int iov_count;
    size_t offset;            /* in iov[0] */
    size_t left;              /* in all pieces together */
    struct sockaddr_in *name; /* of the other side, in or out; NULL: not wanted */
    int flags;                /* MSG_... */
    int out_flags;
    bool by_reference;    /* the pieces stay where they are; streams only */
    struct send_ref *ref; /* who is told when they are not needed any more; NULL: nobody */
};

/* What differs between streams and datagrams. All return as the POSIX call does. (flags) of connect
 * are the descriptor's; those of a message have MSG_DONTWAIT when the descriptor is O_NONBLOCK. */
struct sock_proto {
    int type; /* SOCK_STREAM or SOCK_DGRAM */
    int (*bind)(struct sock *s, const ip_addr_t *ip, uint16_t port);
    int (*connect)(struct sock *s, const ip_addr_t *ip, uint16_t port, int flags);
    ssize_t (*send)(struct sock *s, struct sock_msg *m);
    ssize_t (*recv)(struct sock *s, struct sock_msg *m);
    int (*shutdown)(struct sock *s, int how);
    void (*name)(struct sock *s, bool peer, ip_addr_t *ip, uint16_t *port);
    short (*poll)(struct sock *s);
    void (*close)(struct sock *s);
    size_t (*readable)(struct sock *s); /* FIONREAD */
};
extern const struct sock_proto sock_tcp, sock_udp;

/* SO_SNDBUF and SO_RCVBUF: what they are at first, and what they can be. */
#define SOCK_BUFFER_MAX 1048576
#define SOCK_BUFFER_MIN 4096

struct sock_dgram {
    struct sock_dgram *next;
    struct pbuf *p;
    uint32_t address; /* of the sender, network byte order */
    uint16_t port;
};

struct sock {
    const struct sock_proto *proto;
    struct watch *watches;
    struct wait_queue readers; /* threads that wait for data or connections */
    struct wait_queue writers; /* threads that wait for room or for a connection */
    uint32_t holds;
    enum sock_state state;
    int error; /* errno to report once; 0: none */
    bool closed, read_shut, write_shut, eof, nodelay, abort_on_close;
    uint8_t pcb_flags;                         /* so_options of the control block */
    size_t send_limit, recv_limit;             /* SO_SNDBUF, SO_RCVBUF */
    uint64_t send_timeout_ns, recv_timeout_ns; /* 0: none */
    size_t rx_bytes;                           /* queued, as the program counts them */
    union {
        struct {
            struct tcp_pcb *pcb;             /* NULL: none yet, or gone */
            struct pbuf *rx_first, *rx_last; /* single pbufs linked by next */
            size_t unacked;                  /* bytes given to lwIP and not confirmed */
            uint32_t progress; /* the tick of the last that was confirmed, or the first given */
            bool starved;      /* there was no memory to send; not writable until tried again */
            size_t lent;       /* bytes taken by reference that lwIP counts as not read */
            size_t returned;   /* of those: to be told to lwIP at the end of the turn */
            /* Of a connection that waits to be accepted, and of the listener that it waits at. */
            struct sock *accept_next, *accept_first, *accept_last;
            unsigned accept_count, half_open, backlog;
            /* Of sockets with something for the end of the turn. */
            struct sock *flush_next;
            uint32_t flush_turn;
            bool flush_queued;
        } tcp;
        struct {
            struct udp_pcb *pcb;
            struct sock_dgram *rx_first, *rx_last;
            size_t rx_memory; /* what the queue really takes */
        } udp;
    };
};

/* ---- sock.c -------------------------------------------------------------------------------- */

/* A socket held by its caller, or NULL with errno. */
struct sock *sock_new(const struct sock_proto *proto);
void sock_hold(struct sock *s);
void sock_release(struct sock *s);

/* Gives the socket a descriptor, which takes over the caller's hold. -1 with errno otherwise. */
int sock_to_fd(struct sock *s, int flags);

/* The socket behind a descriptor, held, and the descriptor's flags. NULL with EBADF or ENOTSOCK. */
struct sock *sock_of_fd(int fd, int *flags);

/* Something to read came, room to write, or both for everybody. */
void sock_wake_readers(struct sock *s);
void sock_wake_writers(struct sock *s);
void sock_wake_all(struct sock *s);

/* Does anybody wait for room to write? */
bool sock_has_writers(const struct sock *s);

/* Waits in (q) of a socket. Returns 0 when woken; -1 with errno EAGAIN when (dontwait) or when the
 * deadline passed, EBADF when the socket was closed meanwhile. The caller holds the socket. */
int sock_wait(struct sock *s, struct wait_queue *q, bool dontwait, uint64_t deadline_ns);

/* When a wait that begins now ends; 0 of timeout: never. */
uint64_t sock_deadline(uint64_t timeout_ns);

/* -1 with errno for an lwIP error. */
int sock_fail(int error);
int sock_errno(err_t err);

/* The error to be reported, which is then forgotten. */
int sock_take_error(struct sock *s);

/* The next contiguous piece of a message, at most (max) bytes: moves on by it. NULL at the end. */
void *sock_msg_next(struct sock_msg *m, size_t max, size_t *len);

/* Copies between a message and (buf); returns how many bytes fit. */
size_t sock_msg_put(struct sock_msg *m, const void *buf, size_t len);
size_t sock_msg_get(struct sock_msg *m, void *buf, size_t len);

/* ---- sock_tcp.c ---------------------------------------------------------------------------- */

int sock_tcp_listen(struct sock *s, int backlog);

/* Takes a connection out of a listener's queue, held; waits for one. NULL with errno. */
struct sock *sock_tcp_accept(struct sock *s, bool dontwait);

/* Puts it back, first in the queue. */
void sock_tcp_unaccept(struct sock *s, struct sock *connection);

/* Sends what sockets wrote in this turn after their first write, and opens the windows of those
 * whose data was given back. */
void sock_flush(void);

#endif
