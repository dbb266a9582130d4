/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Echoes the frames of the driver's netpeer program: back to their sender, from
 * this network's own address, until one says "stop".
 */
#ifndef ECHO_H
#define ECHO_H

#include "test.h"

#define ECHO_MAX_MTU 9216

struct echo_net {
    solo5_handle_t handle;
    struct solo5_net_info info;
    bool stopped;
};

/* Acquires the network (name) and prints its address and MTU. */
void echo_acquire(const char *name, struct echo_net *net);

/* Reads and answers what is there. */
void echo_serve(struct echo_net *net);

#endif
