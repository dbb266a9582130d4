/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The translation tables of an x86_64 guest: every address is translated to itself. SDM vol. 3,
 * 4.5, 4-level paging. They lie behind guest memory:
 *
 *     page 0        PML4, of which the first entry is used
 *     page 1        PDPT, an entry a gigabyte
 *     pages 2..5    page directories, an entry a region of 2 MiB
 *     page 6 + n    page table of region n, used when the region is not mapped as a whole
 *
 * A region is mapped as a whole until a page in it differs: REGION_WHOLE -> REGION_PAGES, or
 * REGION_GONE when all of it is guarded. There is no way back.
 */
#include <string.h>
#include <sys/mman.h>

#include "cpu.h"
#include "hvt_abi.h"
#include "image.h"
#include "memory.h"
#include "range.h"

#define REGION_SIZE UINT64_C(0x200000)
#define ENTRIES     512
#define DIRECTORIES 4
#define FIRST_TABLE (2 + DIRECTORIES)
#define GIGABYTE    UINT64_C(0x40000000)

/* SDM vol. 3, tables 4-15 to 4-20. Accessed and dirty are set at once, so that the processor need
 * not write them. */
#define PRESENT  (UINT64_C(1) << 0 | UINT64_C(1) << 5)
#define WRITABLE (UINT64_C(1) << 1 | UINT64_C(1) << 6)
#define LARGE    (UINT64_C(1) << 7)
#define NO_EXEC  (UINT64_C(1) << 63)

#define HEAP (PRESENT | WRITABLE | NO_EXEC)

enum region { REGION_WHOLE, REGION_PAGES, REGION_GONE };

_Static_assert(CPU_REGIONS_MAX == DIRECTORIES * ENTRIES, "a state for each entry");

static uint64_t region_count(uint64_t mem_size)
{
    return (mem_size + REGION_SIZE - 1) / REGION_SIZE;
}

uint64_t cpu_tables_size(uint64_t mem_size)
{
    return (FIRST_TABLE + region_count(mem_size)) * PAGE_SIZE;
}

/* The tables' own address in the guest's physical memory, and here. */
static uint64_t table_addr(const struct gmem *gmem, uint64_t number)
{
    return gmem->end + number * PAGE_SIZE;
}

static uint64_t *table(const struct gmem *gmem, uint64_t number)
{
    return (uint64_t *)gmem_behind(gmem) + number * ENTRIES;
}

static uint64_t *directory_entry(const struct gmem *gmem, uint64_t region)
{
    return table(gmem, 2 + region / ENTRIES) + region % ENTRIES;
}

static uint64_t segment_bits(const struct image_segment *s)
{
    return (s->protection & PROT_READ ? PRESENT : 0) | (s->protection & PROT_WRITE ? WRITABLE : 0) |
           (s->protection & PROT_EXEC ? 0 : NO_EXEC);
}

/* How the page at (addr) is mapped; 0: not at all. */
static uint64_t page_bits(uint64_t addr, const struct gmem *gmem, const struct image *image)
{
    if (addr < HVT_BOOT_INFO_BASE || addr >= gmem->end)
        return 0;
    if (addr < HVT_GUEST_MIN_BASE)
        return PRESENT | NO_EXEC;
    if (addr >= image->end)
        return HEAP;
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];

        if (addr >= s->addr && addr - s->addr < s->size)
            return segment_bits(s);
    }
    return 0;
}

static void write_pages(const struct gmem *gmem, uint64_t region, const struct image *image)
{
    uint64_t *pages = table(gmem, FIRST_TABLE + region);

    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t addr = region * REGION_SIZE + i * PAGE_SIZE;
        uint64_t bits = page_bits(addr, gmem, image);

        pages[i] = bits & PRESENT ? addr | bits : 0;
    }
    *directory_entry(gmem, region) = table_addr(gmem, FIRST_TABLE + region) | PRESENT | WRITABLE;
}

void cpu_tables_init(struct cpu_tables *tables, const struct gmem *gmem, const struct image *image)
{
    uint64_t regions = region_count(gmem->end);

    CHECK(regions <= CPU_REGIONS_MAX);
    table(gmem, 0)[0] = table_addr(gmem, 1) | PRESENT | WRITABLE;
    for (uint64_t i = 0; i * GIGABYTE < gmem->end; i++)
        table(gmem, 1)[i] = table_addr(gmem, 2 + i) | PRESENT | WRITABLE;
    for (uint64_t i = 0; i < regions; i++) {
        uint64_t addr = i * REGION_SIZE;

        if (addr >= image->end && range_ok(addr, REGION_SIZE, gmem->end)) {
            *directory_entry(gmem, i) = addr | HEAP | LARGE;
            tables->region[i] = REGION_WHOLE;
        } else {
            write_pages(gmem, i, image);
            tables->region[i] = REGION_PAGES;
        }
    }
}

/* Of one region, which is all heap if it is still whole. */
static void guard_region(struct cpu_tables *tables, const struct gmem *gmem, uint64_t region,
                         uint64_t first, uint64_t end)
{
    uint64_t *pages = table(gmem, FIRST_TABLE + region);

    if (tables->region[region] == REGION_GONE)
        return;
    if (first == 0 && end == ENTRIES) {
        *directory_entry(gmem, region) = 0;
        tables->region[region] = REGION_GONE;
        return;
    }
    if (tables->region[region] == REGION_WHOLE) {
        for (uint64_t i = 0; i < ENTRIES; i++)
            pages[i] = (region * REGION_SIZE + i * PAGE_SIZE) | HEAP;
        *directory_entry(gmem, region) =
            table_addr(gmem, FIRST_TABLE + region) | PRESENT | WRITABLE;
        tables->region[region] = REGION_PAGES;
    }
    memset(pages + first, 0, (end - first) * sizeof *pages);
}

void cpu_tables_guard(struct cpu_tables *tables, const struct gmem *gmem, uint64_t addr,
                      uint64_t len)
{
    while (len != 0) {
        uint64_t region = addr / REGION_SIZE;
        uint64_t first = addr % REGION_SIZE / PAGE_SIZE;
        uint64_t left = len / PAGE_SIZE;
        uint64_t end = left < ENTRIES - first ? first + left : ENTRIES;

        guard_region(tables, gmem, region, first, end);
        addr += (end - first) * PAGE_SIZE;
        len -= (end - first) * PAGE_SIZE;
    }
}
