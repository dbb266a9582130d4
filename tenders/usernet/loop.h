/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loop that moves frames while the tender runs.
 */
#ifndef QUINTET_TENDERS_USERNET_LOOP_H
#define QUINTET_TENDERS_USERNET_LOOP_H

#include <stdint.h>

#include "child.h"
#include "net.h"
#include "pollset.h"

struct loop {
    struct pollset set;
    int crowded_fd;     /* descriptors come lowest first: when this one is in use, few are left */
    uint64_t accept_ns; /* while that is so, no connection is accepted before then */
};

/* Raises the number of descriptors that this process can have, for connections. To be called after
 * the tender has been started, which keeps the old number, and before rights are given up.
 */
void loop_init(struct loop *loop);

/* Serves (count) networks until the tender has ended. Returns what usernet ends with. */
int loop_run(struct loop *loop, struct net *nets, unsigned count, struct child *child);

#endif
