/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What split and packed queues share: memory, indirect tables, the check of what the device
 * returns, and waiting for all queues together. See virtqueue.h.
 */
#include "virtqueue.h"

#include "bindings.h"

/* A chain of so many pieces is as fast without an indirect table as with one. */
#define DIRECT_MAX 2

#define DESC_BYTES 16 /* split and packed: virtio 1.2, 2.7.5 and 2.8.13 */
#define PAGE       4096

#define FINISH_NS UINT64_C(1000000000)

struct vq_all vq_all;

static size_t round_up(size_t size)
{
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Where a legacy device looks for the parts (virtio 1.2, 2.7.2), and any other is told to. */
static void place(struct virtqueue *vq, struct virtio_queue_place *place)
{
    size_t driver = (size_t)vq->size * DESC_BYTES;
    size_t device = round_up(driver + ((size_t)vq->size + 3) * sizeof(uint16_t));
    uint8_t *memory =
        virtio_memory(device + (size_t)vq->size * sizeof(struct vq_used) + 3 * sizeof(uint16_t));

    vq->desc = memory;
    vq->avail = (uint16_t *)(memory + driver);
    vq->used = (uint16_t *)(memory + device);
    *place = (struct virtio_queue_place){
        .size = vq->size,
        .desc = (uint64_t)vq->desc,
        .driver = (uint64_t)vq->avail,
        .device = (uint64_t)vq->used,
    };
}

static void make_tables(struct virtqueue *vq, uint16_t tables)
{
    if (!VIRTIO_HAS(vq->dev->features, VIRTIO_F_INDIRECT_DESC) || tables == 0)
        return;
    vq->tables = virtio_memory((size_t)tables * vq->chain_max * DESC_BYTES);
    vq->free_tables = virtio_memory(tables * sizeof(uint16_t));
    while (vq->free_table_count < tables) {
        vq->free_tables[vq->free_table_count] = vq->free_table_count;
        vq->free_table_count++;
    }
}

/* The size of a queue that may have up to (max) descriptors: a split one's is a power of two. */
static uint16_t choose_size(const struct virtio_device *dev, uint16_t max)
{
    bool power = (max & (max - 1)) == 0;
    if (dev->legacy)
        return power && max <= 0x8000 ? max : 0;
    uint16_t size = VQ_SIZE_MAX;
    while (size > max)
        size /= 2;
    return size;
}

void vq_lie(const struct virtqueue *vq, const char *what)
{
    vq_all.finished = true; /* nothing of it is waited for any more */
    virtio_abort(vq->dev, what);
}

bool vq_open(struct virtqueue *vq, struct virtio_device *dev, uint16_t number, uint16_t chain_max,
             uint16_t tables)
{
    struct virtio_queue_place where;

    *vq = (struct virtqueue){.dev = dev, .queue = number};
    vq->size = choose_size(dev, dev->transport->queue_max(dev, number));
    vq->chain_max = chain_max < vq->size ? chain_max : vq->size;
    if (vq->size == 0) {
        virtio_fail(dev, "a queue is missing, or of a size that cannot be");
        return false;
    }
    vq->events = VIRTIO_HAS(dev->features, VIRTIO_F_EVENT_IDX);
    vq->ring = VIRTIO_HAS(dev->features, VIRTIO_F_RING_PACKED) ? &vq_packed : &vq_split;
    vq->chains = virtio_memory(vq->size * (sizeof *vq->chains + sizeof *vq->list));
    vq->list = (uint16_t *)(vq->chains + vq->size);
    make_tables(vq, tables);
    place(vq, &where);
    vq->ring->init(vq);
    vq->ring->ask(vq, false);
    if (!dev->transport->queue_setup(dev, number, &where))
        return false;
    vq->next = vq_all.queues;
    vq_all.queues = vq;
    return true;
}

void vq_leave(struct virtio_device *dev)
{
    bool has = false;
    for (struct virtqueue **at = &vq_all.queues; *at != NULL;) {
        if ((*at)->dev == dev) {
            has |= (*at)->out != 0;
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
    dev->failed |= !has;
    dev->transport->reset(dev);
    dev->failed = true;
}

uint16_t vq_pieces(struct vq_piece *pieces, const void *base, size_t len, uint16_t flags)
{
    const uint8_t *at = base;
    uint16_t count = 0;

    for (size_t part; len != 0; at += part, len -= part) {
        part = len;
        uint64_t addr = virtio_phys(at, &part, flags & VQ_DESC_WRITE);
        pieces[count++] = (struct vq_piece){.addr = addr, .len = (uint32_t)part, .flags = flags};
    }
    return count;
}

static bool goes_by_table(const struct virtqueue *vq, uint16_t count)
{
    return count > DIRECT_MAX && vq->free_table_count != 0;
}

bool vq_room(const struct virtqueue *vq, uint16_t count)
{
    return count <= vq->chain_max && vq->free >= (goes_by_table(vq, count) ? 1 : count);
}

uint16_t vq_next_id(const struct virtqueue *vq)
{
    return vq->ring->next_id(vq);
}

uint16_t vq_add(struct virtqueue *vq, const struct vq_piece *pieces, uint16_t count, uint32_t limit)
{
    uint16_t id = vq_next_id(vq);
    struct vq_chain *chain = &vq->chains[id];
    struct vq_piece indirect;

    *chain = (struct vq_chain){.limit = limit, .count = count, .table = VQ_NO_TABLE};
    if (goes_by_table(vq, count)) {
        size_t bytes = (size_t)vq->chain_max * DESC_BYTES;
        chain->table = vq->free_tables[--vq->free_table_count];
        chain->count = 1;
        void *table = vq->tables + chain->table * bytes;
        vq->ring->table(table, pieces, count);
        indirect = vq_piece(table, (size_t)count * DESC_BYTES, VQ_DESC_INDIRECT);
        pieces = &indirect;
    }
    vq->free -= chain->count;
    vq->out++;
    vq->ring->add(vq, pieces, chain->count);
    return id;
}

void vq_show(struct virtqueue *vq)
{
    if (vq->unoffered != 0 && vq->ring->offer(vq))
        vq->owed = true;
}

void vq_offer(struct virtqueue *vq)
{
    vq_show(vq);
    if (vq->owed && !vq->dev->failed)
        vq->dev->transport->notify(vq->dev, vq->queue);
    vq->owed = false;
}

bool vq_take(struct virtqueue *vq, struct vq_used *used)
{
    if (!vq->ring->used(vq))
        return false;
    *used = vq->ring->take(vq);
    if (used->id >= vq->size)
        vq_lie(vq, "it returned a descriptor that there is not");
    struct vq_chain *chain = &vq->chains[used->id];
    if (chain->count == 0)
        vq_lie(vq, "it returned a descriptor that it does not have");
    if (chain->limit != 0 && used->len > chain->limit)
        vq_lie(vq, "it says that it has written more than there is room for");
    vq->ring->release(vq, (uint16_t)used->id);
    if (chain->table != VQ_NO_TABLE)
        vq->free_tables[vq->free_table_count++] = chain->table;
    vq->free += chain->count;
    vq->out--;
    chain->count = 0;
    return true;
}

bool vq_await(struct virtqueue *vq, struct vq_used *used, solo5_time_t deadline)
{
    while (!vq_take(vq, used)) {
        if (target_clock_monotonic() >= deadline)
            return false;
        __builtin_ia32_pause();
    }
    return true;
}

void vq_attach(struct virtio_driver *driver)
{
    driver->next = vq_all.drivers;
    vq_all.drivers = driver;
}

void vq_abandon(struct virtio_driver *driver)
{
    if (!driver->abandoned && !driver->dev->transport->reset(driver->dev)) {
        vq_all.finished = true; /* nothing is waited for any more */
        virtio_abort(driver->dev, "it has the program's memory and does not come out of reset");
    }
    driver->abandoned = true;
}

static void call_drivers(bool before)
{
    for (struct virtio_driver *driver = vq_all.drivers; driver != NULL; driver = driver->next) {
        if (driver->dev->changed) {
            driver->dev->changed = false;
            driver->changed(driver);
        }
        if (before && driver->waits != NULL)
            driver->waits(driver);
    }
    if (before)
        virtio_look();
}

void virtio_look(void)
{
    for (struct virtio_driver *driver = vq_all.drivers; driver != NULL; driver = driver->next)
        if (driver->looks != NULL)
            driver->looks(driver);
}

solo5_handle_set_t virtio_ready(bool before)
{
    solo5_handle_set_t set = 0;

    call_drivers(before);
    for (struct virtqueue *vq = vq_all.queues; vq != NULL; vq = vq->next)
        if (vq->owed)
            vq_offer(vq);
    for (struct virtqueue *vq = vq_all.queues; vq != NULL; vq = vq->next)
        if (!vq->dev->failed && (vq->wanted || !before))
            vq->ring->ask(vq, before);
    /* What comes now is either seen below or wakes: virtio 1.2, 2.7.7.1. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (struct virtqueue *vq = vq_all.queues; vq != NULL; vq = vq->next)
        if (vq->wanted && vq->attached && (vq->ready || vq->dev->failed || vq->ring->used(vq)))
            set |= UINT64_C(1) << vq->handle;
    return set;
}

solo5_time_t virtio_wait_until(solo5_time_t deadline)
{
    for (const struct virtio_driver *d = vq_all.drivers; d != NULL; d = d->next)
        if (d->look_at != 0 && d->look_at < deadline)
            deadline = d->look_at;
    return deadline;
}

/* Takes back what is done; whether there is more to come that the program's end waits for. */
static bool busy(void)
{
    bool any = false;
    for (struct virtqueue *vq = vq_all.queues; vq != NULL; vq = vq->next) {
        struct vq_used used;
        vq->wanted = false;
        if (!vq->last || vq->dev->failed)
            continue;
        vq_offer(vq);
        while (vq_take(vq, &used))
            ;
        vq->wanted = vq->out != 0;
        any |= vq->wanted;
    }
    return any;
}

/* A device that does not get on does not keep the program from its end. */
void virtio_finish(void)
{
    if (vq_all.finished)
        return;
    vq_all.finished = true;
    solo5_time_t end = target_clock_monotonic() + FINISH_NS;
    while (busy() && target_clock_monotonic() < end)
        target_wait(end);
}
