/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Which of the machine's memory is the program's, and the tables that translate its addresses (SDM
 * vol. 3, 4.5, 4-level paging). Their memory is taken from the end of the first piece, and their
 * places follow from what they translate, so that none is ever allocated:
 *
 *     directory n    gigabyte n of the program's memory, an entry a region of 2 MiB
 *     table n        region n, used when its pages are not all alike
 *
 * A region that is translated as a whole becomes one of pages when one of them differs; there is no
 * way back. A program finds its heap zero (solo5.h), which memory is not after a loader or a
 * firmware has used it: each region or page is FRESH at first, not present, and cleared when it is
 * touched, by the program (arch_fault) or for a device (machine_phys).
 *
 *     region: FRESH -> present, or FRESH or present -> a table of pages: FRESH -> present, or gone
 *
 * The tables themselves, and all of machine_map, are seen through windows at the end of
 * the address space.
 */
#include "arch.h"
#include "machine.h"

#define PAGE     UINT64_C(0x1000)
#define REGION   UINT64_C(0x200000)
#define GIGABYTE UINT64_C(0x40000000)
#define FOUR_GIB (4 * GIGABYTE)
#define MEM_MAX  (64 * GIGABYTE)
#define ENTRIES  512

/* As much as a PC's firmware has used at the end of memory, and gives back, before this runs: the
 * image must have been out of its reach. */
#define LEAST_HEAP (128 * PAGE)

/* SDM vol. 3, tables 4-15 to 4-20. Accessed and dirty are set at once, so that the processor need
 * not write them. */
#define PRESENT  (UINT64_C(1) << 0 | UINT64_C(1) << 5)
#define WRITABLE (UINT64_C(1) << 1 | UINT64_C(1) << 6)
#define UNCACHED (UINT64_C(1) << 3 | UINT64_C(1) << 4)
#define LARGE    (UINT64_C(1) << 7)
#define FRESH    (UINT64_C(1) << 9) /* ours: present is 0 until the memory is cleared */
#define NO_EXEC  (UINT64_C(1) << 63)
#define ADDRESS  UINT64_C(0x000ffffffffff000)

#define DATA (PRESENT | WRITABLE | NO_EXEC)
#define HEAP ((DATA & ~UINT64_C(1)) | FRESH)

#define WINDOWS      UINT64_C(0xffffff8000000000) /* the last entry of the PML4 */
#define TABLES       WINDOWS
#define WINDOW       (WINDOWS + GIGABYTE)
#define WINDOW_PAGES (4 * ENTRIES)

struct table {
    uint64_t entry[ENTRIES];
} __attribute__((aligned(4096)));

static struct table pml4, pdpt, windows_pdpt, tables_directory, window_directory;
static struct table window[WINDOW_PAGES / ENTRIES];
static unsigned window_used;

static struct table *directories, *tables;

/* Set by the linker script. */
extern char _stext[], _etext[], _erodata[], _end[];

static uint64_t up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static uint64_t down(uint64_t value, uint64_t unit)
{
    return value & ~(unit - 1);
}

static uint64_t physical(const void *table)
{
    return (uint64_t)(uintptr_t)table;
}

static uint64_t image_end(void)
{
    return up((uint64_t)(uintptr_t)_end, PAGE);
}

/* The tables that translate addresses below (end). */
static uint64_t directories_for(uint64_t end)
{
    return up(end, GIGABYTE) / GIGABYTE;
}

static uint64_t tables_size_for(uint64_t end)
{
    return (directories_for(end) + up(end, REGION) / REGION) * PAGE;
}

/* Where a piece of usable memory that begins at (start) ends: some maps say of a part of what is
 * usable that it is not. */
static uint64_t end_of(const struct machine_ranges *ranges, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < ranges->count; i++) {
        const struct machine_range *r = &ranges->range[i];
        if (!r->usable && r->end > start && r->start < end)
            end = r->start > start ? r->start : start;
    }
    return end;
}

/* The piece that holds the image, with room for tables and some more. */
static struct machine_range low_piece(const struct machine_ranges *ranges)
{
    const uint64_t start = (uint64_t)(uintptr_t)_stext;
    struct machine_range low = {start, start, true};
    uint64_t usable = 0;
    for (unsigned i = 0; i < ranges->count; i++) {
        const struct machine_range *r = &ranges->range[i];
        usable += r->usable ? r->end - r->start : 0;
        if (r->usable && r->start <= start && r->end > low.end)
            low.end = r->end;
    }
    low.end = end_of(ranges, start, low.end < FOUR_GIB ? low.end : FOUR_GIB);
    low.end = down(low.end, PAGE);
    if (low.end < image_end() + tables_size_for(low.end) + LEAST_HEAP) {
        log_write(
            LOG_ERROR,
            "too little memory: the image needs %llx to %llx and some more; found %llu KiB, of "
            "which the image's piece ends at %llx",
            (unsigned long long)start, (unsigned long long)image_end(),
            (unsigned long long)usable >> 10, (unsigned long long)low.end);
        solo5_abort();
    }
    return low;
}

/* The largest piece after the first, in whole regions, as it is: above 4 GiB, or, where a firmware
 * has something of its own soon after the image, below. Empty when there is none. */
static struct machine_range high_piece(const struct machine_ranges *ranges, uint64_t low_end)
{
    struct machine_range high = {FOUR_GIB, FOUR_GIB, true};
    for (unsigned i = 0; i < ranges->count; i++) {
        const struct machine_range *r = &ranges->range[i];
        uint64_t start = up(r->start < low_end ? low_end : r->start, REGION);
        uint64_t end = down(r->end, REGION);
        if (!r->usable || end <= start)
            continue;
        end = down(end_of(ranges, start, end), REGION);
        if (end > start && end - start > high.end - high.start)
            high = (struct machine_range){start, end, true};
    }
    if (high.end - high.start > MEM_MAX - FOUR_GIB)
        high.end = high.start + MEM_MAX - FOUR_GIB;
    return high;
}

/* Cuts the second piece to what tables at the end of the first, of which whole regions are left for
 * the image and some more, can translate. */
static void fit_tables(const struct machine_range *low, struct machine_range *high)
{
    uint64_t least = up(image_end() + REGION, REGION) + MEM_MAX / GIGABYTE * PAGE;
    uint64_t most = low->end > least ? down(low->end - least, PAGE) / PAGE * REGION : 0;
    most = most > low->end ? down(most - low->end, REGION) : 0;
    if (high->end - high->start > most)
        high->end = high->start + most;
}

/* What may be done with the program's page at (addr). */
static uint64_t page_rights(uint64_t addr)
{
    if (addr < (uint64_t)(uintptr_t)_stext || addr >= machine.end)
        return 0;
    if (addr < (uint64_t)(uintptr_t)_etext)
        return PRESENT;
    if (addr < (uint64_t)(uintptr_t)_erodata)
        return PRESENT | NO_EXEC;
    return addr < image_end() ? DATA : HEAP;
}

static uint64_t translate(uint64_t addr)
{
    return addr < machine.split ? addr : addr - machine.split + machine.high;
}

static uint64_t *region_entry(uint64_t addr)
{
    return &directories[addr / GIGABYTE].entry[addr % GIGABYTE / REGION];
}

/* Physical address of the table of the region at (addr), however we see it. */
static uint64_t table_address(uint64_t addr)
{
    uint64_t directory = pdpt.entry[0] & ADDRESS;
    return directory + (uint64_t)((uint8_t *)&tables[addr / REGION] - (uint8_t *)directories);
}

/* The pages of the region at (addr) get entries of their own; those of a heap that was touched are
 * all cleared. */
static void split_region(uint64_t addr)
{
    uint64_t start = down(addr, REGION), was = *region_entry(addr);
    struct table *table = &tables[start / REGION];
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t rights = page_rights(start + i * PAGE);
        if (rights == HEAP && (was & LARGE) && !(was & FRESH))
            rights = DATA;
        table->entry[i] = rights != 0 ? translate(start + i * PAGE) | rights : 0;
    }
    *region_entry(addr) = table_address(addr) | PRESENT | WRITABLE;
}

/* What the memory at (addr), which is the program's, is translated by; sets its size. */
static uint64_t *entry_of(uint64_t addr, uint64_t *size)
{
    uint64_t *entry = region_entry(addr);
    *size = REGION;
    if (*entry & LARGE)
        return entry;
    *size = PAGE;
    return &tables[addr / REGION].entry[addr % REGION / PAGE];
}

bool machine_freshen(uintptr_t addr)
{
    uint64_t size;
    if (addr >= machine.end)
        return false;
    uint64_t *entry = entry_of(addr, &size);
    if (!(*entry & FRESH))
        return false;
    *entry = (*entry & ~FRESH) | PRESENT;
    arch_clear((void *)(uintptr_t)down(addr, size), size);
    return true;
}

/* Whoever asks is about to let a device do what the tables forbid the program. */
static __attribute__((noreturn)) void refuse(uint64_t addr, const char *why)
{
    log_write(LOG_ERROR, "a device was to use memory at %llx, %s", (unsigned long long)addr, why);
    solo5_abort();
}

uint64_t machine_phys(const volatile void *addr, size_t *size, bool written)
{
    uintptr_t first = (uintptr_t)addr;
    if (first >= machine.end || *size > machine.end - first)
        refuse(first, "which ends beyond the program's");
    if (first<machine.split && * size> machine.split - first)
        *size = machine.split - first;
    uint64_t step;
    for (uintptr_t at = first; at < first + *size; at = down(at, step) + step) {
        uint64_t entry = *entry_of(at, &step);
        if (entry & FRESH)
            machine_freshen(at);
        else if (entry == 0)
            refuse(at, "where the program has none");
        else if (written && !(entry & WRITABLE))
            refuse(at, "which is for reading only");
    }
    return translate(first);
}

static void map_program(void)
{
    for (uint64_t g = 0; g * GIGABYTE < machine.end; g++) {
        memset(&directories[g], 0, sizeof directories[g]);
        pdpt.entry[g] = physical(&directories[g]) | PRESENT | WRITABLE;
    }
    for (uint64_t addr = 0; addr < machine.end; addr += REGION)
        *region_entry(addr) = translate(addr) | HEAP | LARGE;
    for (uint64_t addr = 0; addr < image_end(); addr += REGION)
        split_region(addr);
    /* The stack does not need a whole region. */
    split_region(machine.end - 1);
}

static void map_windows(uint64_t tables_size)
{
    uint64_t first = down(physical(directories), REGION);
    for (unsigned i = 0; first + i * REGION < physical(directories) + tables_size; i++)
        tables_directory.entry[i] = (first + i * REGION) | DATA | LARGE;
    for (unsigned i = 0; i < WINDOW_PAGES / ENTRIES; i++)
        window_directory.entry[i] = physical(&window[i]) | PRESENT | WRITABLE;
    windows_pdpt.entry[0] = physical(&tables_directory) | PRESENT | WRITABLE;
    windows_pdpt.entry[1] = physical(&window_directory) | PRESENT | WRITABLE;
    pml4.entry[0] = physical(&pdpt) | PRESENT | WRITABLE;
    pml4.entry[ENTRIES - 1] = physical(&windows_pdpt) | PRESENT | WRITABLE;
}

void machine_memory_init(struct machine_ranges *ranges)
{
    struct machine_range low = low_piece(ranges), high = high_piece(ranges, low.end);
    fit_tables(&low, &high);
    uint64_t total = low.end + high.end - high.start;
    uint64_t tables_size = tables_size_for(total);
    low.end -= tables_size;
    directories = (struct table *)(uintptr_t)low.end;
    tables = directories + directories_for(total);
    if (high.end != high.start)
        low.end = down(low.end, REGION);
    machine.split = low.end;
    machine.high = high.start;
    machine.end = low.end + high.end - high.start;
    map_program();
    map_windows(tables_size);
    arch_tables_load(physical(&pml4));
    int64_t shift = (int64_t)(TABLES - down(physical(directories), REGION));
    directories = (struct table *)((uintptr_t)directories + (uintptr_t)shift);
    tables = (struct table *)((uintptr_t)tables + (uintptr_t)shift);
}

void *machine_map(uint64_t phys, size_t size, enum machine_memory memory)
{
    static const uint64_t rights[] = {
        [MACHINE_TABLE] = PRESENT | NO_EXEC,
        [MACHINE_DEVICE] = DATA | UNCACHED,
        [MACHINE_SHARED] = DATA,
    };
    uint64_t first = down(phys, PAGE), end;
    if (size == 0 || __builtin_add_overflow(phys, size, &end) || up(end, PAGE) > ADDRESS)
        return NULL;
    if (machine.end == 0) /* boot.S's tables are loaded still */
        return end <= FOUR_GIB ? (void *)(uintptr_t)phys : NULL;
    uint64_t count = (up(end, PAGE) - first) / PAGE;
    if (count > WINDOW_PAGES - window_used)
        return NULL;
    uint64_t at = WINDOW + window_used * PAGE;
    for (uint64_t i = 0; i < count; i++, window_used++)
        window[window_used / ENTRIES].entry[window_used % ENTRIES] =
            (first + i * PAGE) | rights[memory];
    return (void *)(uintptr_t)(at + phys % PAGE);
}

solo5_result_t target_mem_guard(uintptr_t addr, size_t size)
{
    for (uint64_t page = addr; page < addr + size; page += PAGE) {
        if (*region_entry(page) & LARGE)
            split_region(page);
        tables[page / REGION].entry[page % REGION / PAGE] = 0;
        arch_forget_page(page);
    }
    return SOLO5_R_OK;
}
