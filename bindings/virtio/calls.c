/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls of target.h on devices, each by virtio's driver. The machine is left out, for tests of
 * the drivers link this.
 */
#include "bindings.h"
#include "virtio_device.h"

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    (void)dev;
    return virtio_net_write(handle, buf, size);
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    (void)dev;
    return virtio_net_read(handle, buf, size, read_size);
}

solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size)
{
    (void)dev;
    return virtio_blk_write(handle, offset, buf, size);
}

solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size)
{
    (void)dev;
    return virtio_blk_read(handle, offset, buf, size);
}

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    return virtio_net_io(handle);
}

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    return virtio_blk_io(handle);
}
