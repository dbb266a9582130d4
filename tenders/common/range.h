/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The one range check, and arithmetic on pages.
 */
#ifndef TENDERS_COMMON_RANGE_H
#define TENDERS_COMMON_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SIZE UINT64_C(4096)

/* True if [off, off + len) lies in [0, size); it may end exactly there, and may be empty. */
static inline bool range_ok(uint64_t off, uint64_t len, uint64_t size)
{
    return off <= size && len <= size - off;
}

static inline bool page_aligned(uint64_t value)
{
    return (value & (PAGE_SIZE - 1)) == 0;
}

static inline uint64_t page_down(uint64_t value)
{
    return value & ~(PAGE_SIZE - 1);
}

/* (value) is at most UINT64_MAX - PAGE_SIZE. */
static inline uint64_t page_up(uint64_t value)
{
    return page_down(value + PAGE_SIZE - 1);
}

#endif
