/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Packets that are lent to a network which is done with each when the call returns: see bindings.h.
 * What was sent waits only for its cookie to be taken back; what was posted, for something to
 * arrive.
 */
#include "bindings.h"

#define DEPTH NET_DIRECT_DEPTH

/* Rings: positions count up for ever, an index is a position modulo DEPTH. */
static struct lent {
    uint32_t sent, reclaimed;
    uint32_t posted, received;
    uint64_t cookies[DEPTH];
    struct net_buffer buffers[DEPTH];
} lent[MFT_MAX_ENTRIES];

static solo5_handle_set_t refused; /* networks that had no room for a packet to send */
static solo5_handle_set_t drained; /* those that have said, since we waited, that they are empty */

_Static_assert((DEPTH & (DEPTH - 1)) == 0, "positions wrap around");

solo5_result_t net_direct_send(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *packets, size_t count, size_t *sent,
                               net_write_fn *write)
{
    struct lent *l = &lent[handle];
    for (*sent = 0; *sent < count; ++*sent) {
        if (l->sent - l->reclaimed == DEPTH) {
            refused |= UINT64_C(1) << handle;
            return SOLO5_R_AGAIN;
        }
        solo5_result_t result = write(handle, dev, &packets[*sent]);
        if (result != SOLO5_R_OK)
            return result;
        l->cookies[l->sent++ % DEPTH] = packets[*sent].cookie;
    }
    return SOLO5_R_OK;
}

size_t net_direct_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    struct lent *l = &lent[handle];
    size_t count = 0;
    while (count < max && l->reclaimed != l->sent)
        cookies[count++] = l->cookies[l->reclaimed++ % DEPTH];
    if (count != 0)
        refused &= ~(UINT64_C(1) << handle);
    return count;
}

solo5_handle_set_t net_direct_wait(void)
{
    drained = 0;
    return refused;
}

solo5_result_t net_direct_post(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *buffers, size_t count, size_t *posted)
{
    struct lent *l = &lent[handle];
    (void)dev;
    for (*posted = 0; *posted < count; ++*posted) {
        if (l->posted - l->received == DEPTH)
            return SOLO5_R_AGAIN;
        l->buffers[l->posted++ % DEPTH] = (struct net_buffer){
            .segments = buffers[*posted].segments,
            .segment_count = buffers[*posted].segment_count,
            .cookie = buffers[*posted].cookie,
        };
    }
    return SOLO5_R_OK;
}

solo5_result_t net_direct_receive(solo5_handle_t handle, const struct mft_entry *dev,
                                  struct solo5_received *packets, size_t max, size_t *count,
                                  net_read_fn *read)
{
    struct lent *l = &lent[handle];
    solo5_result_t result = SOLO5_R_AGAIN;
    const uint64_t bit = UINT64_C(1) << handle;
    *count = 0;
    if (drained & bit) {
        drained &= ~bit;
        return SOLO5_R_AGAIN;
    }
    for (; *count < max && l->received != l->posted; ++*count) {
        const struct net_buffer *buffer = &l->buffers[l->received % DEPTH];
        result = read(handle, dev, buffer, &packets[*count]);
        if (result != SOLO5_R_OK)
            break;
        packets[*count].cookie = buffer->cookie;
        l->received++;
    }
    if (*count == 0)
        return result;
    /* Not to ask the host again when the program asks for more than there is. */
    if (result == SOLO5_R_AGAIN)
        drained |= bit;
    return SOLO5_R_OK;
}
