/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The guest's side of one queue of hvt_abi.h. A program that uses no queue has none of this.
 */
#ifndef RING_H
#define RING_H

#include "bindings.h"
#include "hvt_abi.h"

/* Bytes of a queue of (size) descriptors: 16-aligned memory for ring_setup. */
#define RING_USED(size)  ((size) * sizeof(struct hvt_ring_desc))
#define RING_AVAIL(size) (RING_USED(size) + ((size) + 1) * sizeof(struct hvt_ring_used))
#define RING_BYTES(size) (RING_AVAIL(size) + ((size) + 3) * sizeof(uint16_t))

struct ring {
    uint8_t queue;
    uint8_t handle;
    bool wanted; /* the program waits for what the device returns */
    bool last;   /* what the device has is to be done before the program ends */
    uint16_t size;
    struct hvt_ring_desc *desc;
    uint16_t *avail;
    uint16_t *used;
    uint16_t added, offered; /* entries of the available ring: filled in, and told of */
    uint16_t taken;          /* next entry of the used ring */
};

/* Returns the first queue of a device, or -1 if it has none. */
int ring_first_queue(solo5_handle_t handle);

/* Gives the tender a queue in (memory), RING_BYTES(ring->size) zeroes. Returns whether it took it.
 */
bool ring_setup(struct ring *ring, uint8_t *memory);

/* Adds the chain of descriptors from (head) on. */
void ring_add(struct ring *ring, uint16_t head);

/* Tells the device of what was added. */
void ring_tell(struct ring *ring);

/* Takes a chain that the device is done with. */
bool ring_take(struct ring *ring, struct hvt_ring_used *used);

/* hvt.c: what target_wait asks, when not NULL, before it waits (true) and afterwards: which devices
 * have something in a queue that is wanted. */
extern solo5_handle_set_t (*ring_ready)(bool before);

/* hvt.c: what is to be done, when not NULL, before the program ends. */
extern void (*ring_finish)(void);

/* hvt.c: waits until a queue that was asked has something, or another device, or (deadline).
 * Returns the others. */
solo5_handle_set_t hvt_sleep(solo5_time_t deadline);

/* hvt.c: POLL says nothing of that network any more. */
void poll_without(solo5_handle_t handle);

#endif
