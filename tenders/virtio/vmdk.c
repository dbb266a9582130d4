/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * VMware's format (Virtual Disk Format 5.0), monolithicSparse: one file, grains of 64 KiB, tables
 * for all of them, twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"

#define GRAIN_SECTORS      128
#define GRAIN              (GRAIN_SECTORS * SECTOR)
#define TABLE_ENTRIES      512
#define TABLE_SECTORS      (TABLE_ENTRIES * 4 / SECTOR)
#define DESCRIPTOR         1 /* sector */
#define DESCRIPTOR_SECTORS 20
#define CYLINDERS_MAX      16383

/* By sectors of the file. */
struct plan {
    uint64_t grains, tables, directory_sectors;
    uint64_t directory[2]; /* the spare one first; its tables follow each */
    uint64_t data;
};

static void put_header(struct output *output, const struct disk *disk, const struct plan *plan)
{
    uint8_t header[SECTOR] = {0};

    memcpy(header, "KDMV", 4);
    put_le32(header + 4, 1);
    put_le32(header + 8, 3); /* line ends can be checked, there is a spare directory */
    put_le64(header + 12, disk->size / SECTOR);
    put_le64(header + 20, GRAIN_SECTORS);
    put_le64(header + 28, DESCRIPTOR);
    put_le64(header + 36, DESCRIPTOR_SECTORS);
    put_le32(header + 44, TABLE_ENTRIES);
    put_le64(header + 48, plan->directory[0]);
    put_le64(header + 56, plan->directory[1]);
    put_le64(header + 64, plan->data);
    memcpy(header + 73, "\n \r\n", 4);
    output_write(output, 0, header, sizeof header);
}

/* What the file calls itself: its own name, where that can be in quotes. */
static const char *own_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    for (const char *c = name; *c != '\0'; c++)
        if (*c < ' ' || *c > '~' || *c == '"')
            return "disk.vmdk";
    return name;
}

static void put_descriptor(struct output *output, const struct disk *disk)
{
    const uint64_t sectors = disk->size / SECTOR, cylinders = sectors / (16 * 63);
    char text[DESCRIPTOR_SECTORS * SECTOR] = {0};

    snprintf(text, sizeof text,
             "# Disk DescriptorFile\n"
             "version=1\n"
             "CID=%08" PRIx32 "\n"
             "parentCID=ffffffff\n"
             "createType=\"monolithicSparse\"\n"
             "\n"
             "# Extent description\n"
             "RW %" PRIu64 " SPARSE \"%s\"\n"
             "\n"
             "# The Disk Data Base\n"
             "#DDB\n"
             "\n"
             "ddb.virtualHWVersion = \"4\"\n"
             "ddb.geometry.cylinders = \"%" PRIu64 "\"\n"
             "ddb.geometry.heads = \"16\"\n"
             "ddb.geometry.sectors = \"63\"\n"
             "ddb.adapterType = \"ide\"\n",
             (uint32_t)disk->id[0] & 0x7fffffff, sectors, own_name(output->path),
             cylinders < CYLINDERS_MAX ? cylinders : CYLINDERS_MAX);
    output_write(output, DESCRIPTOR * SECTOR, text, sizeof text);
}

/* The grains, and the tables that say where they are. */
static struct blob put_grains(struct output *output, const struct disk *disk,
                              const struct plan *plan, uint64_t *end)
{
    struct blob tables = blob_new(plan->tables * TABLE_SECTORS * SECTOR), grain = blob_new(GRAIN);
    uint64_t next = plan->data;

    for (uint64_t i = 0; i < plan->grains; i++)
        if (disk_read(disk, i * GRAIN, grain.data, GRAIN)) {
            put_le32(tables.data + i * 4, (uint32_t)next);
            output_write(output, next * SECTOR, grain.data, GRAIN);
            next += GRAIN_SECTORS;
        }
    free(grain.data);
    *end = next;
    return tables;
}

void vmdk_write(struct output *output, const struct disk *disk)
{
    struct plan plan = {.grains = (disk->size + GRAIN - 1) / GRAIN};
    uint64_t half, end;
    struct blob directory, tables;

    plan.tables = (plan.grains + TABLE_ENTRIES - 1) / TABLE_ENTRIES;
    plan.directory_sectors = (plan.tables * 4 + SECTOR - 1) / SECTOR;
    half = plan.directory_sectors + plan.tables * TABLE_SECTORS;
    plan.directory[0] = DESCRIPTOR + DESCRIPTOR_SECTORS;
    plan.directory[1] = plan.directory[0] + half;
    plan.data = round_up(plan.directory[1] + half, GRAIN_SECTORS);
    put_header(output, disk, &plan);
    put_descriptor(output, disk);
    tables = put_grains(output, disk, &plan, &end);
    directory = blob_new(plan.directory_sectors * SECTOR);
    for (unsigned copy = 0; copy < 2; copy++) {
        uint64_t first = plan.directory[copy] + plan.directory_sectors;

        for (uint64_t i = 0; i < plan.tables; i++)
            put_le32(directory.data + i * 4, (uint32_t)(first + i * TABLE_SECTORS));
        output_write(output, plan.directory[copy] * SECTOR, directory.data, directory.size);
        output_write(output, first * SECTOR, tables.data, tables.size);
    }
    output_size(output, end * SECTOR);
    free(directory.data);
    free(tables.data);
}
