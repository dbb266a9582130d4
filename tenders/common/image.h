/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Loads a unikernel: the file is hostile until image_open has returned 0. Then the segments are in
 * ascending order, apart from each other by whole pages, within guest memory, none both writable
 * and executable, and all they have in the file is there; the entry point is in an executable one;
 * the manifest is valid.
 */
#ifndef TENDERS_COMMON_IMAGE_H
#define TENDERS_COMMON_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "elf_abi.h"
#include "error.h"
#include "memory.h"
#include "mft_abi.h"
#include "tender.h"

#define IMAGE_MAX_SEGMENTS 16

struct image_segment {
    uint64_t addr; /* guest address, page aligned */
    uint64_t size; /* bytes in memory, not 0 */
    uint64_t file_size;
    uint64_t offset; /* in the file */
    int protection;  /* as mmap(2) */
};

struct image {
    int fd;
    uint64_t file_size;
    uint64_t entry;
    uint64_t end; /* first page after the image */
    unsigned segment_count;
    struct image_segment segment[IMAGE_MAX_SEGMENTS];
    bool has_ext1;
    struct ext1_request ext1; /* with has_ext1: its addresses are checked */
    /* A manifest of the greatest size: the bytes are there even if the entries are fewer. */
    _Alignas(
        struct mft) uint8_t mft[sizeof(struct mft) + MFT_MAX_ENTRIES * sizeof(struct mft_entry)];
};

/* The manifest of an image that image_open accepted; the caller may fill it in. */
struct mft *image_mft(struct image *image);

/* The least memory that (image) starts with, in megabytes, as --mem takes it. */
uint64_t image_least_mb(const struct image *image, const struct tender *tender);

/*
 * Opens and checks the file for a guest with (mem_size) bytes of memory. Returns 0, the caller then
 * owns image->fd; or -1 with (error).
 */
int image_open(struct image *image, const char *path, const struct tender *tender,
               uint64_t mem_size, struct error *error);

/*
 * Puts the segments into guest memory, which is as gmem_map left it. With (protect), the pages of
 * each have its protection and what lies between them cannot be accessed. Whole pages come from the
 * file itself, so that instances share them: who changes the file changes them all.
 */
int image_load(const struct image *image, struct gmem *gmem, bool protect, const char *path,
               struct error *error);

/* Reads all of [offset, offset + len) of a file. Returns 0, or -1 with errno: ENODATA where the
 * file ends before. */
int read_all(int fd, void *to, uint64_t len, uint64_t offset);

/* True if [addr, addr + len) lies in one segment that has all of (protection). */
bool image_contains(const struct image *image, uint64_t addr, uint64_t len, int protection);

/* True if [addr, addr + len), which does not wrap, has no page of a segment that cannot be written.
 */
bool image_writable(const struct image *image, uint64_t addr, uint64_t len);

#endif
