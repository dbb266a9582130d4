/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The file that mkimage writes, and the formats that need no more than that: raw, and Microsoft's
 * VHD (version 1.0), fixed.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mkimage.h"

#define PIECE (64 * 1024)

static void fail(struct output *output)
{
    if (!output->failed)
        error_set(output->error, "%s: %s", output->path, strerror(errno));
    output->failed = true;
}

void output_write(struct output *output, uint64_t offset, const void *data, size_t size)
{
    const uint8_t *from = data;

    while (size != 0 && !output->failed) {
        ssize_t done = pwrite(output->fd, from, size, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            fail(output);
            return;
        }
        from += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
}

void output_size(struct output *output, uint64_t size)
{
    if (!output->failed && ftruncate(output->fd, (off_t)size) != 0)
        fail(output);
}

void raw_write(struct output *output, const struct disk *disk)
{
    uint8_t piece[PIECE];

    output_size(output, disk->size);
    for (unsigned i = 0; i < disk->count && !output->failed; i++) {
        const struct extent *e = &disk->extent[i];

        for (uint64_t at = 0; at < e->size; at += sizeof piece) {
            uint64_t len = e->size - at < sizeof piece ? e->size - at : sizeof piece;

            if (disk_read(disk, e->offset + at, piece, len))
                output_write(output, e->offset + at, piece, len);
        }
    }
}

/* The geometry of a disk with that many sectors: the algorithm of the specification's appendix. */
static void put_geometry(uint8_t *to, uint64_t sectors)
{
    uint32_t total = sectors > 65535 * 16 * 255 ? 65535 * 16 * 255 : (uint32_t)sectors;
    uint32_t per_track = 255, heads = 16, tracks;

    if (total < 65535 * 16 * 63) {
        per_track = 17;
        tracks = total / per_track;
        heads = (tracks + 1023) / 1024;
        heads = heads < 4 ? 4 : heads;
        if (tracks >= heads * 1024 || heads > 16) {
            per_track = 31;
            heads = 16;
            tracks = total / per_track;
        }
        if (tracks >= heads * 1024) {
            per_track = 63;
            heads = 16;
        }
    }
    put_be16(to, (uint16_t)(total / per_track / heads));
    to[2] = (uint8_t)heads;
    to[3] = (uint8_t)per_track;
}

void vhd_write(struct output *output, const struct disk *disk)
{
    uint8_t footer[SECTOR] = {0};
    uint32_t sum = 0;

    memcpy(footer, "conectix", 8);
    put_be32(footer + 8, 2); /* reserved, always set */
    put_be32(footer + 12, 0x10000);
    memset(footer + 16, 0xff, 8);
    /* The time of creation stays 0. */
    /* QEMU itself: of others readers take the size from the geometry, which is rounded down. */
    memcpy(footer + 28, "qem2", 4);
    put_be32(footer + 32, 0x10000);
    memcpy(footer + 36, "Wi2k", 4);
    put_be64(footer + 40, disk->size);
    put_be64(footer + 48, disk->size);
    put_geometry(footer + 56, disk->size / SECTOR);
    put_be32(footer + 60, 2); /* fixed */
    disk_guid(disk, 0, footer + 68);
    for (size_t i = 0; i < sizeof footer; i++)
        sum += footer[i];
    put_be32(footer + 64, ~sum);
    raw_write(output, disk);
    output_write(output, disk->size, footer, sizeof footer);
}
