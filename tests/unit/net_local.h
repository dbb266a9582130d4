/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Connections whose both ends are in the test, over the loopback interface, and the end of each
 * test that has them.
 */
#ifndef TESTS_UNIT_NET_LOCAL_H
#define TESTS_UNIT_NET_LOCAL_H

#include <arpa/inet.h>

#include "net_test.h"

static inline void local_setup(void)
{
    ck_assert_ptr_null(net_option_ipv4("10.0.0.2/24"));
}

/* Nothing is open, and no frame is held. */
static inline void local_teardown(void)
{
    ck_assert_uint_eq(net_fake_open_fds(), 0);
    net_fake_run(60000);
    ck_assert_uint_eq(frame_bytes_used(), 0);
}

static inline struct sockaddr_in local(unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return in;
}

static inline int listener(unsigned port)
{
    struct sockaddr_in in = local(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, SA(in)), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

/* fds[0] connected, fds[1] accepted. */
static inline void connection(int fds[2])
{
    struct sockaddr_in in = local(80);
    int l = listener(80);

    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fds[0], SA(in)), 0);
    fds[1] = accept(l, NULL, NULL);
    ck_assert_int_ge(fds[1], 0);
    net_fake_close(l);
}

#endif
