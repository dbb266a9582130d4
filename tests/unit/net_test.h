/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What tests of the socket calls share: declarations that the host's headers lack, and short forms.
 */
#ifndef TESTS_UNIT_NET_TEST_H
#define TESTS_UNIT_NET_TEST_H

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "frame.h"
#include "net_fake.h"
#include "unit.h"

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
const char *net_option_ipv4(const char *value);

#define ck_fails(call, error)           \
    do {                                \
        errno = 0;                      \
        ck_assert_int_eq((call), -1);   \
        ck_assert_int_eq(errno, error); \
    } while (0)

#define SA(in) ((struct sockaddr *)&(in)), sizeof(in)

#endif
