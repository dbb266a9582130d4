/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * ring.h: what hvt.c and the rings of hvt_abi.h have of each other. A program that uses no ring has
 * none of this.
 */
#ifndef RING_H
#define RING_H

#include "bindings.h"
#include "hvt_abi.h"

/* hvt.c: what target_wait asks, when not NULL, before it waits (true) and afterwards: which devices
 * have something in a queue that is wanted. */
extern solo5_handle_set_t (*ring_ready)(bool before);

/* hvt.c: what is to be done, when not NULL, before the program ends. */
extern void (*ring_finish)(void);

/* hvt.c: POLL says nothing of that network any more. */
void poll_without(solo5_handle_t handle);

#endif
