/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A target whose devices are those of virtio_fake.h, for the calls of solo5.h and solo5_io.h.
 */
#include <string.h>

#include "bindings.h"
#include "virtio_fake.h"

volatile struct ext1_offer ext_offer;

bool string_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

void fake_attach(struct fake *fake)
{
    static uint64_t room[(sizeof(struct mft) + 2 * sizeof(struct mft_entry)) / 8 + 1];
    struct mft *mft = (struct mft *)room;
    mft->version = MFT_VERSION;
    mft->entries = 2;
    mft->e[1] = (struct mft_entry){.name = "device", .attached = true};
    ext_offer.features = 0;
    if (fake->dev.type == VIRTIO_TYPE_NET) {
        mft->e[1].type = MFT_DEV_NET_BASIC;
        virtio_net_info(&fake->dev, &mft->e[1].u.net_basic);
        ext_offer.features = UINT64_C(1) << EXT1_NET_OFFLOAD;
        ext_offer.net[1] = virtio_net_offload(&fake->dev);
        virtio_net_attach(&fake->dev, 1);
    } else {
        mft->e[1].type = MFT_DEV_BLOCK_BASIC;
        virtio_blk_info(&fake->dev, &mft->e[1].u.block_basic);
        ext_offer.features = UINT64_C(1) << EXT1_BLOCK_MULTI;
        ext_offer.block_max = 0x100000;
        virtio_blk_attach(&fake->dev, 1);
    }
    devices_init(mft);
}
