/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What solo5-virtio-mkimage gives its two loaders: the segments of an image that it has checked, so
 * that no loader parses an ELF file, and the structures in which PVH hands them over.
 * Self-contained and the same for 16, 32 and 64 bits.
 */
#ifndef TENDERS_VIRTIO_LOADER_PAYLOAD_H
#define TENDERS_VIRTIO_LOADER_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_MAGIC    0x315445544e495551 /* "QUINTET1" */
#define PAYLOAD_SEGMENTS 16
#define PAYLOAD_CMDLINE  2048
#define PAYLOAD_ALIGN    2048 /* of each segment's data: whole blocks of every medium */

struct payload_segment {
    uint64_t addr, size; /* in memory; whole below 4 GiB, in ascending order */
    uint64_t file_size;  /* at most (size); the rest is 0 */
    uint64_t offset;     /* from the start of the payload, PAYLOAD_ALIGN aligned */
};

struct payload {
    uint64_t magic;
    uint64_t size;  /* of all of it, PAYLOAD_ALIGN aligned */
    uint32_t entry; /* of PVH: 32 bits, paging off, EBX = struct pvh_start */
    uint32_t segment_count;
    uint64_t memory_mb; /* the least of the machine that is enough, for messages */
    struct payload_segment segment[PAYLOAD_SEGMENTS];
    char cmdline[PAYLOAD_CMDLINE]; /* ends with a 0 */
};
_Static_assert(offsetof(struct payload, segment) == 32, "payload");
_Static_assert(sizeof(struct payload) == 32 + PAYLOAD_SEGMENTS * 32 + PAYLOAD_CMDLINE, "payload");

/* Xen, public/arch-x86/hvm/start_info.h: the structures, version 1. */
#define PVH_MAGIC 0x336ec578

struct pvh_start {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, cmdline, rsdp, memory;
    uint32_t memory_count, reserved;
};
_Static_assert(sizeof(struct pvh_start) == 56, "hvm_start_info");

/* ACPI 6.4, 15: types as of INT 15h, E820h. */
enum { MEMORY_RAM = 1, MEMORY_RESERVED = 2, MEMORY_ACPI = 3, MEMORY_NVS = 4 };

struct pvh_memory {
    uint64_t addr, size;
    uint32_t type, reserved;
};
_Static_assert(sizeof(struct pvh_memory) == 24, "hvm_memmap_table_entry");

#define PVH_MEMORY_MAX 256

/* Where mkimage writes in the first 512 bytes of the BIOS loader. */
#define BIOS_MARK_OFFSET         3     /* VIRTIO_BOOT_MARK of virtio_abi.h */
#define BIOS_LOADER_COUNT_OFFSET 0x192 /* u16: blocks of the loader after the first 512 bytes */
#define BIOS_LOADER_LBA_OFFSET   0x198 /* u64: where they are */
#define BIOS_PAYLOAD_LBA_OFFSET  0x1a0 /* u64: where the payload is */
#define BIOS_BLOCK_SHIFT_OFFSET  0x1a8 /* u32: 9 on a disk, 11 on a CD */

#endif
