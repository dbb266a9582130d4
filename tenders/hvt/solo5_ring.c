/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Solo5's own ring for networks: see solo5_ring.h. A guest that reads waits for the commit and does
 * nothing else, so after frames have moved the worker looks for the next entry for some
 * microseconds, as long as that has been of use; a guest that does nothing costs nothing.
 */
#include "solo5_ring.h"

#include <errno.h>
#include <unistd.h>

#include "machine.h"
#include "rings.h"
#include "solo5.h"
#include "vm.h"

#define MASK (HVT_NET_RING_SIZE - 1)

/* Most entries until signals and other queues have their turn. */
#define TURN_ENTRIES 64

/* How often to look, each time with a pause: up to some 50 us. */
#define LOOKS 1000
/* From this on only one time in SKIPS; it is what each look in vain adds 2 to. */
#define VAIN_LIMIT 8
#define VAIN_MAX   16
#define SKIPS      128

static uint32_t waiting(const struct solo5_ring *ring)
{
    return __atomic_load_n(&ring->shared->entry_tail, __ATOMIC_ACQUIRE) - ring->taken;
}

/* Each member once: the guest may be writing. */
static struct hvt_net_ring_entry load_entry(const struct solo5_ring *ring)
{
    const struct hvt_net_ring_entry *entry = &ring->shared->entries[ring->taken & MASK];

    return (struct hvt_net_ring_entry){
        .operation = __atomic_load_n(&entry->operation, __ATOMIC_RELAXED),
        .handle = __atomic_load_n(&entry->handle, __ATOMIC_RELAXED),
        .data = __atomic_load_n(&entry->data, __ATOMIC_RELAXED),
        .len = __atomic_load_n(&entry->len, __ATOMIC_RELAXED),
        .id = __atomic_load_n(&entry->id, __ATOMIC_RELAXED),
    };
}

static void take_entry(struct solo5_ring *ring)
{
    __atomic_store_n(&ring->shared->entry_head, ++ring->taken, __ATOMIC_RELEASE);
}

static void commit(struct solo5_ring *ring, uint32_t id, int32_t ret, uint32_t len)
{
    struct hvt_net_ring_commit *to = &ring->shared->commits[ring->committed & MASK];

    __atomic_store_n(&to->id, id, __ATOMIC_RELAXED);
    __atomic_store_n(&to->ret, ret, __ATOMIC_RELAXED);
    __atomic_store_n(&to->len, len, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->shared->commit_tail, ++ring->committed, __ATOMIC_RELEASE);
}

/* A frame for which the host has no room, or that is none, is lost: there is nobody to tell. */
static enum turn serve_write(struct vm *vm, struct queue *queue, const struct device *nic,
                             const struct hvt_net_ring_entry *entry)
{
    const void *from = gmem_at(&vm->gmem, entry->data, entry->len);

    if (from == NULL)
        return queue_broken(queue, "buffer is not in memory", entry->data);
    if (entry->len >= SOLO5_NET_HLEN && entry->len <= (uint32_t)nic->mtu + SOLO5_NET_HLEN &&
        write(nic->fd, from, entry->len) >= 0)
        vm->rings.stats.sent++;
    else
        vm->rings.stats.dropped++;
    take_entry(&queue->solo5);
    return TURN_MORE;
}

static int32_t read_frame(struct vm *vm, const struct device *nic, uint32_t handle, void *to,
                          uint32_t *len)
{
    ssize_t got;

    if (*len < (uint32_t)nic->mtu + SOLO5_NET_HLEN)
        return SOLO5_R_EINVAL;
    got = read(nic->fd, to, *len);
    if (got > 0) {
        vm->rings.stats.received++;
        *len = (uint32_t)got;
        return SOLO5_R_OK;
    }
    if (got == 0 || devices_net_empty(errno))
        return SOLO5_R_AGAIN;
    hypercall_no_poll(vm, handle);
    return SOLO5_R_EUNSPEC;
}

static enum turn serve_read(struct vm *vm, struct queue *queue, const struct device *nic,
                            const struct hvt_net_ring_entry *entry)
{
    void *to = ring_writable(&vm->rings.memory, entry->data, entry->len);
    uint32_t len = entry->len;
    int32_t ret;

    if (to == NULL)
        return queue_broken(queue, "buffer is not in writable memory", entry->data);
    ret = read_frame(vm, nic, entry->handle, to, &len);
    /* The guest has room for the next as soon as it sees the commit. */
    take_entry(&queue->solo5);
    commit(&queue->solo5, entry->id, ret, ret == SOLO5_R_OK ? len : 0);
    return TURN_MORE;
}

static enum turn serve_entry(struct vm *vm, struct queue *queue)
{
    const struct hvt_net_ring_entry entry = load_entry(&queue->solo5);
    const struct device *nic = devices_get(&vm->devices, entry.handle, MFT_DEV_NET_BASIC);

    if (nic == NULL)
        return queue_broken(queue, "no network has handle", entry.handle);
    switch (entry.operation) {
    case HVT_NET_RING_WRITE:
        return serve_write(vm, queue, nic, &entry);
    case HVT_NET_RING_READ:
        return serve_read(vm, queue, nic, &entry);
    }
    return queue_broken(queue, "no such operation", entry.operation);
}

static bool look_often(struct solo5_ring *ring)
{
    if (ring->vain >= VAIN_LIMIT && ++ring->skipped < SKIPS)
        return false;
    ring->skipped = 0;
    for (unsigned i = 0; i < LOOKS; i++) {
        if (waiting(ring) != 0) {
            ring->vain -= ring->vain != 0;
            return true;
        }
        machine_pause();
    }
    ring->vain = ring->vain + 2 < VAIN_MAX ? ring->vain + 2 : VAIN_MAX;
    return false;
}

static void set_asked(struct solo5_ring *ring, bool asked)
{
    if (ring->asked != asked)
        __atomic_store_n(&ring->shared->needs_kick, asked, __ATOMIC_RELAXED);
    ring->asked = asked;
}

/* Asks for a kick; true if there is an entry already. The guest adds one, then looks whether to
 * kick. */
static bool ask(struct solo5_ring *ring)
{
    set_asked(ring, true);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return waiting(ring) != 0;
}

static enum turn serve(struct vm *vm, struct queue *queue)
{
    struct solo5_ring *ring = &queue->solo5;
    uint32_t first = ring->taken;

    /* A look is an entry of the turn, too: a guest can make it find what is gone again. */
    for (unsigned i = 0; i < TURN_ENTRIES; i++) {
        uint32_t count = waiting(ring);
        enum turn turn;

        if (count > HVT_NET_RING_SIZE)
            return queue_broken(queue, "count of entries has jumped to", count + ring->taken);
        if (count == 0) {
            if ((ring->taken != first && look_often(ring)) || ask(ring))
                continue;
            return TURN_IDLE;
        }
        set_asked(ring, false);
        turn = serve_entry(vm, queue);
        if (turn != TURN_MORE)
            return turn;
    }
    return TURN_MORE;
}

const struct queue_kind queue_solo5 = {.name = "Solo5's", .serve = serve};
