/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The requests of solo5_io.h on a disk with a ring: request n is made of the descriptors from 3 * n
 * on, which are a head, data if there are any, and a status.
 */
#include "virtqueue.h"

#define SIZE  1024
#define DEPTH 256
#define EACH  3

#define OPS                                                                    \
    (1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE | 1 << SOLO5_BLOCK_FLUSH | \
     1 << SOLO5_BLOCK_DISCARD | 1 << SOLO5_BLOCK_WRITE_ZEROES)

/* What the device looks at besides the program's data, and the cookie. */
struct slot {
    struct hvt_block_head head;
    struct hvt_block_range range;
    uint64_t cookie;
    uint8_t status;
    bool lent;
};

static struct disk {
    uint8_t memory[RING_BYTES(SIZE)] __attribute__((aligned(16)));
    struct ring ring;
    struct slot slots[DEPTH];
    uint16_t free[DEPTH];
    uint16_t free_count;
    bool made, failed;
} disks[HVT_RING_QUEUES];

static const struct {
    uint32_t type;
    bool range, data, written; /* which data: a range, the program's; written by the device */
} operations[] = {
    [SOLO5_BLOCK_READ] = {HVT_BLOCK_READ, false, true, true},
    [SOLO5_BLOCK_WRITE] = {HVT_BLOCK_WRITE, false, true, false},
    [SOLO5_BLOCK_FLUSH] = {HVT_BLOCK_FLUSH, false, false, false},
    [SOLO5_BLOCK_DISCARD] = {HVT_BLOCK_DISCARD, true, false, false},
    [SOLO5_BLOCK_WRITE_ZEROES] = {HVT_BLOCK_WRITE_ZEROES, true, false, false},
};

static struct disk *disk_of(solo5_handle_t handle)
{
    struct disk *disk = &disks[ring_first_queue(handle)];
    if (disk->made)
        return disk;
    disk->made = true;
    for (uint16_t i = 0; i < DEPTH; i++)
        disk->free[i] = i;
    disk->free_count = DEPTH;
    disk->ring = (struct ring){
        .queue = (uint8_t)(disk - disks),
        .handle = (uint8_t)handle,
        .size = SIZE,
        .last = true,
    };
    disk->failed = !ring_setup(&disk->ring, disk->memory);
    return disk;
}

static void submit_one(struct disk *disk, const struct solo5_block_request *request)
{
    uint16_t number = disk->free[--disk->free_count];
    uint16_t first = number * EACH, last = first + 1;
    struct slot *slot = &disk->slots[number];
    struct hvt_ring_desc *desc = disk->ring.desc;
    uint64_t sector = request->offset / HVT_BLOCK_SECTOR;

    *slot = (struct slot){
        .head = {.type = operations[request->op].type, .sector = sector},
        .range = {.sector = sector, .count = (uint32_t)(request->size / HVT_BLOCK_SECTOR)},
        .cookie = request->cookie,
        .status = HVT_BLOCK_FAILED,
        .lent = true,
    };
    desc[first] =
        (struct hvt_ring_desc){(uint64_t)&slot->head, sizeof slot->head, HVT_RING_DESC_NEXT, last};
    if (operations[request->op].range) {
        slot->head.sector = 0;
        desc[last] = (struct hvt_ring_desc){(uint64_t)&slot->range, sizeof slot->range,
                                            HVT_RING_DESC_NEXT, last + 1};
        last++;
    } else if (operations[request->op].data) {
        uint16_t flags = operations[request->op].written ? HVT_RING_DESC_WRITE : 0;
        desc[last] = (struct hvt_ring_desc){(uint64_t)request->buf, (uint32_t)request->size,
                                            flags | HVT_RING_DESC_NEXT, last + 1};
        last++;
    }
    desc[last] = (struct hvt_ring_desc){(uint64_t)&slot->status, 1, HVT_RING_DESC_WRITE, 0};
    ring_add(&disk->ring, first);
}

static solo5_result_t submit(solo5_handle_t handle, const struct mft_entry *dev,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted)
{
    (void)dev;
    struct disk *disk = disk_of(handle);
    solo5_result_t result = SOLO5_R_OK;
    for (*submitted = 0; *submitted < count && result == SOLO5_R_OK;) {
        if (disk->failed)
            result = SOLO5_R_EUNSPEC;
        else if (disk->free_count == 0)
            result = SOLO5_R_AGAIN;
        else if (requests[*submitted].size / HVT_BLOCK_SECTOR > UINT32_MAX)
            result = SOLO5_R_EINVAL;
        else
            submit_one(disk, &requests[(*submitted)++]);
    }
    if (!disk->failed)
        ring_tell(&disk->ring);
    disk->ring.wanted = disk->free_count != DEPTH;
    return result;
}

static size_t complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max)
{
    struct disk *disk = disk_of(handle);
    struct hvt_ring_used used;
    size_t count = 0;
    while (!disk->failed && count < max && ring_take(&disk->ring, &used)) {
        uint32_t number = used.id / EACH;
        if (number >= DEPTH || !disk->slots[number].lent)
            continue;
        struct slot *slot = &disk->slots[number];
        slot->lent = false;
        disk->free[disk->free_count++] = (uint16_t)number;
        completions[count++] = (struct solo5_block_completion){
            .cookie = slot->cookie,
            .result = slot->status == HVT_BLOCK_OK ? SOLO5_R_OK : SOLO5_R_EUNSPEC,
        };
    }
    disk->ring.wanted = disk->free_count != DEPTH;
    return count;
}

static const struct block_io block_ring = {
    .features = OPS,
    .depth = DEPTH,
    .submit = submit,
    .complete = complete,
};

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    if (ring_first_queue(handle) < 0)
        return NULL;
    const struct hvt_ring_offer *offer = (const struct hvt_ring_offer *)ext_offer.ring;
    return (offer->block_ops & OPS) == OPS ? &block_ring : NULL;
}
