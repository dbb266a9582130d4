/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ring of a packed queue: virtio 1.2, 2.8. Descriptors are used one after another, round and
 * round, and the device writes what it returns over them in the same order; which chain that is,
 * its id says. Two flags of a descriptor, compared with a counter that flips each time round, say
 * whose it is:
 *
 *     AVAIL == counter, USED != counter    the device's
 *     AVAIL == counter, USED == counter    returned
 *
 * `avail` is where we tell when we want an interrupt, `used` where the device tells when it wants
 * to be notified.
 */
#include "virtqueue.h"

/* virtio 1.2, 2.8.13. */
struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t flags;
};
_Static_assert(sizeof(struct desc) == 16, "virtio 1.2, 2.8.13");

#define AVAIL_BIT 7
#define USED_BIT  15

/* An event suppression structure: virtio 1.2, 2.8.14. The second word: */
#define EVENT_ENABLE  0
#define EVENT_DISABLE 1
#define EVENT_DESC    2 /* at the descriptor of the first, whose highest bit is the counter */
#define EVENT_FLAGS   1

static void init(struct virtqueue *vq)
{
    for (uint16_t i = 0; i < vq->size; i++)
        vq->list[i] = i;
    vq->first_free = vq->free = vq->size;
    vq->added_wrap = vq->taken_wrap = true;
}

static uint16_t next_id(const struct virtqueue *vq)
{
    return vq->list[vq->first_free - 1];
}

/* Whether the device has written over a descriptor that it has returned. */
static bool is_used(const struct desc *desc, bool wrap)
{
    uint16_t flags = __atomic_load_n(&desc->flags, __ATOMIC_ACQUIRE);
    return (flags >> AVAIL_BIT & 1) == wrap && (flags >> USED_BIT & 1) == wrap;
}

/* All flags of a chain but its first descriptor's are there before that: 2.8.6, 2.8.21. */
static void add(struct virtqueue *vq, const struct vq_piece *pieces, uint16_t count)
{
    struct desc *desc = vq->desc;
    uint16_t head = vq->added, head_flags = 0;
    uint16_t id = vq->list[--vq->first_free];

    if (is_used(&desc[head], vq->added_wrap))
        vq_lie(vq, "it returned a descriptor before it had it");

    for (uint16_t i = 0; i < count; i++) {
        struct desc *d = &desc[vq->added];
        uint16_t flags = pieces[i].flags | (i + 1 < count ? VQ_DESC_NEXT : 0) |
                         (uint16_t)(1 << (vq->added_wrap ? AVAIL_BIT : USED_BIT));
        d->addr = pieces[i].addr;
        d->len = pieces[i].len;
        d->id = id;
        if (i == 0)
            head_flags = flags;
        else
            d->flags = flags;
        if (++vq->added == vq->size) {
            vq->added = 0;
            vq->added_wrap = !vq->added_wrap;
        }
    }
    __atomic_store_n(&desc[head].flags, head_flags, __ATOMIC_RELEASE);
    vq->unoffered += count;
}

static void table(void *memory, const struct vq_piece *pieces, uint16_t count)
{
    struct desc *desc = memory;
    for (uint16_t i = 0; i < count; i++)
        desc[i] =
            (struct desc){.addr = pieces[i].addr, .len = pieces[i].len, .flags = pieces[i].flags};
}

/* Whether the descriptor that the device asked for is among the last (count): 2.8.21.3. */
static bool passed(const struct virtqueue *vq, uint16_t event, uint16_t count)
{
    uint16_t at = event & 0x7fff;
    bool wrap = event >> 15;
    /* How far before the next descriptor that is; what makes no sense is far away. */
    uint32_t behind = (uint32_t)vq->added - at + (wrap == vq->added_wrap ? 0 : vq->size);
    return behind - 1 < count;
}

static bool offer(struct virtqueue *vq)
{
    uint16_t count = vq->unoffered;

    vq->unoffered = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint32_t event = __atomic_load_n((const uint32_t *)(const void *)vq->used, __ATOMIC_RELAXED);
    uint16_t flags = (event >> 16) & 3;
    if (flags == EVENT_DESC && vq->events)
        return passed(vq, (uint16_t)event, count);
    return flags != EVENT_DISABLE;
}

static bool used(const struct virtqueue *vq)
{
    const struct desc *desc = (const struct desc *)vq->desc + vq->taken;
    bool returned = is_used(desc, vq->taken_wrap);

    if (vq->out == 0) {
        if (returned)
            vq_lie(vq, "it returned a descriptor before it had it");
        return false;
    }
    if (!returned &&
        (__atomic_load_n(&desc->flags, __ATOMIC_RELAXED) >> AVAIL_BIT & 1) != vq->taken_wrap)
        vq_lie(vq, "it changed the flags of a descriptor to what they cannot be");
    return returned;
}

static struct vq_used take(struct virtqueue *vq)
{
    const volatile struct desc *desc = (const struct desc *)vq->desc + vq->taken;
    /* The length counts whether there is a flag that says so (2.8.5) or not: QEMU sets none. */
    return (struct vq_used){.id = desc->id, .len = desc->len};
}

static void release(struct virtqueue *vq, uint16_t id)
{
    vq->list[vq->first_free++] = id;
    vq->taken += vq->chains[id].count;
    if (vq->taken >= vq->size) {
        vq->taken -= vq->size;
        vq->taken_wrap = !vq->taken_wrap;
    }
}

static void ask(struct virtqueue *vq, bool interrupt)
{
    __atomic_store_n(vq->avail + EVENT_FLAGS, interrupt ? EVENT_ENABLE : EVENT_DISABLE,
                     __ATOMIC_RELAXED);
}

const struct vq_ring vq_packed = {
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
