/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The guest's side of a queue: virtio 1.2, 2.7. There are no interrupts: the device is asked to
 * wake the program just before that waits, and no more as soon as it runs.
 */
#include "ring.h"

#include "hypercall.h"

/* As 16-bit words: the index is the second of both rings, then come the entries. */
#define INDEX      1
#define ITEMS      2
#define USED_WORDS (sizeof(struct hvt_ring_used) / sizeof(uint16_t))

#define FINISH_NS UINT64_C(1000000000)

static struct ring *rings[HVT_RING_QUEUES];

int ring_first_queue(solo5_handle_t handle)
{
    if (!EXT1_HAS(ext_offer.features, EXT1_RING) || ext_offer.ring == 0)
        return -1;
    const struct hvt_ring_offer *offer = (const struct hvt_ring_offer *)ext_offer.ring;
    uint8_t queue = offer->queue[handle];
    return queue < HVT_RING_QUEUES ? queue : -1;
}

static uint16_t *avail_event(const struct ring *ring)
{
    return ring->used + ITEMS + ring->size * USED_WORDS;
}

static uint16_t *used_event(const struct ring *ring)
{
    return ring->avail + ITEMS + ring->size;
}

static bool has_used(const struct ring *ring)
{
    return __atomic_load_n(ring->used + INDEX, __ATOMIC_ACQUIRE) != ring->taken;
}

static solo5_handle_set_t ready(bool before)
{
    solo5_handle_set_t set = 0;
    for (unsigned i = 0; i < HVT_RING_QUEUES; i++)
        if (rings[i] != NULL && (rings[i]->wanted || !before))
            __atomic_store_n(used_event(rings[i]), (uint16_t)(rings[i]->taken - !before),
                             __ATOMIC_RELAXED);
    /* What comes now is either seen below or wakes: virtio 1.2, 2.7.7.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < HVT_RING_QUEUES; i++)
        if (rings[i] != NULL && rings[i]->wanted && has_used(rings[i]))
            set |= UINT64_C(1) << rings[i]->handle;
    return set;
}

/* Whether the device still has something that is to be done; asks to be woken when it has not. */
static bool busy(void)
{
    bool any = false;
    for (unsigned i = 0; i < HVT_RING_QUEUES; i++)
        if (rings[i] != NULL && rings[i]->last)
            __atomic_store_n(used_event(rings[i]), rings[i]->offered - 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < HVT_RING_QUEUES; i++)
        if (rings[i] != NULL && rings[i]->last)
            any |= __atomic_load_n(rings[i]->used + INDEX, __ATOMIC_ACQUIRE) != rings[i]->offered;
    return any;
}

/* A device that does not get on does not keep the program from its end. */
static void finish(void)
{
    solo5_time_t now = target_clock_monotonic(), end = now + FINISH_NS;
    while (now < end && busy()) {
        hvt_sleep(end);
        now = target_clock_monotonic();
    }
}

bool ring_setup(struct ring *ring, uint8_t *memory)
{
    ring->desc = (struct hvt_ring_desc *)memory;
    ring->used = (uint16_t *)(memory + RING_USED(ring->size));
    ring->avail = (uint16_t *)(memory + RING_AVAIL(ring->size));
    *used_event(ring) = UINT16_MAX;
    struct hvt_hc_ring_setup call = {
        .queue = ring->queue,
        .size = ring->size,
        .desc = (uint64_t)ring->desc,
        .avail = (uint64_t)ring->avail,
        .used = (uint64_t)ring->used,
    };
    hypercall(HVT_HYPERCALL_RING_SETUP, &call);
    if (call.ret != SOLO5_R_OK)
        return false;
    rings[ring->queue] = ring;
    ring_ready = ready;
    ring_finish = finish;
    return true;
}

void ring_add(struct ring *ring, uint16_t head)
{
    ring->avail[ITEMS + ring->added++ % ring->size] = head;
}

void ring_tell(struct ring *ring)
{
    uint16_t before = ring->offered;
    if (ring->added == before)
        return;
    ring->offered = ring->added;
    __atomic_store_n(ring->avail + INDEX, ring->added, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint16_t event = __atomic_load_n(avail_event(ring), __ATOMIC_RELAXED);
    if ((uint16_t)(ring->added - event - 1) < (uint16_t)(ring->added - before))
        ring_kick(ring->queue);
}

bool ring_take(struct ring *ring, struct hvt_ring_used *used)
{
    if (!has_used(ring))
        return false;
    const struct hvt_ring_used *items = (const struct hvt_ring_used *)(ring->used + ITEMS);
    *used = items[ring->taken++ % ring->size];
    return true;
}
