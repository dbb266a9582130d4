/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5_io.h: what Quintet adds to solo5.h. The conventions of solo5.h hold. Every function works,
 * with the result that it documents, under a tender that does not know of these additions.
 */
#ifndef SOLO5_IO_H
#define SOLO5_IO_H

#include "solo5.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SOLO5_PAGE_SIZE 4096

/*
 * Returns how many bytes at the top of a heap region of (heap_size) bytes (struct solo5_start_info)
 * are the initial stack's: 1 MiB, or a quarter of a region smaller than 4 MiB; whole pages.
 */
static inline size_t solo5_stack_reserve(size_t heap_size)
{
    size_t quarter = heap_size / 4 & ~(size_t)(SOLO5_PAGE_SIZE - 1);
    return quarter < 0x100000 ? quarter : 0x100000;
}

/*
 * Makes whole pages of the program's heap region inaccessible, for as long as it runs: any access
 * ends the program with a trap report. Meant for the page below a stack. Takes a system call.
 *
 * (addr): page aligned; (size): bytes, whole pages, not 0; all of it inside the heap region.
 * Returns SOLO5_R_OK; SOLO5_R_EINVAL when an argument is not as above, or when the tender cannot do
 * it: the pages are then as before, and the program can only do without.
 */
solo5_result_t solo5_mem_guard(uintptr_t addr, size_t size);

#ifdef __cplusplus
}
#endif

#endif
