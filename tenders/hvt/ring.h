/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The device's side of one queue of hvt_abi.h: a split virtqueue (virtio 1.2, 2.7) in the guest's
 * memory. All of it belongs to the guest, which may change it at any time. So: positions are kept
 * here and only told to the guest; what the guest tells is loaded once, copied, then checked; no
 * other file sees the queue's memory. A chain is valid when ring_next returns RING_CHAIN, whatever
 * the guest does afterwards; the bytes that it names are the guest's and may change.
 */
#ifndef TENDERS_HVT_RING_H
#define TENDERS_HVT_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hvt_abi.h"

struct gmem;
struct image;

/* What a chain may name: any memory to read from, only what the guest may write to write to. */
struct ring_memory {
    const struct gmem *gmem;
    const struct image *image;
};

struct ring {
    unsigned size;
    const struct hvt_ring_desc *desc;
    const uint16_t *avail;
    uint16_t *used;
    uint16_t taken;    /* next entry of the available ring */
    uint16_t returned; /* next entry of the used ring */
    uint16_t told;     /* `returned` as the guest knows it */
};

/* A request: first what the device reads, then what it writes. */
struct ring_chain {
    uint16_t head;
    unsigned out_count, in_count;
    uint64_t out_len, in_len; /* bytes */
    struct iovec iov[HVT_RING_CHAIN_MAX];
};

enum ring_state {
    RING_EMPTY,
    RING_CHAIN, /* (chain) is set */
    RING_BROKEN /* the guest has written what makes no sense: ring_fault says what */
};

/* Why a ring is broken. */
struct ring_fault {
    const char *text;
    uint64_t value;
};

/* The host address of what the guest may write to; NULL if that is not all such. */
void *ring_writable(const struct ring_memory *memory, uint64_t addr, uint64_t len);

/* Takes the queue at the addresses of (setup); false, with (fault), if it cannot be there. */
bool ring_init(struct ring *ring, const struct ring_memory *memory,
               const struct hvt_hc_ring_setup *setup, struct ring_fault *fault);

/* Looks at the next request without taking it. */
enum ring_state ring_next(const struct ring *ring, const struct ring_memory *memory,
                          struct ring_chain *chain, struct ring_fault *fault);

/* Takes it, and returns it to the guest with (written) bytes. */
void ring_return(struct ring *ring, const struct ring_chain *chain, uint32_t written);

/* Copies the first (size) bytes of a piece that has them: what the guest does to them afterwards
 * does not matter. */
void ring_read(const struct iovec *piece, void *to, size_t size);

/* Tells the guest of what was returned; true if it wants to be woken for that. */
bool ring_tell(struct ring *ring);

/* Asks to be notified of the next request; true if there is one already. */
bool ring_ask(const struct ring *ring);

#endif
