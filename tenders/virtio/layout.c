/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A disk: GPT (UEFI 2.10, chapter 5) and a protective MBR that starts the BIOS loader, a partition
 * for what else is BIOS's, another with the file system for UEFI.
 */
#include <string.h>

#include "loader/payload.h"
#include "mkimage.h"

#define ALIGN           (UINT64_C(1) << 20)
#define ALIGN_SECTORS   (ALIGN / SECTOR)
#define GPT_ENTRIES     128
#define GPT_ENTRY_SIZE  128
#define GPT_TABLE_SIZE  (GPT_ENTRIES * GPT_ENTRY_SIZE)
#define GPT_SECTORS     (GPT_TABLE_SIZE / SECTOR) /* and one for the header */
#define GPT_HEADER_SIZE 92
#define MBR_CODE_SIZE   440
#define MBR_SIGNATURE   440
#define MBR_PARTITION   446
#define MBR_ACTIVE      0x80
#define MBR_GPT         0xee
#define SECTORS_MAX     UINT32_MAX

struct partition {
    const uint8_t *type;
    const char *name;
    struct blob content;
    uint64_t first; /* sector */
};

/* As GPT stores them: 21686148-6449-6E6F-744E-656564454649, C12A7328-F81F-11D2-BA4B-00A0C93EC93B */
static const uint8_t type_bios[] = "Hah!IdontNeedEFI";
static const uint8_t type_esp[] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                   0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

/* What of the loader is not in the first sector, and the payload after it. */
static struct blob bios_content(const struct blob *payload)
{
    size_t loader_size = bios_loader_size - SECTOR;
    struct blob blob = blob_new(round_up(loader_size, PAYLOAD_ALIGN) + payload->size);

    memcpy(blob.data, bios_loader + SECTOR, loader_size);
    memcpy(blob.data + blob.size - payload->size, payload->data, payload->size);
    return blob;
}

void mbr_mark(uint8_t *mbr)
{
    memcpy(mbr + BIOS_MARK_OFFSET, bios_loader + BIOS_MARK_OFFSET, 8);
}

void mbr_put_loader(uint8_t *mbr, uint64_t loader_lba, uint64_t payload_lba)
{
    memcpy(mbr, bios_loader, MBR_CODE_SIZE);
    put_le16(mbr + BIOS_LOADER_COUNT_OFFSET, (uint16_t)(bios_loader_size / SECTOR - 1));
    put_le64(mbr + BIOS_LOADER_LBA_OFFSET, loader_lba);
    put_le64(mbr + BIOS_PAYLOAD_LBA_OFFSET, payload_lba);
}

static void put_mbr(uint8_t *mbr, const struct disk *disk, const struct partition *bios,
                    const struct blob *payload)
{
    uint8_t *entry = mbr + MBR_PARTITION;
    uint64_t sectors = disk->size / SECTOR - 1;

    mbr_mark(mbr);
    if (bios != NULL) {
        mbr_put_loader(mbr, bios->first,
                       bios->first + (bios->content.size - payload->size) / SECTOR);
        /* Some BIOSes start no disk that has no such partition. */
        entry[0] = MBR_ACTIVE;
    }
    put_le32(mbr + MBR_SIGNATURE, (uint32_t)disk->id[0]);
    entry[2] = 2; /* cylinder, head and sector of the first, and of one out of reach */
    entry[4] = MBR_GPT;
    memset(entry + 5, 0xff, 3);
    put_le32(entry + 8, 1);
    put_le32(entry + 12, sectors < SECTORS_MAX ? (uint32_t)sectors : SECTORS_MAX);
    put_le16(mbr + 510, 0xaa55);
}

static void put_gpt_header(uint8_t *to, const struct disk *disk, uint64_t own, uint64_t other,
                           uint64_t table, const uint8_t *entries)
{
    uint64_t sectors = disk->size / SECTOR;

    memcpy(to, "EFI PART", 8);
    put_le32(to + 8, 0x10000);
    put_le32(to + 12, GPT_HEADER_SIZE);
    put_le64(to + 24, own);
    put_le64(to + 32, other);
    put_le64(to + 40, 2 + GPT_SECTORS);
    put_le64(to + 48, sectors - GPT_SECTORS - 2);
    disk_guid(disk, 0, to + 56);
    put_le64(to + 72, table);
    put_le32(to + 80, GPT_ENTRIES);
    put_le32(to + 84, GPT_ENTRY_SIZE);
    put_le32(to + 88, crc32(0, entries, GPT_TABLE_SIZE));
    put_le32(to + 16, crc32(0, to, GPT_HEADER_SIZE));
}

static void put_gpt_entries(uint8_t *to, const struct disk *disk, const struct partition *parts,
                            unsigned count)
{
    for (unsigned i = 0; i < count; i++, to += GPT_ENTRY_SIZE) {
        uint64_t sectors = (parts[i].content.size + SECTOR - 1) / SECTOR;

        memcpy(to, parts[i].type, 16);
        disk_guid(disk, 1 + i, to + 16);
        put_le64(to + 32, parts[i].first);
        put_le64(to + 40, parts[i].first + sectors - 1);
        for (size_t c = 0; parts[i].name[c] != '\0'; c++)
            put_le16(to + 56 + 2 * c, (uint8_t)parts[i].name[c]);
    }
}

/* The MBR and both copies of the GPT, for partitions whose contents are known. */
static void frame(struct disk *disk, const struct partition *parts, unsigned count,
                  const struct blob *payload)
{
    struct blob head = blob_new((2 + GPT_SECTORS) * SECTOR);
    struct blob tail = blob_new((1 + GPT_SECTORS) * SECTOR);
    uint64_t last = disk->size / SECTOR - 1;
    struct disk framed = {.size = disk->size};

    disk_identify(disk, 0);
    memcpy(framed.id, disk->id, sizeof framed.id);
    put_mbr(head.data, disk, parts[0].type == type_bios ? &parts[0] : NULL, payload);
    put_gpt_entries(head.data + 2 * SECTOR, disk, parts, count);
    memcpy(tail.data, head.data + 2 * SECTOR, GPT_TABLE_SIZE);
    put_gpt_header(head.data + SECTOR, disk, 1, last, 2, tail.data);
    put_gpt_header(tail.data + GPT_TABLE_SIZE, disk, last, 1, last - GPT_SECTORS, tail.data);
    disk_add(&framed, 0, head.data, head.size);
    for (unsigned i = 0; i < count; i++)
        disk_add(&framed, parts[i].first * SECTOR, parts[i].content.data, parts[i].content.size);
    disk_add(&framed, disk->size - tail.size, tail.data, tail.size);
    *disk = framed;
}

int layout_make(struct disk *disk, const struct blob *payload, unsigned boot, uint64_t min_size,
                struct error *error)
{
    struct partition parts[2];
    uint64_t next = ALIGN_SECTORS;
    unsigned count = 0;

    *disk = (struct disk){0};
    if (boot & BOOT_BIOS) {
        parts[count] = (struct partition){type_bios, "BIOS", bios_content(payload), next};
        next = round_up(next + parts[count++].content.size / SECTOR, ALIGN_SECTORS);
    }
    if (boot & BOOT_UEFI) {
        struct blob program = pe_make(payload);

        parts[count] = (struct partition){type_esp, "EFI System", {NULL, 0}, next};
        if (fat_make(&parts[count].content, &program, (uint32_t)next, error) != 0)
            return -1;
        next = round_up(next + parts[count++].content.size / SECTOR, ALIGN_SECTORS);
    }
    for (unsigned i = 0; i < count; i++)
        disk_add(disk, parts[i].first * SECTOR, parts[i].content.data, parts[i].content.size);
    disk->size = round_up(next * SECTOR + (1 + GPT_SECTORS) * SECTOR, ALIGN);
    if (min_size != 0 && min_size < disk->size)
        return error_set(error, "--size=%llu: too small; this image needs %llu",
                         (unsigned long long)(min_size >> 20),
                         (unsigned long long)(disk->size >> 20));
    if (min_size > disk->size)
        disk->size = min_size;
    frame(disk, parts, count, payload);
    return 0;
}
