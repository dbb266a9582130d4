/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5_dev.h: a program's devices as typed constants. `solo5-elftool gen-header` turns
 * manifest.json into a header with one constant for each device, `net_NAME` or `block_NAME`:
 *
 *     static const struct net_dev net_service = { "service", 1 };
 *
 * A misspelt name, or a block function on a network, then does not compile. The functions are those
 * of solo5.h with the device in the place of its handle; their arguments, results and conventions
 * are described there.
 */
#ifndef SOLO5_DEV_H
#define SOLO5_DEV_H

#include "solo5.h"

/* A network or a block device of the manifest. The constants are made by gen-header alone. */
struct net_dev {
    const char *name;
    solo5_handle_t handle; /* the index of its entry, 1 to 63 */
};
struct block_dev {
    const char *name;
    solo5_handle_t handle;
};

/*
 * Acquires the network; to be called once, before any other function on it.
 *
 * Returns as solo5_net_acquire, and SOLO5_R_EINVAL also when the header and the manifest that the
 * program was linked with come from different sources, so that the handles differ: the program
 * cannot go on with the device then.
 */
static inline solo5_result_t net_dev_acquire(struct net_dev dev, struct solo5_net_info *info)
{
    solo5_handle_t handle = 0;
    solo5_result_t result = solo5_net_acquire(dev.name, &handle, info);

    return result == SOLO5_R_OK && handle != dev.handle ? SOLO5_R_EINVAL : result;
}

/* solo5_net_read: one frame into (buf), which has room for (size) bytes. */
static inline solo5_result_t net_dev_read(struct net_dev dev, uint8_t *buf, size_t size,
                                          size_t *read_size)
{
    return solo5_net_read(dev.handle, buf, size, read_size);
}

/* solo5_net_write: one frame of (size) bytes. */
static inline solo5_result_t net_dev_write(struct net_dev dev, const uint8_t *buf, size_t size)
{
    return solo5_net_write(dev.handle, buf, size);
}

/* Returns whether (ready_set), as solo5_yield filled it in, has the network in it. */
static inline bool net_dev_ready(struct net_dev dev, solo5_handle_set_t ready_set)
{
    return (ready_set >> dev.handle & 1) != 0;
}

/* Acquires the block device: as net_dev_acquire, by solo5_block_acquire. */
static inline solo5_result_t block_dev_acquire(struct block_dev dev, struct solo5_block_info *info)
{
    solo5_handle_t handle = 0;
    solo5_result_t result = solo5_block_acquire(dev.name, &handle, info);

    return result == SOLO5_R_OK && handle != dev.handle ? SOLO5_R_EINVAL : result;
}

/* solo5_block_read: (size) bytes at (offset) into (buf). */
static inline solo5_result_t block_dev_read(struct block_dev dev, solo5_off_t offset, uint8_t *buf,
                                            size_t size)
{
    return solo5_block_read(dev.handle, offset, buf, size);
}

/* solo5_block_write: (size) bytes from (buf) at (offset). */
static inline solo5_result_t block_dev_write(struct block_dev dev, solo5_off_t offset,
                                             const uint8_t *buf, size_t size)
{
    return solo5_block_write(dev.handle, offset, buf, size);
}

#endif
