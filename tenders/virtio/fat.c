/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A FAT16 file system with the one file /EFI/BOOT/BOOTX64.EFI (Microsoft's FAT
 * specification, 1.03): 16 bits whatever the size, as UEFI has to take each kind, and clusters that
 * make it so.
 */
#include <string.h>

#include "mkimage.h"

#define RESERVED      1
#define FATS          2
#define ROOT_ENTRIES  512
#define ROOT_SECTORS  (ROOT_ENTRIES * 32 / SECTOR)
#define CLUSTERS_MIN  4100 /* 4085, and some to be safe from those who count otherwise */
#define CLUSTERS_MAX  65500
#define SPC_MAX       64
#define FIRST_CLUSTER 2
#define LAST          0xffff
#define MEDIA         0xf8
#define DIRECTORY     0x10
#define DATE          0x21 /* 1 January 1980, the first that there is */
#define FILE_MAX      (UINT64_C(1) << 30)

struct fat {
    uint8_t *sector;
    uint32_t spc; /* sectors a cluster */
    uint32_t clusters, fat_sectors;
    uint32_t next; /* free cluster */
};

static uint8_t *cluster(const struct fat *fat, uint32_t number)
{
    uint32_t sector =
        RESERVED + FATS * fat->fat_sectors + ROOT_SECTORS + (number - FIRST_CLUSTER) * fat->spc;

    return fat->sector + (size_t)sector * SECTOR;
}

static void set_next(const struct fat *fat, uint32_t number, uint16_t next)
{
    for (uint32_t i = 0; i < FATS; i++)
        put_le16(fat->sector + (size_t)(RESERVED + i * fat->fat_sectors) * SECTOR + number * 2,
                 next);
}

/* A chain for (size) bytes; returns its first cluster. */
static uint32_t allocate(struct fat *fat, size_t size)
{
    uint32_t count = (uint32_t)((size + (size_t)fat->spc * SECTOR - 1) / (fat->spc * SECTOR));
    uint32_t first = fat->next;

    fat->next += count;
    for (uint32_t i = first; i + 1 < fat->next; i++)
        set_next(fat, i, (uint16_t)(i + 1));
    set_next(fat, fat->next - 1, LAST);
    return first;
}

static void put_entry(uint8_t *to, const char *name, uint8_t attributes, uint32_t first,
                      uint32_t size)
{
    memcpy(to, name, 11);
    to[11] = attributes;
    put_le16(to + 16, DATE);
    put_le16(to + 18, DATE);
    put_le16(to + 24, DATE);
    put_le16(to + 26, (uint16_t)first);
    put_le32(to + 28, size);
}

/* A directory in that one; returns its first cluster. */
static uint32_t make_directory(struct fat *fat, uint8_t *entry, const char *name, uint32_t parent)
{
    uint32_t first = allocate(fat, SECTOR);

    put_entry(entry, name, DIRECTORY, first, 0);
    put_entry(cluster(fat, first), ".          ", DIRECTORY, first, 0);
    put_entry(cluster(fat, first) + 32, "..         ", DIRECTORY, parent, 0);
    return first;
}

static void put_boot_sector(uint8_t *to, const struct fat *fat, uint32_t sectors, uint32_t start,
                            uint32_t serial)
{
    static const uint8_t jump[] = {0xeb, 0x3c, 0x90};

    memcpy(to, jump, sizeof jump);
    memcpy(to + 3, "QUINTET ", 8);
    put_le16(to + 11, SECTOR);
    to[13] = (uint8_t)fat->spc;
    put_le16(to + 14, RESERVED);
    to[16] = FATS;
    put_le16(to + 17, ROOT_ENTRIES);
    put_le16(to + 19, sectors < 65536 ? (uint16_t)sectors : 0);
    to[21] = MEDIA;
    put_le16(to + 22, (uint16_t)fat->fat_sectors);
    put_le16(to + 24, 63); /* sectors a track, and heads: as good as any */
    put_le16(to + 26, 255);
    put_le32(to + 28, start);
    put_le32(to + 32, sectors < 65536 ? 0 : sectors);
    to[36] = 0x80;
    to[38] = 0x29; /* the next three are there */
    put_le32(to + 39, serial);
    memcpy(to + 43, "NO NAME    ", 11);
    memcpy(to + 54, "FAT16   ", 8);
    put_le16(to + 510, 0xaa55);
}

int fat_make(struct blob *blob, const struct blob *program, uint32_t start, struct error *error)
{
    struct fat fat = {.spc = 1, .next = FIRST_CLUSTER};
    uint32_t sectors, directory;
    uint8_t *root;

    if (program->size > FILE_MAX)
        return error_set(error, "is too large to be started by UEFI from a disk");
    while (fat.spc < SPC_MAX && program->size / (fat.spc * SECTOR) + 4 > CLUSTERS_MAX)
        fat.spc *= 2;
    fat.clusters = (uint32_t)(program->size / (fat.spc * SECTOR) + 4);
    if (fat.clusters < CLUSTERS_MIN)
        fat.clusters = CLUSTERS_MIN;
    fat.fat_sectors = (uint32_t)round_up((fat.clusters + FIRST_CLUSTER) * 2, SECTOR) / SECTOR;
    sectors = RESERVED + FATS * fat.fat_sectors + ROOT_SECTORS + fat.clusters * fat.spc;
    *blob = blob_new((size_t)sectors * SECTOR);
    fat.sector = blob->data;
    set_next(&fat, 0, 0xff00 | MEDIA);
    set_next(&fat, 1, LAST);
    root = blob->data + (size_t)(RESERVED + FATS * fat.fat_sectors) * SECTOR;
    directory = make_directory(&fat, root, "EFI        ", 0);
    directory = make_directory(&fat, cluster(&fat, directory) + 64, "BOOT       ", directory);
    put_entry(cluster(&fat, directory) + 64, "BOOTX64 EFI", 0, fat.next, (uint32_t)program->size);
    memcpy(cluster(&fat, allocate(&fat, program->size)), program->data, program->size);
    put_boot_sector(blob->data, &fat, sectors, start, crc32(0, program->data, program->size));
    return 0;
}
