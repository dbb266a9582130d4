/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A CD: ISO 9660 with one folder, and El Torito's catalog (version 1.0, and UEFI 2.10, 13.3.2.1) of
 * what to start: the BIOS loader without emulation, and a FAT file system for UEFI. Copied to a
 * disk or stick, it starts as well: its first block, which means nothing on a CD, is an MBR for
 * that.
 */
#include <string.h>

#include "loader/payload.h"
#include "mkimage.h"

#define BLOCK        2048
#define BLOCK_SHIFT  11
#define VOLUME       16 /* block */
#define BOOT_RECORD  17
#define TERMINATOR   18
#define CATALOG      19
#define PATHS_LE     20
#define PATHS_BE     21
#define ROOT         22
#define FIRST_FILE   23
#define PATHS_SIZE   10
#define SECTORS_MAX  UINT16_MAX
#define MAX_FILES    3
#define PLATFORM_PC  0
#define PLATFORM_EFI 0xef
#define BOOTABLE     0x88

#define MBR_PARTITION 446
#define MBR_OTHER     0x17
#define MBR_UEFI      0xef

struct file {
    const char *name;
    struct blob content;
    uint32_t block;
    uint8_t platform;
    bool starts; /* it is in the catalog */
};

static void put_both16(uint8_t *to, uint16_t value)
{
    put_le16(to, value);
    put_be16(to + 2, value);
}

static void put_both32(uint8_t *to, uint32_t value)
{
    put_le32(to, value);
    put_be32(to + 4, value);
}

/* ECMA-119, 9.1. Returns its length. */
static size_t put_record(uint8_t *to, const char *name, size_t name_len, uint32_t block,
                         uint32_t size, bool is_directory)
{
    /* 1 January 1980. */
    static const uint8_t date[] = {80, 1, 1, 0, 0, 0, 0};
    size_t len = round_up(33 + name_len, 2);

    to[0] = (uint8_t)len;
    put_both32(to + 2, block);
    put_both32(to + 10, size);
    memcpy(to + 18, date, sizeof date);
    to[25] = is_directory ? 2 : 0;
    put_both16(to + 28, 1);
    to[32] = (uint8_t)name_len;
    memcpy(to + 33, name, name_len);
    return len;
}

static void put_volume(uint8_t *to, uint32_t blocks)
{
    memcpy(to, "\1CD001\1", 7);
    memset(to + 8, ' ', 64);
    memcpy(to + 40, "QUINTET", 7);
    put_both32(to + 80, blocks);
    put_both16(to + 120, 1);
    put_both16(to + 124, 1);
    put_both16(to + 128, BLOCK);
    put_both32(to + 132, PATHS_SIZE);
    put_le32(to + 140, PATHS_LE);
    put_be32(to + 148, PATHS_BE);
    put_record(to + 156, "", 1, ROOT, BLOCK, true);
    memset(to + 190, ' ', 813 - 190);
    /* Four dates that say nothing: digits and a zone. */
    for (uint8_t *date = to + 813; date < to + 881; date += 17)
        memset(date, '0', 16);
    to[881] = 1;
}

static void put_boot_record(uint8_t *to)
{
    memcpy(to, "\0CD001\1EL TORITO SPECIFICATION", 30);
    put_le32(to + 71, CATALOG);
}

static void put_catalog_entry(uint8_t *to, const struct file *file)
{
    to[0] = BOOTABLE;
    put_le16(to + 6, (uint16_t)(file->content.size / SECTOR));
    put_le32(to + 8, file->block);
}

static void put_catalog(uint8_t *to, const struct file *files, unsigned count)
{
    bool first = true;
    uint16_t sum = 0;

    for (unsigned i = 0; i < count; i++) {
        if (!files[i].starts)
            continue;
        if (first) {
            to[0] = 1;
            to[1] = files[i].platform;
            put_le16(to + 30, 0xaa55);
            for (unsigned at = 0; at < 32; at += 2)
                sum = (uint16_t)(sum + (to[at] | to[at + 1] << 8));
            put_le16(to + 28, (uint16_t)-sum);
            put_catalog_entry(to + 32, &files[i]);
        } else {
            to[64] = 0x91; /* the last section */
            to[65] = files[i].platform;
            put_le16(to + 66, 1);
            put_catalog_entry(to + 96, &files[i]);
        }
        first = false;
    }
}

static void put_paths(uint8_t *to, bool little)
{
    to[0] = 1;
    if (little)
        put_le32(to + 2, ROOT);
    else
        put_be32(to + 2, ROOT);
    to[little ? 6 : 7] = 1;
}

static void put_root(uint8_t *to, const struct file *files, unsigned count)
{
    to += put_record(to, "\0", 1, ROOT, BLOCK, true);
    to += put_record(to, "\1", 1, ROOT, BLOCK, true);
    for (unsigned i = 0; i < count; i++)
        to += put_record(to, files[i].name, strlen(files[i].name), files[i].block,
                         (uint32_t)files[i].content.size, false);
}

static void put_partition(uint8_t *to, uint8_t flags, uint8_t type, uint32_t first, uint32_t size)
{
    to[0] = flags;
    to[4] = type;
    put_le32(to + 8, first);
    put_le32(to + 12, size);
}

/* By sectors. What is not the file system for UEFI is a partition too, that BIOSes see an active
 * one; the two do not overlap, or UEFI would take neither. */
static void put_mbr(uint8_t *mbr, const struct file *files, unsigned count)
{
    const uint32_t per_block = BLOCK / SECTOR;
    const struct file *bios = files[0].platform == PLATFORM_PC ? &files[0] : NULL;
    const struct file *uefi = files[count - 1].platform == PLATFORM_EFI ? &files[count - 1] : NULL;
    uint32_t end = (files[count - 1].block + (uefi ? 0 : 1)) * per_block;

    mbr_mark(mbr);
    if (bios != NULL) {
        mbr_put_loader(mbr, bios->block * per_block + 1, files[1].block * per_block);
        put_partition(mbr + MBR_PARTITION, 0x80, MBR_OTHER, 1, end - 1);
    }
    if (uefi != NULL)
        put_partition(mbr + MBR_PARTITION + 16, 0, MBR_UEFI, uefi->block * per_block,
                      (uint32_t)(uefi->content.size / SECTOR));
    put_le16(mbr + 510, 0xaa55);
}

/* The BIOS loader, whole blocks of it, for a payload at that block. */
static struct blob cd_loader(uint32_t payload_block)
{
    size_t size = bios_loader_size;
    struct blob loader = blob_new(round_up(size, BLOCK));

    memcpy(loader.data, bios_loader, size);
    put_le64(loader.data + BIOS_PAYLOAD_LBA_OFFSET, payload_block);
    put_le32(loader.data + BIOS_BLOCK_SHIFT_OFFSET, BLOCK_SHIFT);
    return loader;
}

static uint32_t blocks_of(const struct blob *blob)
{
    return (uint32_t)((blob->size + BLOCK - 1) / BLOCK);
}

/* In the order of their names, as ECMA-119 wants them. Returns the number, or 0 with (error). */
static unsigned make_files(struct file *files, const struct blob *payload, unsigned boot,
                           struct error *error)
{
    uint32_t block = FIRST_FILE;
    unsigned count = 0;

    if (boot & BOOT_BIOS) {
        struct blob loader = cd_loader(0);

        files[count] = (struct file){"BIOS.IMG;1", loader, block, PLATFORM_PC, true};
        block += blocks_of(&loader);
        files[count].content = cd_loader(block);
        count++;
        files[count++] = (struct file){"PAYLOAD.IMG;1", *payload, block, 0, false};
        block += blocks_of(payload);
    }
    if (boot & BOOT_UEFI) {
        struct blob program = pe_make(payload), fat;

        if (fat_make(&fat, &program, 0, error) != 0)
            return 0;
        if (fat.size / SECTOR > SECTORS_MAX) {
            error_set(error, "is too large to be started by UEFI from a CD");
            return 0;
        }
        files[count++] = (struct file){"UEFI.IMG;1", fat, block, PLATFORM_EFI, true};
    }
    return count;
}

int iso_make(struct disk *disk, const struct blob *payload, unsigned boot, struct error *error)
{
    struct blob head = blob_new(FIRST_FILE * BLOCK);
    struct file files[MAX_FILES];
    unsigned count = make_files(files, payload, boot, error);
    uint32_t blocks;

    if (count == 0)
        return -1;
    blocks = files[count - 1].block + blocks_of(&files[count - 1].content);
    put_mbr(head.data, files, count);
    put_volume(head.data + VOLUME * BLOCK, blocks);
    put_boot_record(head.data + BOOT_RECORD * BLOCK);
    memcpy(head.data + TERMINATOR * BLOCK, "\377CD001\1", 7);
    put_catalog(head.data + CATALOG * BLOCK, files, count);
    put_paths(head.data + PATHS_LE * BLOCK, true);
    put_paths(head.data + PATHS_BE * BLOCK, false);
    put_root(head.data + ROOT * BLOCK, files, count);
    *disk = (struct disk){.size = (uint64_t)blocks * BLOCK};
    disk_add(disk, 0, head.data, head.size);
    for (unsigned i = 0; i < count; i++)
        disk_add(disk, (uint64_t)files[i].block * BLOCK, files[i].content.data,
                 files[i].content.size);
    disk_identify(disk, 0);
    return 0;
}
