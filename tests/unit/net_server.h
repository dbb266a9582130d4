/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The program as a server at port 80, for peers on the wire (net_peer.h), and the end of each test
 * that has one.
 */
#ifndef TESTS_UNIT_NET_SERVER_H
#define TESTS_UNIT_NET_SERVER_H

#include "net_peer.h"
#include "net_test.h"

/* Returns the descriptor that listens. */
static inline int server_open(int backlog)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd;

    ck_assert_ptr_null(net_option_ipv4("10.0.0.2/24"));
    peer_start();
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, SA(in)), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    net_fake_turn();
    peer_forget();
    return fd;
}

/* Nothing else is open, and after so many times (ms), in which no peer answers, no frame is held.
 */
static inline void server_close(int fd, unsigned times, unsigned ms)
{
    net_fake_close(fd);
    ck_assert_uint_eq(net_fake_open_fds(), 0);
    peer_forget();
    while (times-- > 0) {
        net_fake_run(ms);
        peer_forget();
    }
    ck_assert_uint_eq(frame_bytes_used(), 0);
}

#endif
