/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Buffers for received frames. A frame is a pbuf that lwIP and the sockets pass on and free as any
 * other; it comes back here. Few are needed while programs read what they get, so a pool starts
 * empty, grows by malloc and gives back what a burst left.
 */
#ifndef RUNTIME_NET_FRAME_H
#define RUNTIME_NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwip/pbuf.h"
#include "solo5_io.h"

struct frame_pool {
    size_t room;   /* bytes for the frame itself */
    unsigned keep; /* how many free ones are not given back */
    struct frame *free;
    unsigned free_count;
};

struct frame;

/* A flag of struct pbuf: the transport's checksum was found to be right. */
#define FRAME_FLAG_CHECKED 0x40U

/* Sets up a pool of frames of at most (room) bytes. */
void frame_pool_init(struct frame_pool *pool, size_t room, unsigned keep);

/* Returns a frame, or NULL when there is no memory. */
struct frame *frame_get(struct frame_pool *pool);

/* Returns a frame that was not used. */
void frame_put(struct frame *frame);

/* Where the frame goes: pool->room bytes, with IP headers in it aligned to 4. */
uint8_t *frame_data(struct frame *frame);

/* The same for the device to keep, which goes with the frame. */
const struct solo5_segment *frame_segment(struct frame *frame);

/* Makes a pbuf of the first (len) bytes, which the frame now belongs to. */
struct pbuf *frame_to_pbuf(struct frame *frame, uint16_t len);

/* Bytes after the payload of (p) that are nobody's; 0 unless (p) is an unshared frame. */
size_t frame_tailroom(const struct pbuf *p);

/* What (p), a single pbuf, takes of memory. */
size_t frame_memory(const struct pbuf *p);

/* Bytes of all frames that are pbufs, their bookkeeping included. */
size_t frame_bytes_used(void);

#endif
