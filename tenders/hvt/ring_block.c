/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The queue of a disk: hvt_abi.h, virtio 1.2, 5.2.6. A request that the disk cannot do, or that is
 * not within it, fails; one that is none ends the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include "range.h"
#include "rings.h"
#include "vm.h"

/* Most bytes of zeroes that are written at once: a turn has it 64 times at most. */
#define ZEROES_MAX (UINT64_C(1) << 17)

/* In the place of a status: more of the request is to be done. */
#define NOT_DONE 0xff

struct request {
    const struct device *disk;
    uint64_t offset; /* bytes */
    struct iovec data;
    uint64_t *zeroed; /* bytes of it that are written already */
};

static uint8_t move(const struct request *request, bool writing)
{
    const struct device *disk = request->disk;
    uint64_t len = request->data.iov_len;

    if (len == 0 || len % disk->block_size != 0 || request->offset % disk->block_size != 0 ||
        !range_ok(request->offset, len, disk->capacity))
        return HVT_BLOCK_FAILED;
    if (!devices_block_move(disk, request->offset, request->data.iov_base, len, true, writing))
        return HVT_BLOCK_FAILED;
    return HVT_BLOCK_OK;
}

static uint8_t do_read(const struct request *request)
{
    return move(request, false);
}

static uint8_t do_write(const struct request *request)
{
    return move(request, true);
}

static uint8_t do_flush(const struct request *request)
{
    return fdatasync(request->disk->fd) == 0 ? HVT_BLOCK_OK : HVT_BLOCK_FAILED;
}

/* Of a discard and of write zeroes: where. Returns HVT_BLOCK_OK, or what it fails with. */
static uint8_t get_range(const struct request *request, uint64_t *offset, uint64_t *len)
{
    const struct device *disk = request->disk;
    struct hvt_block_range range;

    if (request->data.iov_len != sizeof range)
        return HVT_BLOCK_FAILED;
    ring_read(&request->data, &range, sizeof range);
    /* virtio 1.2, 5.2.6.2 */
    if (range.flags != 0)
        return HVT_BLOCK_UNKNOWN;
    *len = (uint64_t)range.count * HVT_BLOCK_SECTOR;
    if (__builtin_mul_overflow(range.sector, HVT_BLOCK_SECTOR, offset) || *len == 0 ||
        *len % disk->block_size != 0 || *offset % disk->block_size != 0 ||
        !range_ok(*offset, *len, disk->capacity))
        return HVT_BLOCK_FAILED;
    return HVT_BLOCK_OK;
}

/* Takes the blocks away: they read as zeroes then. */
static int punch(const struct device *disk, uint64_t offset, uint64_t len)
{
    return fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                     (off_t)len);
}

/* Only a hint: a disk that cannot do it keeps the contents. */
static uint8_t do_discard(const struct request *request)
{
    uint64_t offset, len;
    uint8_t status = get_range(request, &offset, &len);

    if (status != HVT_BLOCK_OK)
        return status;
    return punch(request->disk, offset, len) == 0 || errno == EOPNOTSUPP ? HVT_BLOCK_OK
                                                                         : HVT_BLOCK_FAILED;
}

/* Writes the next of (len) bytes of zeroes at (offset). */
static uint8_t write_part(const struct request *request, uint64_t offset, uint64_t len)
{
    static uint8_t zeroes[65536];
    uint64_t end = len - *request->zeroed < ZEROES_MAX ? len : *request->zeroed + ZEROES_MAX;

    while (*request->zeroed < end) {
        uint64_t left = end - *request->zeroed;
        uint64_t part = left < sizeof zeroes ? left : sizeof zeroes;

        if (!devices_block_move(request->disk, offset + *request->zeroed, zeroes, part, true, true))
            return HVT_BLOCK_FAILED;
        *request->zeroed += part;
    }
    return end == len ? HVT_BLOCK_OK : NOT_DONE;
}

static uint8_t do_write_zeroes(const struct request *request)
{
    uint64_t offset, len;
    uint8_t status = get_range(request, &offset, &len);

    if (status != HVT_BLOCK_OK)
        return status;
    /* The guest can have made another of the request of which a part is done. */
    if (*request->zeroed > len)
        return HVT_BLOCK_FAILED;
    if (*request->zeroed == 0) {
        if (punch(request->disk, offset, len) == 0)
            return HVT_BLOCK_OK;
        if (errno != EOPNOTSUPP)
            return HVT_BLOCK_FAILED;
    }
    return write_part(request, offset, len);
}

static const struct operation {
    uint32_t type;
    unsigned out_count, in_count; /* descriptors of a request */
    uint8_t (*run)(const struct request *request);
} operations[] = {
    {HVT_BLOCK_READ, 1, 2, do_read},
    {HVT_BLOCK_WRITE, 2, 1, do_write},
    {HVT_BLOCK_FLUSH, 1, 1, do_flush},
    {HVT_BLOCK_DISCARD, 2, 1, do_discard},
    {HVT_BLOCK_WRITE_ZEROES, 2, 1, do_write_zeroes},
};

static const struct operation *find_operation(uint32_t type)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (operations[i].type == type)
            return &operations[i];
    return NULL;
}

static uint8_t run(struct queue *queue, const struct ring_chain *chain)
{
    struct request request = {
        .disk = queue->device, .data = chain->iov[1], .zeroed = &queue->zeroed};
    const struct operation *operation;
    struct hvt_block_head head;

    ring_read(&chain->iov[0], &head, sizeof head);
    operation = find_operation(head.type);
    if (operation == NULL || operation->out_count != chain->out_count ||
        operation->in_count != chain->in_count)
        return HVT_BLOCK_UNKNOWN;
    if (__builtin_mul_overflow(head.sector, HVT_BLOCK_SECTOR, &request.offset))
        return HVT_BLOCK_FAILED;
    return operation->run(&request);
}

static bool is_request(const struct ring_chain *chain)
{
    unsigned count = chain->out_count + chain->in_count;

    return (count == 2 || count == 3) && chain->out_count != 0 && chain->in_count != 0 &&
           chain->iov[0].iov_len == sizeof(struct hvt_block_head) &&
           chain->iov[count - 1].iov_len == 1;
}

static enum turn serve(struct vm *vm, struct queue *queue, struct ring_chain *chain)
{
    unsigned count = chain->out_count + chain->in_count;
    uint8_t status;

    if (!is_request(chain))
        return queue_broken(queue, "not a request of a disk, of descriptors", count);
    status = run(queue, chain);
    /* It is the first again when the others had their turn. */
    if (status == NOT_DONE)
        return TURN_MORE;
    queue->zeroed = 0;
    *(uint8_t *)chain->iov[count - 1].iov_base = status;
    vm->rings.stats.blocks++;
    /* All that it may have written: the data of a read, and the status. */
    ring_return(&queue->ring, chain, (uint32_t)chain->in_len);
    return TURN_MORE;
}

const struct queue_kind queue_block = {"block", queue_turn, serve, 0};
