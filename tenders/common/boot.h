/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a guest finds below its image: boot information, of which each target has its own, manifest
 * and command line, one after the other, and what extensions (elf_abi.h) add; and what all tenders
 * offer of these.
 */
#ifndef TENDERS_COMMON_BOOT_H
#define TENDERS_COMMON_BOOT_H

#include <stdint.h>

#include "elf_abi.h"
#include "error.h"
#include "image.h"
#include "memory.h"
#include "options.h"

/* Bytes of the command line's area, on every target. */
#define BOOT_CMDLINE_SIZE 8192

/* Guest addresses. */
struct boot {
    uint64_t mft, cmdline;
    uint64_t more; /* for what an extension adds, 8-aligned, up to the image */
};

/* Where all that is behind (size) bytes of boot information at (base). */
struct boot boot_layout(uint64_t base, uint64_t size, struct image *image);

/* Writes manifest and command line. Returns 0, or -1 with (error). */
int boot_write(const struct boot *boot, const struct gmem *gmem, struct image *image,
               const struct options *options, struct error *error);

/* Adds to (offer) what every tender can do, takes away what the image does not know, and gives it
 * the rest. */
void boot_offer(struct ext1_offer *offer, const struct gmem *gmem, const struct image *image);

#endif
