/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Guest memory: one mapping, owned by this file. Everything else names a place in it by a guest
 * address, and comes to the bytes only through the functions here, which check it. It is never in a
 * core dump, and takes memory only where it was touched.
 */
#ifndef TENDERS_COMMON_MEMORY_H
#define TENDERS_COMMON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct gmem {
    uint64_t start;  /* lowest guest address */
    uint64_t end;    /* first guest address after it */
    uintptr_t delta; /* host address of guest address 0; not a mapped one when start is not 0 */
};

/*
 * Maps guest memory [start, end), page aligned, readable and writable, zero. With (fixed), guest
 * addresses are host addresses. (behind) more bytes, page aligned, follow for the tender's use:
 * gmem_at and the rest do not reach them, gmem_behind does. Returns 0, or -1 with (error).
 */
int gmem_map(struct gmem *gmem, uint64_t start, uint64_t end, uint64_t behind, bool fixed,
             struct error *error);

/*
 * Replaces the pages of [addr, addr + len) by those of the file (fd) from (offset) on, copied when
 * they are first written to. All three are page aligned but (len). (protection) as mmap(2).
 * Returns 0, or -1 with errno.
 */
int gmem_map_file(struct gmem *gmem, uint64_t addr, uint64_t len, int fd, uint64_t offset,
                  int protection);

/* mprotect(2) on [addr, addr + len), page aligned. Returns 0, or -1 with errno. */
int gmem_protect(struct gmem *gmem, uint64_t addr, uint64_t len, int protection);

/*
 * After all has been mapped and written: from now on (start) is the lowest address. What a small
 * guest uses, the lowest 8 MiB and the highest 2, is not to be in huge pages; the host may refuse
 * that and core dumps without it, no matter.
 */
void gmem_seal(struct gmem *gmem, uint64_t start);

/*
 * The host address of [addr, addr + len), for one system call or copy, not to be kept; NULL if that
 * is not all guest memory. (len) may be 0.
 */
void *gmem_at(const struct gmem *gmem, uint64_t addr, uint64_t len);

/* Where the bytes behind guest memory begin. */
void *gmem_behind(const struct gmem *gmem);

/* Copies out of and into guest memory. Return 0, or -1 if [addr, addr + len) is not all in it. */
int gmem_read(const struct gmem *gmem, uint64_t addr, void *to, size_t len);
int gmem_write(const struct gmem *gmem, uint64_t addr, const void *from, size_t len);

#endif
