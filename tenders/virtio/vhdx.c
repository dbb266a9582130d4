/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Hyper-V's format ([MS-VHDX]), dynamic: an empty log, the description, a table of blocks of 1 MiB,
 * the blocks that are not zero.
 */
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"

#define KB (UINT64_C(1) << 10)
#define MB (UINT64_C(1) << 20)

#define BLOCK         MB
#define CHUNK         ((UINT64_C(1) << 23) * SECTOR / BLOCK) /* blocks before a bitmap's entry */
#define LOG           (1 * MB)
#define METADATA      (2 * MB)
#define TABLE         (3 * MB)
#define ITEMS         (64 * KB) /* from METADATA */
#define FULLY_PRESENT 6

/* Flags of an item: it describes the disk, not the file; one must know it. */
#define ITEM_DISK     2
#define ITEM_REQUIRED 4

static const uint8_t guid_table[] = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
                                     0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const uint8_t guid_metadata[] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                        0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};

enum item { ITEM_FILE, ITEM_SIZE, ITEM_ID, ITEM_LOGICAL, ITEM_PHYSICAL, ITEM_COUNT };

static const struct {
    uint8_t guid[16];
    uint32_t size, flags;
} items[ITEM_COUNT] = {
    [ITEM_FILE] = {{0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa,
                    0x44, 0xe7, 0x6b},
                   8,
                   ITEM_REQUIRED},
    [ITEM_SIZE] = {{0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8,
                    0x3b, 0xf4, 0xb8},
                   8,
                   ITEM_DISK | ITEM_REQUIRED},
    [ITEM_ID] = {{0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef, 0xc3, 0x09, 0xe0,
                  0x00, 0xc7, 0x46},
                 16,
                 ITEM_DISK | ITEM_REQUIRED},
    [ITEM_LOGICAL] = {{0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8,
                       0xfa, 0xab, 0x5f},
                      4,
                      ITEM_DISK | ITEM_REQUIRED},
    [ITEM_PHYSICAL] = {{0xc7, 0x48, 0xa3, 0xcd, 0x5d, 0x44, 0x71, 0x44, 0x9c, 0xc9, 0xe9, 0x88,
                        0x52, 0x51, 0xc5, 0x56},
                       4,
                       ITEM_DISK | ITEM_REQUIRED},
};

static void put_headers(struct output *output, const struct disk *disk)
{
    uint8_t header[4 * KB];

    output_write(output, 0, "vhdxfile", 8);
    for (unsigned copy = 0; copy < 2; copy++) {
        memset(header, 0, sizeof header);
        memcpy(header, "head", 4);
        put_le64(header + 8, 1 + copy); /* the greater number is the valid one */
        disk_guid(disk, 0, header + 16);
        disk_guid(disk, 1, header + 32);
        put_le16(header + 66, 1);
        put_le32(header + 68, (uint32_t)MB);
        put_le64(header + 72, LOG);
        put_le32(header + 4, crc32c(0, header, sizeof header));
        output_write(output, (64 + 64 * copy) * KB, header, sizeof header);
    }
}

static void put_region(uint8_t *to, const uint8_t *guid, uint64_t offset, uint64_t size)
{
    memcpy(to, guid, 16);
    put_le64(to + 16, offset);
    put_le32(to + 24, (uint32_t)size);
    put_le32(to + 28, 1); /* one must know it */
}

static void put_regions(struct output *output, uint64_t table_size)
{
    struct blob regions = blob_new(64 * KB);

    memcpy(regions.data, "regi", 4);
    put_le32(regions.data + 8, 2);
    put_region(regions.data + 16, guid_table, TABLE, table_size);
    put_region(regions.data + 48, guid_metadata, METADATA, MB);
    put_le32(regions.data + 4, crc32c(0, regions.data, regions.size));
    output_write(output, 192 * KB, regions.data, regions.size);
    output_write(output, 256 * KB, regions.data, regions.size);
    free(regions.data);
}

static void put_metadata(struct output *output, const struct disk *disk)
{
    struct blob metadata = blob_new(ITEMS + 16 * ITEM_COUNT);
    uint8_t *entry = metadata.data + 32, *value = metadata.data + ITEMS;

    memcpy(metadata.data, "metadata", 8);
    put_le16(metadata.data + 10, ITEM_COUNT);
    for (unsigned i = 0; i < ITEM_COUNT; i++, entry += 32) {
        memcpy(entry, items[i].guid, 16);
        put_le32(entry + 16, (uint32_t)(ITEMS + 16 * i));
        put_le32(entry + 20, items[i].size);
        put_le32(entry + 24, items[i].flags);
    }
    put_le32(value + 16 * ITEM_FILE, (uint32_t)BLOCK);
    put_le64(value + 16 * ITEM_SIZE, disk->size);
    disk_guid(disk, 2, value + 16 * ITEM_ID);
    put_le32(value + 16 * ITEM_LOGICAL, SECTOR);
    put_le32(value + 16 * ITEM_PHYSICAL, SECTOR);
    output_write(output, METADATA, metadata.data, metadata.size);
    free(metadata.data);
}

void vhdx_write(struct output *output, const struct disk *disk)
{
    uint64_t blocks = (disk->size + BLOCK - 1) / BLOCK, entries = blocks + (blocks - 1) / CHUNK;
    struct blob table = blob_new(round_up(entries * 8, MB)), block = blob_new(BLOCK);
    uint64_t next = TABLE + table.size;

    for (uint64_t i = 0; i < blocks; i++)
        if (disk_read(disk, i * BLOCK, block.data, BLOCK)) {
            put_le64(table.data + (i + i / CHUNK) * 8, next | FULLY_PRESENT);
            output_write(output, next, block.data, BLOCK);
            next += BLOCK;
        }
    put_headers(output, disk);
    put_regions(output, table.size);
    put_metadata(output, disk);
    output_write(output, TABLE, table.data, table.size);
    output_size(output, next);
    free(table.data);
    free(block.data);
}
