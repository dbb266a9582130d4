/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A small image made for tests of the loader: every part is in its place and can be changed before
 * the bytes are used.
 */
#ifndef TESTS_UNIT_IMAGE_FILE_H
#define TESTS_UNIT_IMAGE_FILE_H

#include <elf.h>
#include <stdint.h>

#include "elf_abi.h"
#include "mft_abi.h"

#define IMAGE_TEXT   0x100000 /* addresses; each segment is at its own page of the file too */
#define IMAGE_RODATA 0x102000
#define IMAGE_DATA   0x103000
#define IMAGE_BSS    0x2100 /* of the data segment, bytes in memory */

enum image_segment_index {
    SEGMENT_TEXT,
    SEGMENT_RODATA,
    SEGMENT_DATA,
    SEGMENT_ABI,
    SEGMENT_MFT,
    SEGMENT_EXT,
    SEGMENT_COUNT
};

struct image_file {
    Elf64_Ehdr header;
    Elf64_Phdr segment[SEGMENT_COUNT];
    uint8_t rest[4096 - sizeof(Elf64_Ehdr) - SEGMENT_COUNT * sizeof(Elf64_Phdr)];
    uint8_t text[8192];
    uint8_t rodata[2048];
    SOLO5_NOTE_STRUCT(struct abi1_info) abi;
    SOLO5_NOTE_STRUCT(struct ext1_request) ext;
    struct {
        struct mft1_nhdr note;
        uint8_t padding[4];
        uint32_t version, entries;
        struct mft_entry entry[2];
    } __attribute__((packed)) mft;
    uint8_t end_of_rodata[4096 - 2048 - 36 - 52 - 32 - 2 * sizeof(struct mft_entry)];
    uint8_t data[256];
};
_Static_assert(sizeof(struct image_file) == 4 * 4096 + 256, "each segment at its page");

/* Makes a good image for (target). */
void image_file_make(struct image_file *file, uint32_t target);

#endif
