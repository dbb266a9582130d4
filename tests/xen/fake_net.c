/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * In the place of net_direct.c, whose state outlives a test: one buffer, which is always posted.
 */
#include "fake.h"

const struct net_buffer *fake_posted;

solo5_result_t net_direct_post(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *buffers, size_t count, size_t *done)
{
    (void)handle, (void)dev, (void)buffers, (void)count;
    *done = 0;
    return SOLO5_R_AGAIN;
}

solo5_result_t net_direct_receive(solo5_handle_t handle, const struct mft_entry *dev,
                                  struct solo5_received *packets, size_t max, size_t *count,
                                  net_read_fn *read)
{
    for (*count = 0; *count < max && fake_posted != NULL; ++*count)
        if (read(handle, dev, fake_posted, &packets[*count]) != SOLO5_R_OK)
            break;
    return *count != 0 ? SOLO5_R_OK : SOLO5_R_AGAIN;
}
