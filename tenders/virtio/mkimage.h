/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-virtio-mkimage: an image becomes a payload (payload.c), that a program for UEFI (pe.c) in a
 * file system (fat.c); with the BIOS loader these are partitions of a disk (layout.c) or parts of a
 * CD (iso.c), and a disk is written in one of many formats. The same input gives the same bytes:
 * there is no clock, and what must be unique comes from the contents.
 */
#ifndef TENDERS_VIRTIO_MKIMAGE_H
#define TENDERS_VIRTIO_MKIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "image.h"

#define SECTOR 512

/* ---- Bytes */

/* Memory that lives as long as the program; ends it when there is none. */
struct blob {
    uint8_t *data;
    size_t size;
};

struct blob blob_new(size_t size);

static inline uint64_t round_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

void put_le16(uint8_t *to, uint16_t value);
void put_le32(uint8_t *to, uint32_t value);
void put_le64(uint8_t *to, uint64_t value);
void put_be16(uint8_t *to, uint16_t value);
void put_be32(uint8_t *to, uint32_t value);
void put_be64(uint8_t *to, uint64_t value);

/* The polynomials of gzip and GPT, and of VHDX. (crc): 0, or what was returned for what is before.
 */
uint32_t crc32(uint32_t crc, const void *data, size_t size);
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

/* ---- Disks */

#define DISK_EXTENTS 16

/* The file or device that has a disk's contents already. */
struct source {
    int fd;
    const char *path;
    const char *why; /* it could not be read; NULL: all that was asked for could */
};

struct extent {
    uint64_t offset, size;
    const uint8_t *data; /* NULL: in the disk's source, at the same offset */
};

/* What is in no extent is zero. Extents are in ascending order and do not overlap. */
struct disk {
    uint64_t size; /* bytes, whole sectors */
    unsigned count;
    struct extent extent[DISK_EXTENTS];
    uint64_t id[2]; /* of the contents: disk_identify */
    struct source *source;
};

void disk_add(struct disk *disk, uint64_t offset, const void *data, uint64_t size);

/* Sets `id` when all contents are there; (salt) tells what is made of the same contents apart. */
void disk_identify(struct disk *disk, uint64_t salt);

/* A GUID made of (id) and (number), as UEFI and Microsoft store it. */
void disk_guid(const struct disk *disk, unsigned number, uint8_t guid[16]);

/* Reads [offset, offset + size), zeros beyond the end and where the source cannot be read. Returns
 * false, and may leave (to) alone, when all of it is zero. */
bool disk_read(const struct disk *disk, uint64_t offset, void *to, size_t size);

/* ---- What a disk is made of */

#define BOOT_BIOS 1u
#define BOOT_UEFI 2u

/* The image's segments, (cmdline), and how much memory is enough, as the loaders want them. */
int payload_make(struct blob *payload, const struct image *image, const char *cmdline,
                 uint64_t memory_mb, struct error *error);

/* BOOTX64.EFI; a FAT file system with it, for the sector (start) of a disk. */
struct blob pe_make(const struct blob *payload);
int fat_make(struct blob *fat, const struct blob *program, uint32_t start, struct error *error);

/* A disk or CD with what (boot) says. A disk has at least (min_size) bytes. */
int layout_make(struct disk *disk, const struct blob *payload, unsigned boot, uint64_t min_size,
                struct error *error);
int iso_make(struct disk *disk, const struct blob *payload, unsigned boot, struct error *error);

/* The mark of virtio_abi.h in the first sector; the loader's code there, told which sector has the
 * rest of the loader and which the payload. */
void mbr_mark(uint8_t *mbr);
void mbr_put_loader(uint8_t *mbr, uint64_t loader_lba, uint64_t payload_lba);

/* The loaders, by the build. */
extern const uint8_t bios_loader[], efi_loader[];
extern const uint32_t bios_loader_size, efi_loader_size;

/* ---- Files */

/* From here on no part of what is being made is left when the program ends. */
void parts_init(void);

/* A new file with those rights, which will be called (name), and take the place of what is called
 * so. Returns a descriptor, the caller's, or -1 with errno. */
int parts_open(const char *name, mode_t mode);

/* All are whole, and get their names in the order in which they were opened, of which only the last
 * may be there already. Returns 0, or -1 with (error). */
int parts_name(struct error *error);

/* ---- Formats */

/* A file that is being written: its parts in any order, what is left out is zero. */
struct output {
    int fd;
    const char *path;
    struct error *error;
    bool failed; /* (error) is set: what follows does nothing */
};

void output_write(struct output *output, uint64_t offset, const void *data, size_t size);
void output_size(struct output *output, uint64_t size);

struct format {
    const char *name, *suffix;
    void (*write)(struct output *output, const struct disk *disk);
    uint64_t unit; /* what the size of a disk must be a multiple of, */
    uint64_t most; /* and what it may be at most; 0: anything */
};

void raw_write(struct output *output, const struct disk *disk);
void vhd_write(struct output *output, const struct disk *disk);
void gce_write(struct output *output, const struct disk *disk);
void qcow2_write(struct output *output, const struct disk *disk);
void vmdk_write(struct output *output, const struct disk *disk);
void vhdx_write(struct output *output, const struct disk *disk);

#endif
