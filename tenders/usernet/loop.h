/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loop that moves frames while the tender runs.
 */
#ifndef QUINTET_TENDERS_USERNET_LOOP_H
#define QUINTET_TENDERS_USERNET_LOOP_H

#include "child.h"
#include "net.h"

/* Serves (count) networks until the tender has ended. Returns what usernet ends with. */
int loop_run(struct net *nets, unsigned count, struct child *child);

#endif
