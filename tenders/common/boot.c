/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a guest finds below its image: see boot.h.
 */
#include "boot.h"

#include <sys/random.h>

#include "devices.h"
#include "mft.h"

struct boot boot_layout(uint64_t base, uint64_t size, struct image *image)
{
    uint64_t mft = base + size;
    uint64_t cmdline = mft + mft_size(image_mft(image)->entries);

    return (struct boot){
        .mft = mft,
        .cmdline = cmdline,
        .more = (cmdline + BOOT_CMDLINE_SIZE + 7) & ~UINT64_C(7),
    };
}

int boot_write(const struct boot *boot, const struct gmem *gmem, struct image *image,
               const struct options *options, struct error *error)
{
    const struct mft *mft = image_mft(image);
    char *cmdline = gmem_at(gmem, boot->cmdline, BOOT_CMDLINE_SIZE);

    CHECK(cmdline != NULL);
    if (options_cmdline(options, cmdline, BOOT_CMDLINE_SIZE, error) < 0)
        return -1;
    gmem_write(gmem, boot->mft, mft, mft_size(mft->entries));
    return 0;
}

void boot_offer(struct ext1_offer *offer, const struct gmem *gmem, const struct image *image)
{
    offer->features |= 1 << EXT1_BLOCK_MULTI | 1 << EXT1_GUARD;
    offer->block_max = DEVICES_BLOCK_MAX;
    if (getrandom(offer->random, sizeof offer->random, 0) == sizeof offer->random)
        offer->features |= 1 << EXT1_RANDOM;
    offer->features &= image->ext1.knows;
    gmem_write(gmem, image->ext1.offer, offer, sizeof *offer);
}
