/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The block calls of solo5_io.h: arguments are checked here, requests are done by the target, or by
 * block_plain.c where it has no way of its own.
 */
#include "bindings.h"

static const struct block_io *io_of(solo5_handle_t handle, const struct mft_entry *dev)
{
    const struct block_io *io = target_block_io(handle, dev);
    return io != NULL ? io : &block_plain;
}

uint64_t solo5_block_features(solo5_handle_t handle)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_BLOCK_BASIC);
    return dev != NULL ? io_of(handle, dev)->features : 0;
}

size_t solo5_block_depth(solo5_handle_t handle)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_BLOCK_BASIC);
    return dev != NULL ? io_of(handle, dev)->depth : 0;
}

static bool request_ok(const struct mft_block_basic *b, const struct solo5_block_request *request,
                       uint64_t features)
{
    uint64_t mask = (uint64_t)b->block_size - 1;
    if (request->op > 63 || !(features >> request->op & 1) || request->reserved != 0)
        return false;
    if (request->op == SOLO5_BLOCK_FLUSH)
        return request->offset == 0 && request->size == 0;
    return request->size != 0 && !(request->offset & mask) && !(request->size & mask) &&
           request->offset <= b->capacity && request->size <= b->capacity - request->offset;
}

solo5_result_t solo5_block_submit(solo5_handle_t handle, const struct solo5_block_request *requests,
                                  size_t count, size_t *submitted)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_BLOCK_BASIC);
    size_t good = 0;
    *submitted = 0;
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    const struct block_io *io = io_of(handle, dev);
    while (good < count && request_ok(&dev->u.block_basic, &requests[good], io->features))
        good++;
    solo5_result_t result = SOLO5_R_OK;
    if (good != 0)
        result = io->submit(handle, dev, requests, good, submitted);
    return result == SOLO5_R_OK && good != count ? SOLO5_R_EINVAL : result;
}

size_t solo5_block_complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                            size_t max)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_BLOCK_BASIC);
    return dev != NULL ? io_of(handle, dev)->complete(handle, completions, max) : 0;
}
