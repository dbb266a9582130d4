/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The queues of a virtual machine (hvt_abi.h), and the one thread that serves them. Who may use
 * what:
 *
 *     rings_open ... rings_start   everything is the first thread's; the worker gives up its rights
 *     RING_SETUP                   the first thread fills `ring` in, then sets `ready`
 *                                  or, when vhost has taken the queue, `kernel`
 *     afterwards                   a queue that is ready is the worker's; of `wake` and `kick` both
 *                                  threads have the descriptors
 *
 * The worker sleeps until a queue is kicked, a network that has buffers has a frame, or one that
 * was full has room.
 */
#ifndef TENDERS_HVT_RINGS_H
#define TENDERS_HVT_RINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "devices.h"
#include "error.h"
#include "ring.h"
#include "solo5_ring.h"
#include "stats.h"

struct vm;
struct queue;

/* What a turn of a queue ended with. */
enum turn {
    TURN_IDLE,   /* nothing to do until it is kicked */
    TURN_DEVICE, /* nothing to do until the device is ready */
    TURN_MORE,   /* more to do, after the others had their turn */
    TURN_BROKEN  /* `fault` is set */
};

struct queue_kind {
    const char *name;
    enum turn (*serve)(struct vm *vm, struct queue *queue);
    /* With queue_turn: TURN_MORE when it has done with the chain, or what to end the turn with. */
    enum turn (*serve_chain)(struct vm *vm, struct queue *queue, struct ring_chain *chain);
    short device_events; /* what to wait for with TURN_DEVICE, as poll(2) */
};

struct queue {
    const struct queue_kind *kind;
    const struct device *device; /* NULL: all networks */
    uint8_t handle;
    int kick;    /* eventfd(2): the guest writes to its port */
    int vhost;   /* /dev/vhost-net, or -1 */
    bool taken;  /* RING_SETUP was called */
    bool ready;  /* atomic: the worker serves it */
    bool kernel; /* atomic: the kernel does, by `vhost` */
    enum turn turn;
    struct ring ring;
    uint64_t zeroed;         /* bytes that the first request of a disk has written already */
    struct solo5_ring solo5; /* of queue_solo5, in the place of `ring` */
    struct ring_fault fault;
};

struct rings {
    int wake;      /* eventfd(2): a queue has something for the guest that waits; -1: no rings */
    int interrupt; /* eventfd(2): the same, by an interrupt; -1: never */
    int tell;      /* which of the two it is now; atomic */
    int start;     /* eventfd(2): the worker may begin */
    bool solo5;    /* the one queue is Solo5's */
    bool refused;  /* the host makes no more queues */
    bool told;     /* that vhost does not start was said */
    unsigned count;
    struct queue queue[HVT_RING_QUEUES];
    uint8_t first[MFT_MAX_ENTRIES]; /* of a device, or HVT_RING_NONE */
    struct ring_memory memory;
    struct worker_stats stats;
};

extern const struct queue_kind queue_receive, queue_send, queue_block, queue_solo5;

/* Serves a virtqueue, chain by chain. */
enum turn queue_turn(struct vm *vm, struct queue *queue);

/* The guest has written what makes no sense. */
enum turn queue_broken(struct queue *queue, const char *text, uint64_t value);

/* Whether the image asks for rings, or may know Solo5's, and the host has what they take: then
 * makes the worker, which waits. Before devices_attach. */
bool rings_open(struct vm *vm);

/* Bytes that they take in guest memory, beyond what the guest is told of. */
uint64_t rings_memory(const struct vm *vm);

/* Whether the guest wants to be told by interrupts. */
bool rings_want_interrupts(const struct vm *vm);

/* Gives each device its queues, as long as there are some, and says what the host does not do. */
void rings_make(struct vm *vm);

/* Tells a guest of Solo5's of its ring. */
void rings_boot_info(const struct vm *vm, struct hvt_boot_info *info);

/* What the guest is offered. */
void rings_offer(const struct vm *vm, struct hvt_ring_offer *offer);

/* Adds what the sandbox must leave: descriptors, to (fds), returning how many; system calls. */
#define RINGS_FDS (2 * HVT_RING_QUEUES + 3)
unsigned rings_fds(const struct vm *vm, int *fds);
void rings_filter(struct vm *vm);

/* Tells the guest by interrupts from now on, if it waits for nothing but rings. */
void rings_choose_tell(struct vm *vm);

/* Lets the worker go on, when all but the filter is in place. */
void rings_start(const struct vm *vm);

/* RING_SETUP, with any values; does not return if they make no sense. */
int32_t rings_setup(struct vm *vm, const struct hvt_hc_ring_setup *setup);

/* Takes the wake-up that POLL was waiting for. */
void rings_woken(const struct vm *vm);

#endif
