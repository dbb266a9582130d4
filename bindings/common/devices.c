/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The devices of the manifest. A handle is the index of an entry; a device is used only after it
 * was acquired, and acquired once.
 */
#include "bindings.h"

static const struct mft *manifest;
static uint64_t acquired; /* bit n: entry n */
static solo5_handle_set_t networks;

void devices_init(const struct mft *mft)
{
    manifest = mft;
    for (unsigned i = 1; i < mft->entries && i < MFT_MAX_ENTRIES; i++)
        if (mft->e[i].type == MFT_DEV_NET_BASIC)
            networks |= UINT64_C(1) << i;
}

solo5_handle_set_t devices_networks(void)
{
    return networks;
}

const struct mft_entry *devices_acquire(const char *name, enum mft_type type,
                                        solo5_handle_t *handle)
{
    for (unsigned i = 1; i < manifest->entries && i < MFT_MAX_ENTRIES; i++) {
        const struct mft_entry *dev = &manifest->e[i];
        if (dev->type != type || !string_equal(dev->name, name))
            continue;
        if (!dev->attached || acquired >> i & 1)
            return NULL;
        acquired |= UINT64_C(1) << i;
        *handle = i;
        return dev;
    }
    return NULL;
}

const struct mft_entry *devices_get(solo5_handle_t handle, enum mft_type type)
{
    if (handle >= MFT_MAX_ENTRIES || !(acquired >> handle & 1))
        return NULL;
    const struct mft_entry *dev = &manifest->e[handle];
    return dev->type == type ? dev : NULL;
}
