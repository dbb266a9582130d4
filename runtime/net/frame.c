/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Buffers for received frames: see frame.h. Free frames are kept last in, first out, so that an
 * idle program works in the same few cache lines and pages.
 */
#include "frame.h"

#include <stdlib.h>

/* ARP and DHCP look at fixed offsets before they compare lengths. */
#define FRAME_SLACK 64

/* Ethernet's header is 14 bytes. */
#define FRAME_ALIGN 2

struct frame {
    struct pbuf_custom custom; /* first, since lwIP passes a pointer to it back */
    struct frame_pool *pool;
    struct frame *next;
    struct solo5_segment segment; /* of frame_data */
    uint8_t bytes[];
};

static size_t frame_bytes;

static size_t frame_size(const struct frame_pool *pool)
{
    return sizeof(struct frame) + FRAME_ALIGN + pool->room + FRAME_SLACK;
}

void frame_pool_init(struct frame_pool *pool, size_t room, unsigned keep)
{
    *pool = (struct frame_pool){.room = room, .keep = keep};
}

struct frame *frame_get(struct frame_pool *pool)
{
    struct frame *frame = pool->free;

    if (frame != NULL) {
        pool->free = frame->next;
        pool->free_count--;
    } else {
        frame = malloc(frame_size(pool));
        if (frame == NULL)
            return NULL;
        frame->pool = pool;
        frame->segment = (struct solo5_segment){frame->bytes + FRAME_ALIGN, pool->room};
    }
    return frame;
}

void frame_put(struct frame *frame)
{
    struct frame_pool *pool = frame->pool;

    if (pool->free_count >= pool->keep) {
        free(frame);
        return;
    }
    frame->next = pool->free;
    pool->free = frame;
    pool->free_count++;
}

uint8_t *frame_data(struct frame *frame)
{
    return frame->bytes + FRAME_ALIGN;
}

const struct solo5_segment *frame_segment(struct frame *frame)
{
    return &frame->segment;
}

static void frame_free_pbuf(struct pbuf *p)
{
    struct frame *frame = (struct frame *)p;

    frame_bytes -= frame_size(frame->pool);
    frame_put(frame);
}

struct pbuf *frame_to_pbuf(struct frame *frame, uint16_t len)
{
    frame_bytes += frame_size(frame->pool);
    frame->custom.custom_free_function = frame_free_pbuf;
    /* PBUF_POOL says that headers may be put back in place, as an echo reply is made. */
    return pbuf_alloced_custom(PBUF_RAW, len, PBUF_POOL, &frame->custom, frame_data(frame), len);
}

static bool is_frame(const struct pbuf *p)
{
    return (p->flags & PBUF_FLAG_IS_CUSTOM) != 0 &&
           ((const struct pbuf_custom *)p)->custom_free_function == frame_free_pbuf;
}

size_t frame_memory(const struct pbuf *p)
{
    return is_frame(p) ? frame_size(((const struct frame *)p)->pool) : sizeof *p + p->len;
}

size_t frame_tailroom(const struct pbuf *p)
{
    const struct frame *frame = (const struct frame *)p;

    if (!is_frame(p) || p->ref != 1)
        return 0;
    return (size_t)(frame->bytes + FRAME_ALIGN + frame->segment.len -
                    ((const uint8_t *)p->payload + p->len));
}

size_t frame_bytes_used(void)
{
    return frame_bytes;
}
