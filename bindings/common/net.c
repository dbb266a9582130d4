/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network calls of solo5.h: arguments are checked here, frames are moved by the target.
 */
#include "bindings.h"

solo5_result_t solo5_net_acquire(const char *name, solo5_handle_t *handle,
                                 struct solo5_net_info *info)
{
    const struct mft_entry *dev = devices_acquire(name, MFT_DEV_NET_BASIC, handle);
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    memcpy(info->mac_address, dev->u.net_basic.mac, sizeof info->mac_address);
    info->mtu = dev->u.net_basic.mtu;
    log_write(LOG_DEBUG, "network %s acquired, mtu %llu", name, (unsigned long long)info->mtu);
    return SOLO5_R_OK;
}

static size_t frame_max(const struct mft_entry *dev)
{
    return (size_t)dev->u.net_basic.mtu + SOLO5_NET_HLEN;
}

solo5_result_t solo5_net_write(solo5_handle_t handle, const uint8_t *buf, size_t size)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    if (dev == NULL || size < SOLO5_NET_HLEN || size > frame_max(dev))
        return SOLO5_R_EINVAL;
    return target_net_write(handle, dev, buf, size);
}

solo5_result_t solo5_net_read(solo5_handle_t handle, uint8_t *buf, size_t size, size_t *read_size)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    if (dev == NULL || size < frame_max(dev))
        return SOLO5_R_EINVAL;
    /* A frame is never longer; a larger request might look wrong to the host. */
    return target_net_read(handle, dev, buf, frame_max(dev), read_size);
}
