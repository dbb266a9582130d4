/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The requests of solo5_io.h on disks that do one thing at a time: each is done when it is
 * submitted, and its completion waits to be taken.
 */
#include "bindings.h"

#define DEPTH 64

/* A ring: positions count up for ever, an index is a position modulo DEPTH. */
static struct done {
    uint32_t added, taken;
    struct solo5_block_completion completions[DEPTH];
} done[MFT_MAX_ENTRIES];

static solo5_handle_set_t ready; /* disks with completions */

_Static_assert((DEPTH & (DEPTH - 1)) == 0, "positions wrap around");

static solo5_result_t submit(solo5_handle_t handle, const struct mft_entry *dev,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted)
{
    struct done *d = &done[handle];
    (void)dev;
    for (*submitted = 0; *submitted < count; ++*submitted) {
        const struct solo5_block_request *request = &requests[*submitted];
        if (d->added - d->taken == DEPTH)
            return SOLO5_R_AGAIN;
        d->completions[d->added++ % DEPTH] = (struct solo5_block_completion){
            .cookie = request->cookie,
            .result = request->op == SOLO5_BLOCK_WRITE
                          ? solo5_block_write(handle, request->offset, request->buf, request->size)
                          : solo5_block_read(handle, request->offset, request->buf, request->size),
        };
        ready |= UINT64_C(1) << handle;
    }
    return SOLO5_R_OK;
}

static size_t complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max)
{
    struct done *d = &done[handle];
    size_t count = 0;
    while (count < max && d->taken != d->added)
        completions[count++] = d->completions[d->taken++ % DEPTH];
    if (d->taken == d->added)
        ready &= ~(UINT64_C(1) << handle);
    return count;
}

solo5_handle_set_t block_plain_ready(void)
{
    return ready;
}

const struct block_io block_plain = {
    .features = 1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE,
    .depth = DEPTH,
    .submit = submit,
    .complete = complete,
};
