/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Disks by io_uring(7): see block_uring.h. A request has a slot from its submission until its
 * completion is taken:
 *
 *   free -- take --> queued -- kernel --> reap --> done -- complete --> free
 *                      ^                   |
 *                      +------ queue ------+   when the host has done a part of it
 *
 * What the ring does not do, or gives up, is done at once: the slot is done when submit returns. No
 * more slots are in use than the kernel has room for completions, so that it never has to keep any
 * back.
 */
#include "block_uring.h"

#include "bindings.h"
#include "spt_abi.h"
#include "syscall.h"

/* From the kernel's interface: linux/errno.h, linux/falloc.h, linux/io_uring.h. */
#define EINTR                4
#define EAGAIN               11
#define EOPNOTSUPP           95
#define ECANCELED            125
#define FALLOC_FL_KEEP_SIZE  1
#define FALLOC_FL_PUNCH_HOLE 2

#define IORING_OP_READ   22
#define IORING_OP_WRITE  23
#define IOSQE_FIXED_FILE 1

struct sqe {
    uint8_t opcode, flags;
    uint16_t ioprio;
    int32_t file;
    uint64_t offset, addr;
    uint32_t len, op_flags;
    uint64_t user_data;
    uint64_t rest[3];
};
_Static_assert(sizeof(struct sqe) == 64, "linux/io_uring.h, struct io_uring_sqe");

struct cqe {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};
_Static_assert(sizeof(struct cqe) == 16, "linux/io_uring.h, struct io_uring_cqe");

#define SLOTS 1024
#define PIECE_MAX                                                                  \
    (UINT32_C(1) << 30) /* what one entry asks for; the kernel would stop at 2 GiB \
                         */
#define NO_SLOT UINT16_MAX

static struct slot {
    uint64_t cookie, offset;
    uint8_t *buf;
    size_t left; /* bytes to be moved */
    solo5_result_t result;
    uint16_t next;
    uint8_t op, handle;
} slots[SLOTS];

static struct disk {
    uint16_t first, last; /* done; NO_SLOT: none */
    uint16_t outstanding; /* slots that are not free */
    bool seen;            /* the rest is initialised */
} disks[MFT_MAX_ENTRIES];

static struct {
    const struct spt_uring *info;
    uint32_t *sq_head, *sq_tail, *cq_head, *cq_tail;
    struct sqe *sqes;
    const struct cqe *cqes;
    uint32_t sq_mask, cq_mask;
    uint32_t tail, head;      /* ours: of the submissions, of the completions */
    uint16_t free, used;      /* slots that were in use before; how many ever were */
    solo5_handle_set_t ready; /* disks with slots that are done */
} ring;

/* How many entries the kernel has not taken. */
static uint32_t queued(void)
{
    return ring.tail - __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE);
}

/* Tells the kernel of what is queued. What it has no memory for now stays queued. */
static void enter(void)
{
    uint32_t count = queued();
    if (count != 0)
        syscall5(SYS_io_uring_enter, ring.info->fd, (long)count, 0, 0, 0);
}

static void finish(struct slot *slot, solo5_result_t result)
{
    struct disk *disk = &disks[slot->handle];
    uint16_t index = (uint16_t)(slot - slots);
    slot->result = result;
    slot->next = NO_SLOT;
    if (disk->first == NO_SLOT)
        disk->first = index;
    else
        slots[disk->last].next = index;
    disk->last = index;
    ring.ready |= UINT64_C(1) << slot->handle;
}

/* Queues what is left of a request. Returns whether there was room. */
static bool queue(const struct slot *slot)
{
    if (queued() > ring.sq_mask)
        enter();
    if (queued() > ring.sq_mask)
        return false;
    ring.sqes[ring.tail & ring.sq_mask] = (struct sqe){
        .opcode = slot->op == SOLO5_BLOCK_READ ? IORING_OP_READ : IORING_OP_WRITE,
        .flags = IOSQE_FIXED_FILE,
        .file = ring.info->file[slot->handle],
        .offset = slot->offset,
        .addr = (uint64_t)slot->buf,
        .len = (uint32_t)(slot->left < PIECE_MAX ? slot->left : PIECE_MAX),
        .user_data = (uint64_t)(slot - slots),
    };
    __atomic_store_n(ring.sq_tail, ++ring.tail, __ATOMIC_RELEASE);
    return true;
}

/* A block that the host cannot take away is as good as one that it did, unless it is to read as
 * zeros. */
static solo5_result_t clear(const struct slot *slot, const struct mft_entry *dev)
{
    static uint8_t zeros[32768]; /* as large as a block can be */
    long error;
    do {
        error = syscall5(SYS_fallocate, dev->b.hostfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                         (long)slot->offset, (long)slot->left, 0);
    } while (error == -EINTR);
    if (error != -EOPNOTSUPP)
        return error == 0 ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
    if (slot->op == SOLO5_BLOCK_DISCARD)
        return SOLO5_R_OK;
    for (size_t at = 0; at < slot->left;) {
        size_t len = slot->left - at < sizeof zeros ? slot->left - at : sizeof zeros;
        if (solo5_block_write(slot->handle, slot->offset + at, zeros, len) != SOLO5_R_OK)
            return SOLO5_R_EUNSPEC;
        at += len;
    }
    return SOLO5_R_OK;
}

/* A request that the ring does not take. */
static solo5_result_t do_now(const struct slot *slot)
{
    const struct mft_entry *dev = devices_get(slot->handle, MFT_DEV_BLOCK_BASIC);
    switch (slot->op) {
    case SOLO5_BLOCK_READ:
        return solo5_block_read(slot->handle, slot->offset, slot->buf, slot->left);
    case SOLO5_BLOCK_WRITE:
        return solo5_block_write(slot->handle, slot->offset, slot->buf, slot->left);
    case SOLO5_BLOCK_FLUSH:
        return syscall5(SYS_fdatasync, dev->b.hostfd, 0, 0, 0, 0) == 0 ? SOLO5_R_OK
                                                                       : SOLO5_R_EUNSPEC;
    default:
        return clear(slot, dev);
    }
}

/* What the host says of a request that was queued. */
static void progress(struct slot *slot, int32_t result)
{
    /* No memory or no thread for it at the host. */
    bool again = result == -EAGAIN || result == -EINTR || result == -ECANCELED;
    if (result > 0 && (uint32_t)result <= slot->left) {
        slot->offset += (uint32_t)result, slot->buf += (uint32_t)result;
        slot->left -= (uint32_t)result;
        if (slot->left == 0) {
            finish(slot, SOLO5_R_OK);
            return;
        }
        if (queue(slot))
            return;
        again = true;
    }
    if (again)
        finish(slot, do_now(slot));
    else /* a read or write of nothing: the host's file has become shorter */
        finish(slot, SOLO5_R_EUNSPEC);
}

static void reap(void)
{
    if (ring.info->fd < 0)
        return;
    uint32_t tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
    while (ring.head != tail) {
        struct cqe cqe = ring.cqes[ring.head & ring.cq_mask];
        __atomic_store_n(ring.cq_head, ++ring.head, __ATOMIC_RELEASE);
        progress(&slots[cqe.user_data % SLOTS], cqe.result);
    }
    enter();
}

static struct block_io io; /* set by block_uring */

static struct slot *take(solo5_handle_t handle, const struct solo5_block_request *request)
{
    struct disk *disk = &disks[handle];
    if (!disk->seen)
        *disk = (struct disk){.first = NO_SLOT, .seen = true};
    if (disk->outstanding == io.depth)
        return NULL;
    uint16_t index = ring.free;
    if (index != NO_SLOT)
        ring.free = slots[index].next;
    else
        index = ring.used++;
    disk->outstanding++;
    slots[index] = (struct slot){
        .cookie = request->cookie,
        .offset = request->offset,
        .buf = request->buf,
        .left = request->size,
        .op = (uint8_t)request->op,
        .handle = (uint8_t)handle,
    };
    return &slots[index];
}

static void give_back(struct slot *slot)
{
    slot->next = ring.free;
    ring.free = (uint16_t)(slot - slots);
    disks[slot->handle].outstanding--;
}

static solo5_result_t submit(solo5_handle_t handle, const struct mft_entry *dev,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted)
{
    (void)dev;
    bool in_ring = ring.info->file[handle] >= 0;
    for (*submitted = 0; *submitted < count; ++*submitted) {
        struct slot *slot = take(handle, &requests[*submitted]);
        if (slot == NULL)
            break;
        if (!in_ring || slot->op > SOLO5_BLOCK_WRITE) {
            finish(slot, do_now(slot));
        } else if (!queue(slot)) {
            give_back(slot);
            break;
        }
    }
    if (in_ring)
        enter();
    return *submitted == count ? SOLO5_R_OK : SOLO5_R_AGAIN;
}

static size_t complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max)
{
    struct disk *disk = &disks[handle];
    size_t count = 0;
    reap();
    while (count < max && disk->seen && disk->first != NO_SLOT) {
        struct slot *slot = &slots[disk->first];
        disk->first = slot->next;
        completions[count].cookie = slot->cookie;
        completions[count++].result = slot->result;
        give_back(slot);
    }
    if (!disk->seen || disk->first == NO_SLOT)
        ring.ready &= ~(UINT64_C(1) << handle);
    return count;
}

solo5_handle_set_t block_uring_poll(solo5_time_t *deadline)
{
    reap();
    /* Nobody wakes for what is done, nor for what the kernel had no memory to take. */
    if (ring.ready != 0 || (ring.info->fd >= 0 && queued() != 0))
        *deadline = 0;
    return ring.ready;
}

static size_t find_depth(const struct mft *mft)
{
    size_t room = SLOTS, count = 0;
    for (unsigned i = 1; i < mft->entries; i++)
        count += mft->e[i].type == MFT_DEV_BLOCK_BASIC;
    if (ring.info->fd >= 0 && ring.info->cq_entries < room)
        room = ring.info->cq_entries;
    return room / count;
}

const struct block_io *block_uring(const struct mft *mft)
{
    if (ring.info != NULL)
        return &io;
    const struct spt_uring *info = (const struct spt_uring *)ext_offer.uring;
    static const char *const reasons[] = {
        [SPT_URING_HOST] = "the host allows no io_uring: disks do",
        [SPT_URING_OUTPUT] = "standard output is a file: disks that are files do",
        [SPT_URING_SIZES] = "disks are files of different sizes: all but the largest do",
    };
    if (info->refused != 0 && info->refused < sizeof reasons / sizeof reasons[0])
        log_write(LOG_WARN, "%s one thing at a time", reasons[info->refused]);
    ring.info = info;
    ring.free = NO_SLOT;
    ring.sq_head = (uint32_t *)info->sq_head;
    ring.sq_tail = (uint32_t *)info->sq_tail;
    ring.cq_head = (uint32_t *)info->cq_head;
    ring.cq_tail = (uint32_t *)info->cq_tail;
    ring.sqes = (struct sqe *)info->sqes;
    ring.cqes = (const struct cqe *)info->cqes;
    ring.sq_mask = info->sq_entries - 1;
    ring.cq_mask = info->cq_entries - 1;
    io = (struct block_io){
        .features = 1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE | 1 << SOLO5_BLOCK_FLUSH |
                    1 << SOLO5_BLOCK_DISCARD | 1 << SOLO5_BLOCK_WRITE_ZEROES,
        .depth = find_depth(mft),
        .submit = submit,
        .complete = complete,
    };
    return &io;
}
