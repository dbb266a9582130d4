/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A virtio device in this process, for the drivers of bindings/virtqueue: its transport, its side
 * of split and packed queues, and what else the drivers want of a target. It follows the
 * specification and checks that the driver does; a test may make it lie.
 */
#ifndef TESTS_VIRTIO_FAKE_H
#define TESTS_VIRTIO_FAKE_H

#include <setjmp.h>

#include "virtqueue.h"

#define FAKE_PIECES 128
#define FAKE_QUEUES 4

struct fake_queue {
    struct virtio_queue_place place;
    uint16_t taken, returned; /* split: positions; packed: descriptors */
    bool taken_wrap, returned_wrap;
    unsigned kicks;
};

struct fake {
    struct virtio_device dev;
    uint64_t offered;
    uint16_t queue_max, queues;
    uint8_t config[64];
    bool refuses_queue, refuses_start, refuses_reset, gone;
    unsigned resets;
    struct fake_queue queue[FAKE_QUEUES];
};

/* A request as the device sees it. */
struct fake_chain {
    uint16_t id;
    uint16_t descriptors; /* of the ring */
    bool indirect;
    unsigned count;
    struct vq_piece piece[FAKE_PIECES];
};

/* The flags of descriptors and rings that the device's side knows. */
#define FAKE_BIT(n) (UINT64_C(1) << (n))

/* A device that offers VERSION_1 (in (features) or not: legacy) and (features). */
void fake_init(struct fake *fake, uint32_t type, uint64_t features);
void fake_config(struct fake *fake, unsigned offset, uint64_t value, size_t len);

/* Takes the next request; false: there is none. What breaks a rule of the specification calls
 * fake_broken. */
bool fake_next(struct fake *fake, unsigned queue, struct fake_chain *chain);

/* Returns it, and says how many bytes were written. */
void fake_return(struct fake *fake, unsigned queue, const struct fake_chain *chain, uint32_t len);

/* Whether the driver wants an interrupt for what was returned last; whether it is to tell of what
 * comes next. */
bool fake_wants_interrupt(const struct fake *fake, unsigned queue);
void fake_ask(struct fake *fake, unsigned queue, bool notify);

/* The driver has broken a rule: defined by the test. */
void fake_broken(const char *why) __attribute__((noreturn));

/* What the driver's virtio_abort, virtio_fail and warnings said last, or "". */
extern char fake_said[256];

/* virtio_abort comes back here: if (setjmp(fake_aborted) == 0) ...; without, it ends the test. */
extern jmp_buf fake_aborted;
extern bool fake_expects_abort;

/* Time passes by a tick at each look at the clock, and to its end in a wait; what a device does
 * meanwhile. */
extern solo5_time_t fake_now, fake_tick;
extern void (*fake_while_waiting)(void), (*fake_at_each_look)(void);

/* A gap in memory: what is above is found elsewhere by the device. NULL: none. */
extern const uint8_t *fake_gap;
#define FAKE_GAP_SHIFT UINT64_C(0x100000000000)

/* virtio_target.c: the open device serves handle 1 of a manifest, where it is called "device". */
void fake_attach(struct fake *fake);

/* Frees what virtio_memory gave, and forgets queues and devices. */
void fake_reset(void);

#endif
