/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The block calls of solo5.h: arguments are checked here, and a request is split into pieces that
 * the tender takes: single blocks, or longer ones where it offers them (EXT1_BLOCK_MULTI,
 * elf_abi.h).
 */
#include "bindings.h"

solo5_result_t solo5_block_acquire(const char *name, solo5_handle_t *handle,
                                   struct solo5_block_info *info)
{
    const struct mft_entry *dev = devices_acquire(name, MFT_DEV_BLOCK_BASIC, handle);
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    info->capacity = dev->u.block_basic.capacity;
    info->block_size = dev->u.block_basic.block_size;
    log_write(LOG_DEBUG, "block device %s acquired, %llu bytes", name,
              (unsigned long long)info->capacity);
    return SOLO5_R_OK;
}

static bool request_ok(const struct mft_block_basic *b, solo5_off_t offset, size_t size)
{
    uint64_t mask = (uint64_t)b->block_size - 1;
    return size != 0 && !(offset & mask) && !(size & mask) && offset <= b->capacity &&
           size <= b->capacity - offset;
}

/* The next piece of a request for (size) bytes at (offset) that the tender takes at once. */
static size_t piece(const struct mft_block_basic *b, solo5_off_t offset, size_t size)
{
    if (size <= b->block_size || !EXT1_HAS(ext_offer.features, EXT1_BLOCK_MULTI))
        return b->block_size;
    uint64_t limit = ext_offer.block_max;
    if (limit > b->capacity)
        limit = b->capacity;
    if (offset > b->capacity - limit)
        return b->block_size;
    return size < limit ? size : limit;
}

/* Moves a whole request; a (writing) one only reads (buf). */
static solo5_result_t move(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf, size_t size,
                           bool writing)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_BLOCK_BASIC);
    if (dev == NULL || !request_ok(&dev->u.block_basic, offset, size))
        return SOLO5_R_EINVAL;
    while (size != 0) {
        size_t len = piece(&dev->u.block_basic, offset, size);
        solo5_result_t result = writing ? target_block_write(handle, dev, offset, buf, len)
                                        : target_block_read(handle, dev, offset, buf, len);
        if (result != SOLO5_R_OK)
            return result;
        offset += len, buf += len, size -= len;
    }
    return SOLO5_R_OK;
}

solo5_result_t solo5_block_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *buf,
                                 size_t size)
{
    return move(handle, offset, (uint8_t *)buf, size, true);
}

solo5_result_t solo5_block_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf,
                                size_t size)
{
    return move(handle, offset, buf, size, false);
}
