/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The device's side of a queue: see ring.h.
 */
#include "ring.h"

#include <string.h>

#include "image.h"
#include "memory.h"
#include "range.h"

/* virtio 1.2, 2.7.6 and 2.7.8, as 16-bit words: the index is the second of both rings. */
#define INDEX 1
#define ITEMS 2

static bool fail(struct ring_fault *fault, const char *text, uint64_t value)
{
    *fault = (struct ring_fault){text, value};
    return false;
}

void *ring_writable(const struct ring_memory *memory, uint64_t addr, uint64_t len)
{
    void *at = gmem_at(memory->gmem, addr, len);

    if (at == NULL || addr < HVT_GUEST_MIN_BASE || !image_writable(memory->image, addr, len))
        return NULL;
    return at;
}

bool ring_init(struct ring *ring, const struct ring_memory *memory,
               const struct hvt_hc_ring_setup *setup, struct ring_fault *fault)
{
    unsigned size = setup->size;

    if (size == 0 || size > HVT_RING_SIZE_MAX || (size & (size - 1)) != 0)
        return fail(fault, "not a size that a queue can have", size);
    if (setup->desc % 16 != 0)
        return fail(fault, "descriptors are not aligned", setup->desc);
    if (setup->avail % 2 != 0)
        return fail(fault, "available ring is not aligned", setup->avail);
    if (setup->used % 4 != 0)
        return fail(fault, "used ring is not aligned", setup->used);
    *ring = (struct ring){
        .size = size,
        .desc = ring_writable(memory, setup->desc, HVT_RING_DESC_BYTES(size)),
        .avail = ring_writable(memory, setup->avail, HVT_RING_AVAIL_BYTES(size)),
        .used = ring_writable(memory, setup->used, HVT_RING_USED_BYTES(size)),
    };
    if (ring->desc == NULL)
        return fail(fault, "descriptors are not in writable memory", setup->desc);
    if (ring->avail == NULL)
        return fail(fault, "available ring is not in writable memory", setup->avail);
    if (ring->used == NULL)
        return fail(fault, "used ring is not in writable memory", setup->used);
    return true;
}

static uint16_t avail_index(const struct ring *ring)
{
    return __atomic_load_n(ring->avail + INDEX, __ATOMIC_ACQUIRE);
}

/* Each member once: the guest may be writing. */
static struct hvt_ring_desc load_desc(const struct ring *ring, uint16_t index)
{
    const struct hvt_ring_desc *desc = ring->desc + index;

    return (struct hvt_ring_desc){
        .addr = __atomic_load_n(&desc->addr, __ATOMIC_RELAXED),
        .len = __atomic_load_n(&desc->len, __ATOMIC_RELAXED),
        .flags = __atomic_load_n(&desc->flags, __ATOMIC_RELAXED),
        .next = __atomic_load_n(&desc->next, __ATOMIC_RELAXED),
    };
}

static bool add_piece(struct ring_chain *chain, const struct ring_memory *memory,
                      const struct hvt_ring_desc *desc, struct ring_fault *fault)
{
    unsigned count = chain->out_count + chain->in_count;
    void *at;

    if (count == HVT_RING_CHAIN_MAX)
        return fail(fault, "chain is too long, or a loop, from descriptor", chain->head);
    if (desc->flags & ~(HVT_RING_DESC_NEXT | HVT_RING_DESC_WRITE))
        return fail(fault, "descriptor has flags", desc->flags);
    if (desc->flags & HVT_RING_DESC_WRITE) {
        at = ring_writable(memory, desc->addr, desc->len);
        if (at == NULL)
            return fail(fault, "buffer is not in writable memory", desc->addr);
        chain->in_count++;
        chain->in_len += desc->len;
    } else {
        at = gmem_at(memory->gmem, desc->addr, desc->len);
        if (at == NULL)
            return fail(fault, "buffer is not in memory", desc->addr);
        /* virtio 1.2, 2.7.4.2 */
        if (chain->in_count != 0)
            return fail(fault, "chain to be read from after it is written to, from descriptor",
                        chain->head);
        chain->out_count++;
        chain->out_len += desc->len;
    }
    chain->iov[count] = (struct iovec){at, desc->len};
    return true;
}

enum ring_state ring_next(const struct ring *ring, const struct ring_memory *memory,
                          struct ring_chain *chain, struct ring_fault *fault)
{
    uint16_t index = avail_index(ring);
    uint16_t waiting = (uint16_t)(index - ring->taken);
    struct hvt_ring_desc desc;

    if (waiting == 0)
        return RING_EMPTY;
    if (waiting > ring->size) {
        fail(fault, "available index has jumped to", index);
        return RING_BROKEN;
    }
    index = __atomic_load_n(ring->avail + ITEMS + ring->taken % ring->size, __ATOMIC_RELAXED);
    chain->head = index;
    chain->out_count = chain->in_count = 0;
    chain->out_len = chain->in_len = 0;
    do {
        if (index >= ring->size) {
            fail(fault, "no such descriptor", index);
            return RING_BROKEN;
        }
        desc = load_desc(ring, index);
        if (!add_piece(chain, memory, &desc, fault))
            return RING_BROKEN;
        index = desc.next;
    } while (desc.flags & HVT_RING_DESC_NEXT);
    return RING_CHAIN;
}

void ring_return(struct ring *ring, const struct ring_chain *chain, uint32_t written)
{
    struct hvt_ring_used *items = (struct hvt_ring_used *)(ring->used + ITEMS);
    struct hvt_ring_used *item = items + ring->returned % ring->size;

    __atomic_store_n(&item->id, chain->head, __ATOMIC_RELAXED);
    __atomic_store_n(&item->len, written, __ATOMIC_RELAXED);
    ring->taken++;
    ring->returned++;
}

void ring_read(const struct iovec *piece, void *to, size_t size)
{
    memcpy(to, piece->iov_base, size);
    /* The compiler is not to load any of it again. */
    __asm__ volatile("" : : : "memory");
}

bool ring_tell(struct ring *ring)
{
    uint16_t before = ring->told, event;

    if (ring->returned == before)
        return false;
    ring->told = ring->returned;
    __atomic_store_n(ring->used + INDEX, ring->returned, __ATOMIC_RELEASE);
    /* The index before the event: virtio 1.2, 2.7.7.2; the other side has it the other way. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    event = __atomic_load_n(ring->avail + ITEMS + ring->size, __ATOMIC_RELAXED);
    return (uint16_t)(ring->returned - event - 1) < (uint16_t)(ring->returned - before);
}

bool ring_ask(const struct ring *ring)
{
    uint16_t *event = ring->used + ITEMS + ring->size * (sizeof(struct hvt_ring_used) / 2);

    __atomic_store_n(event, ring->taken, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return avail_index(ring) != ring->taken;
}
