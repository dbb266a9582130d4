/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Networks whose rings the kernel serves (/dev/vhost-net): then no frame comes into the tender. It
 * can do that for taps alone.
 */
#ifndef TENDERS_HVT_VHOST_H
#define TENDERS_HVT_VHOST_H

#include <stdbool.h>

#include "error.h"

struct vm;
struct queue;

/* Prepares it for the two queues of a network, from (receive) on, which get `vhost`. Returns 0, or
 * -1 with (error): the tender serves them then. */
int vhost_open(struct vm *vm, struct queue *receive, struct error *error);

/* Lets the kernel serve a queue whose `ring` is set up. Returns whether it does; if not, errno says
 * why, and it has not begun. */
bool vhost_start(const struct queue *queue);

/* Where it tells the guest of what it has done from now on. */
void vhost_set_call(const struct queue *queue, int fd);

#endif
