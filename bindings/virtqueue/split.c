/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The rings of a split queue: virtio 1.2, 2.7. A chain's id is its first descriptor. Which
 * descriptors follow it, and which are free, is in `list`, not in what the device sees.
 */
#include "virtqueue.h"

/* virtio 1.2, 2.7.5. */
struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};
_Static_assert(sizeof(struct desc) == 16, "virtio 1.2, 2.7.5");
_Static_assert(sizeof(struct vq_used) == 8, "virtio 1.2, 2.7.8");

/* As 16-bit words: flags, the index, then the entries, then the other side's event. */
#define FLAGS      0
#define INDEX      1
#define ITEMS      2
#define USED_WORDS (sizeof(struct vq_used) / sizeof(uint16_t))

#define NO_INTERRUPT 1 /* 2.7.6 */
#define NO_NOTIFY    1 /* 2.7.8 */

static void init(struct virtqueue *vq)
{
    for (uint16_t i = 0; i < vq->size; i++)
        vq->list[i] = i + 1;
    vq->free = vq->size;
}

static uint16_t next_id(const struct virtqueue *vq)
{
    return vq->first_free;
}

static void add(struct virtqueue *vq, const struct vq_piece *pieces, uint16_t count)
{
    struct desc *desc = vq->desc;
    uint16_t head = vq->first_free, at = head, last = head;

    for (uint16_t i = 0; i < count; i++) {
        uint16_t more = i + 1 < count ? VQ_DESC_NEXT : 0;
        last = at;
        at = vq->list[last];
        desc[last] = (struct desc){.addr = pieces[i].addr,
                                   .len = pieces[i].len,
                                   .flags = pieces[i].flags | more,
                                   .next = more ? at : 0};
    }
    vq->first_free = at;
    vq->chains[head].last = last;
    vq->avail[ITEMS + vq->added++ % vq->size] = head;
    vq->unoffered++;
}

static void table(void *memory, const struct vq_piece *pieces, uint16_t count)
{
    struct desc *desc = memory;
    for (uint16_t i = 0; i < count; i++) {
        bool more = i + 1 < count;
        desc[i] = (struct desc){.addr = pieces[i].addr,
                                .len = pieces[i].len,
                                .flags = pieces[i].flags | (more ? VQ_DESC_NEXT : 0),
                                .next = more ? i + 1 : 0};
    }
}

static bool offer(struct virtqueue *vq)
{
    uint16_t count = vq->unoffered;

    vq->unoffered = 0;
    __atomic_store_n(vq->avail + INDEX, vq->added, __ATOMIC_RELEASE);
    /* The device asks, then looks once more; we offer, then look whether it has asked. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!vq->events)
        return !(__atomic_load_n(vq->used + FLAGS, __ATOMIC_RELAXED) & NO_NOTIFY);
    uint16_t event = __atomic_load_n(vq->used + ITEMS + vq->size * USED_WORDS, __ATOMIC_RELAXED);
    return (uint16_t)(vq->added - event - 1) < count;
}

static bool used(const struct virtqueue *vq)
{
    uint16_t index = __atomic_load_n(vq->used + INDEX, __ATOMIC_ACQUIRE);

    if ((uint16_t)(index - vq->taken) > vq->out)
        vq_lie(vq, "it says that it returned more than it has");
    return index != vq->taken;
}

static struct vq_used take(struct virtqueue *vq)
{
    const volatile struct vq_used *items = (const struct vq_used *)(vq->used + ITEMS);
    const volatile struct vq_used *item = &items[vq->taken++ % vq->size];
    return (struct vq_used){.id = item->id, .len = item->len};
}

static void release(struct virtqueue *vq, uint16_t id)
{
    vq->list[vq->chains[id].last] = vq->first_free;
    vq->first_free = id;
}

static void ask(struct virtqueue *vq, bool interrupt)
{
    if (vq->events)
        __atomic_store_n(vq->avail + ITEMS + vq->size, (uint16_t)(vq->taken - !interrupt),
                         __ATOMIC_RELAXED);
    else
        __atomic_store_n(vq->avail + FLAGS, interrupt ? 0 : NO_INTERRUPT, __ATOMIC_RELAXED);
}

const struct vq_ring vq_split = {
    .init = init,
    .next_id = next_id,
    .add = add,
    .table = table,
    .offer = offer,
    .used = used,
    .take = take,
    .release = release,
    .ask = ask,
};
