/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The packets of solo5_io.h on a network with rings: one queue to receive into, one to send from.
 * Descriptors are used one after another, round and round; a chain is a header and the segments.
 * What the device returns out of order waits for what was lent before it.
 */
#include "virtqueue.h"

/* Packets of up to four segments; of those with more, fewer. */
#define SIZE  1024
#define DEPTH (SIZE / 5)

/* A chain that is lent, by its first descriptor. */
struct lent {
    uint64_t cookie;
    uint32_t len;
    uint16_t count; /* of descriptors */
    bool done;
};

static struct half {
    uint8_t memory[RING_BYTES(SIZE)] __attribute__((aligned(16)));
    struct ring ring;
    struct lent lent[SIZE];
    struct solo5_net_hdr hdr[SIZE];
    uint16_t next, oldest; /* descriptors */
    uint16_t free;         /* descriptors */
    uint16_t out;          /* chains lent */
    bool made, failed;
} halves[HVT_RING_QUEUES];

_Static_assert(sizeof(struct solo5_net_hdr) == HVT_RING_NET_HEAD, "hvt_abi.h");
_Static_assert(SOLO5_SEGMENTS_MAX < HVT_RING_CHAIN_MAX, "with a header");

static struct half *half_of(solo5_handle_t handle, unsigned which)
{
    struct half *half = &halves[(unsigned)ring_first_queue(handle) + which];
    if (half->made)
        return half;
    half->made = true;
    half->free = SIZE;
    half->ring = (struct ring){
        .queue = (uint8_t)(half - halves),
        .handle = (uint8_t)handle,
        .size = SIZE,
        .last = which == HVT_RING_SEND,
    };
    half->failed = !ring_setup(&half->ring, half->memory);
    if (which == HVT_RING_RECEIVE && !half->failed)
        poll_without(handle);
    return half;
}

static void set_desc(struct half *half, const void *base, size_t len, unsigned flags)
{
    uint16_t next = (half->next + 1) % SIZE;
    half->ring.desc[half->next] = (struct hvt_ring_desc){
        .addr = (uint64_t)base, .len = (uint32_t)len, .flags = (uint16_t)flags, .next = next};
    half->next = next;
}

static void lend_one(struct half *half, const struct solo5_packet *packet, unsigned flags)
{
    uint16_t head = half->next;
    uint16_t count = (uint16_t)(packet->segment_count + 1);
    half->lent[head] = (struct lent){.cookie = packet->cookie, .count = count};
    half->hdr[head] = packet->hdr;
    set_desc(half, &half->hdr[head], sizeof half->hdr[head], flags | HVT_RING_DESC_NEXT);
    for (uint32_t i = 0; i < packet->segment_count; i++) {
        const struct solo5_segment *segment = &packet->segments[i];
        unsigned more = i + 1 < packet->segment_count ? HVT_RING_DESC_NEXT : 0;
        set_desc(half, segment->base, segment->len, flags | more);
    }
    half->free -= count;
    half->out++;
    ring_add(&half->ring, head);
}

static solo5_result_t lend(struct half *half, const struct solo5_packet *packets, size_t count,
                           size_t *taken, unsigned flags)
{
    *taken = 0;
    if (half->failed)
        return SOLO5_R_EUNSPEC;
    while (*taken < count && half->out < DEPTH && packets[*taken].segment_count < half->free)
        lend_one(half, &packets[(*taken)++], flags);
    ring_tell(&half->ring);
    return *taken == count ? SOLO5_R_OK : SOLO5_R_AGAIN;
}

/* Notes what the device has returned. */
static void collect(struct half *half)
{
    struct hvt_ring_used used;
    while (ring_take(&half->ring, &used)) {
        if (used.id >= SIZE || half->lent[used.id].count == 0)
            continue;
        half->lent[used.id].done = true;
        half->lent[used.id].len = used.len;
    }
}

/* The oldest chain if the device has returned it, which is not lent any more then; or NULL. */
static const struct lent *take_back(struct half *half)
{
    struct lent *lent = &half->lent[half->oldest];
    if (half->out == 0 || !lent->done)
        return NULL;
    half->oldest = (half->oldest + lent->count) % SIZE;
    half->free += lent->count;
    half->out--;
    lent->count = 0;
    return lent;
}

static solo5_result_t net_send(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *packets, size_t count, size_t *sent)
{
    (void)dev;
    struct half *half = half_of(handle, HVT_RING_SEND);
    solo5_result_t result = lend(half, packets, count, sent, 0);
    /* Only who had no room waits for it. */
    if (result == SOLO5_R_AGAIN)
        half->ring.wanted = true;
    return result;
}

static size_t net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    struct half *half = half_of(handle, HVT_RING_SEND);
    const struct lent *lent;
    size_t count = 0;
    if (half->failed)
        return 0;
    collect(half);
    while (count < max && (lent = take_back(half)) != NULL)
        cookies[count++] = lent->cookie;
    if (count != 0)
        half->ring.wanted = false;
    return count;
}

static solo5_result_t net_post(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *buffers, size_t count, size_t *posted)
{
    (void)dev;
    struct half *half = half_of(handle, HVT_RING_RECEIVE);
    solo5_result_t result = lend(half, buffers, count, posted, HVT_RING_DESC_WRITE);
    half->ring.wanted = half->out != 0;
    return result;
}

static solo5_result_t net_receive(solo5_handle_t handle, const struct mft_entry *dev,
                                  struct solo5_received *packets, size_t max, size_t *count)
{
    (void)dev;
    struct half *half = half_of(handle, HVT_RING_RECEIVE);
    const struct lent *lent;
    *count = 0;
    if (half->failed)
        return SOLO5_R_EUNSPEC;
    collect(half);
    while (*count < max && (lent = take_back(half)) != NULL)
        packets[(*count)++] = (struct solo5_received){
            .hdr = half->hdr[lent - half->lent],
            .len = lent->len > HVT_RING_NET_HEAD ? lent->len - HVT_RING_NET_HEAD : 0,
            .cookie = lent->cookie,
        };
    half->ring.wanted = half->out != 0;
    return *count != 0 ? SOLO5_R_OK : SOLO5_R_AGAIN;
}

static const struct net_io net_ring = {
    .depth = DEPTH,
    .send = net_send,
    .reclaim = net_reclaim,
    .post = net_post,
    .receive = net_receive,
};

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    return ring_first_queue(handle) >= 0 ? &net_ring : NULL;
}
