/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Which of a machine's memory is the program's, and how it is translated
 * (bindings/machine/memory.c). The tables are written into memory of this process, at addresses
 * that are the machine's physical ones, where no kernel puts this process's own heap (below 1 GiB),
 * and walked here as a processor does. The image's borders are given to the linker (machine.mk).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"
#include "unit.h"

/* In the place of the header of this name. */
#define ARCH_H

#define PHYSICAL      UINT64_C(0x50000000) /* what this process has of the machine's memory */
#define PHYSICAL_SIZE UINT64_C(0x10000000)
#define MIB           UINT64_C(0x100000)
#define GIB           UINT64_C(0x40000000)
#define REFUSED       14

struct machine machine;
static uint64_t loaded;

static void arch_tables_load(uint64_t pml4)
{
    loaded = pml4;
}

static void arch_clear(void *start, uint64_t size)
{
    memset(start, 0, size);
}

static void arch_forget_page(uintptr_t addr)
{
    (void)addr;
}

void log_write(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void solo5_abort(void)
{
    exit(SOLO5_EXIT_ABORT);
}

#include "../../bindings/machine/memory.c"

static void map(void)
{
    ck_assert_ptr_eq(mmap((void *)PHYSICAL, PHYSICAL_SIZE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0),
                     (void *)PHYSICAL);
    memset((void *)(PHYSICAL + PHYSICAL_SIZE - 4 * MIB), 0xa5, 4 * MIB);
}

/* The entry that translates (addr), with the address that it gives; 0 when a level is not there. */
static uint64_t walk(uint64_t addr, uint64_t *phys)
{
    uint64_t entry = loaded | 1;
    for (int shift = 39; shift >= 12; shift -= 9) {
        entry = ((const uint64_t *)(uintptr_t)(entry & ADDRESS))[addr >> shift & 511];
        bool last = shift == 12 || (shift == 21 && (entry & LARGE));
        if (last) {
            uint64_t mask = (UINT64_C(1) << shift) - 1;
            *phys = (entry & ADDRESS & ~mask) | (addr & mask);
            return entry;
        }
        if (!(entry & 1))
            return 0;
    }
    return 0;
}

enum kind { NOTHING, TEXT, RODATA, WRITABLE_DATA, FRESH_HEAP };

static enum kind kind_of(uint64_t addr)
{
    uint64_t phys = 0, entry = walk(addr, &phys);
    if (entry != 0)
        ck_assert_uint_eq(phys, addr < machine.split ? addr : addr - machine.split + machine.high);
    switch (entry & (1 | 2 | FRESH | NO_EXEC)) {
    case 0:
        return NOTHING;
    case 1:
        return TEXT;
    case 1 | NO_EXEC:
        return RODATA;
    case 1 | 2 | NO_EXEC:
        return WRITABLE_DATA;
    case 2 | FRESH | NO_EXEC:
        return FRESH_HEAP;
    default:
        ck_abort_msg("entry %llx", (unsigned long long)entry);
    }
}

static uint64_t addr_of(const char *symbol)
{
    return (uint64_t)(uintptr_t)symbol;
}

/* All that is there is as it should be, and nothing is there but that. */
static void ck_program(void)
{
    static const uint64_t outside[] = {0, 0x1000, 0xfff000, MIB, 0x1fffff000, 0x7000000000};
    for (unsigned i = 0; i < COUNT(outside); i++)
        if (outside[i] < addr_of(_stext) || outside[i] >= machine.end)
            ck_assert_int_eq(kind_of(outside[i]), NOTHING);
    ck_assert_int_eq(kind_of(addr_of(_stext) - 1), NOTHING);
    for (uint64_t at = addr_of(_stext); at < image_end(); at += PAGE)
        ck_assert_int_eq(kind_of(at), at < addr_of(_etext)     ? TEXT
                                      : at < addr_of(_erodata) ? RODATA
                                                               : WRITABLE_DATA);
    for (uint64_t at = image_end(); at < machine.end;
         at += at < image_end() + REGION ? PAGE : REGION)
        ck_assert_int_eq(kind_of(at), FRESH_HEAP);
    ck_assert_int_eq(kind_of(machine.end - 1), FRESH_HEAP);
    ck_assert_int_eq(kind_of(machine.end), NOTHING);
    /* The tables see themselves, and lie in no memory of the program's. */
    uint64_t phys;
    ck_assert_uint_ne(walk((uint64_t)(uintptr_t)directories, &phys) & 1, 0);
    ck_assert_uint_eq(phys, pdpt.entry[0] & ADDRESS);
    ck_assert_uint_ge(phys, machine.split);
    ck_assert(machine.split == machine.end || phys >= machine.high + machine.end - machine.split ||
              phys < machine.high);
}

static void init(const struct machine_range *range, unsigned count)
{
    struct machine_ranges ranges = {.count = count};
    memcpy(ranges.range, range, count * sizeof *range);
    machine_memory_init(&ranges);
}

#define LOW                                      \
    {                                            \
        PHYSICAL, PHYSICAL + PHYSICAL_SIZE, true \
    }

START_TEST(one_piece)
{
    init((struct machine_range[]){{0, 0x9f000, true}, LOW}, 2);
    ck_assert_uint_eq(machine.split, machine.end);
    ck_assert_uint_gt(machine.end, PHYSICAL + PHYSICAL_SIZE - 4 * MIB);
    ck_program();
}
END_TEST

START_TEST(two_pieces)
{
    init(
        (struct machine_range[]){LOW, {4 * GIB, 5 * GIB + 123, true}, {8 * GIB, 9 * GIB - 1, true}},
        3);
    ck_assert_uint_eq(machine.split % REGION, 0);
    ck_assert_uint_eq(machine.high, 4 * GIB);
    ck_assert_uint_eq(machine.end - machine.split, GIB);
    ck_program();
}
END_TEST

START_TEST(firmware_after_image)
{
    const uint64_t hole = PHYSICAL + 112 * MIB;
    init((struct machine_range[]){{PHYSICAL, hole, true},
                                  {hole, hole + 12345, false},
                                  {hole + 12345, PHYSICAL + PHYSICAL_SIZE, true}},
         3);
    ck_assert_uint_eq(machine.high, hole + REGION);
    ck_assert_uint_lt(machine.split, hole);
    ck_assert_uint_eq(machine.high + machine.end - machine.split, PHYSICAL + PHYSICAL_SIZE);
    ck_program();
}
END_TEST

/* Something that is not usable lies in what is said to be, in both pieces. */
START_TEST(overlaps)
{
    init((struct machine_range[]){{PHYSICAL + 120 * MIB, PHYSICAL + 121 * MIB, false},
                                  LOW,
                                  {4 * GIB, 6 * GIB, true},
                                  {5 * GIB + 1, 5 * GIB + 2, false}},
         4);
    ck_assert_uint_lt(machine.split, PHYSICAL + 120 * MIB);
    ck_assert_uint_eq(machine.high, 4 * GIB);
    ck_assert_uint_eq(machine.end - machine.split, GIB);
    ck_program();
}
END_TEST

START_TEST(too_large)
{
    init((struct machine_range[]){LOW, {4 * GIB, UINT64_MAX, true}}, 2);
    ck_assert_uint_eq(machine.end - machine.split, 60 * GIB);
    ck_assert_uint_le(machine.end, 64 * GIB);
    ck_program();
}
END_TEST

/* Tables for all of the second piece do not fit: it is cut. */
START_TEST(tables_do_not_fit)
{
    const uint64_t end = image_end() + 8 * MIB;
    init((struct machine_range[]){{PHYSICAL, end, true}, {4 * GIB, 40 * GIB, true}}, 2);
    ck_assert_uint_lt(machine.end, 8 * GIB);
    ck_assert_uint_gt(machine.end, machine.split);
    ck_assert_uint_ge(machine.split, image_end() + 2 * MIB);
    ck_program();
}
END_TEST

START_TEST(nothing_at_all)
{
    init((struct machine_range[]){LOW}, 0);
}
END_TEST

START_TEST(not_at_the_image)
{
    init((struct machine_range[]){{4 * GIB, 8 * GIB, true}}, 1);
}
END_TEST

START_TEST(image_not_usable)
{
    init((struct machine_range[]){LOW, {PHYSICAL, addr_of(_stext) + 1, false}}, 2);
}
END_TEST

/* Room for the image, and not for its tables. */
START_TEST(no_room_for_tables)
{
    init((struct machine_range[]){{PHYSICAL, image_end() + 40 * PAGE, true}}, 1);
}
END_TEST

/* The tables are seen through a window, which this process has not: here they are where they lie.
 */
static void init_and_see_tables(void)
{
    init((struct machine_range[]){LOW, {4 * GIB, 5 * GIB, true}}, 2);
    uint64_t shift = TABLES - down(pdpt.entry[0] & ADDRESS, REGION);
    directories = (struct table *)((uintptr_t)directories - shift);
    tables = (struct table *)((uintptr_t)tables - shift);
}

static const volatile void *at(uint64_t addr)
{
    return (const volatile void *)(uintptr_t)addr;
}

START_TEST(given_to_devices)
{
    const uint64_t heap = up(image_end(), REGION) + 3 * REGION;
    size_t size = 100;
    init_and_see_tables();
    ck_assert_uint_eq(machine_phys(_stext, &size, false), addr_of(_stext));
    ck_assert_uint_eq(machine_phys(_etext, &size, false), addr_of(_etext));
    ck_assert_uint_eq(machine_phys(_erodata, &size, true), addr_of(_erodata));
    ck_assert_uint_eq(size, 100);
    /* What is not touched yet is there then, and nothing else. */
    memset((void *)(heap - 1), 0xa5, 2);
    size = 2;
    ck_assert_uint_eq(machine_phys(at(heap - 1), &size, true), heap - 1);
    ck_assert_int_eq(kind_of(heap - REGION), WRITABLE_DATA);
    ck_assert_int_eq(kind_of(heap), WRITABLE_DATA);
    ck_assert_int_eq(kind_of(heap + REGION), FRESH_HEAP);
    ck_assert_uint_eq(*(uint8_t *)(heap - 1) | *(uint8_t *)heap, 0);
    /* A guard page beside it. */
    target_mem_guard(heap + 2 * PAGE, PAGE);
    size = 2 * PAGE;
    ck_assert_uint_eq(machine_phys(at(heap), &size, true), heap);
    ck_assert_uint_eq(size, 2 * PAGE);
    /* The last byte before another piece; what follows is somewhere else. */
    size = 2;
    ck_assert_uint_eq(machine_phys(at(machine.split - 1), &size, true), machine.split - 1);
    ck_assert_uint_eq(size, 1);
}
END_TEST

/* Which of these is to be given to a device, which ends the program. */
START_TEST(not_given_to_devices)
{
    const uint64_t heap = up(image_end(), REGION);
    init_and_see_tables();
    target_mem_guard(heap + 2 * PAGE, PAGE);
    const struct {
        uint64_t addr, size;
        bool written;
    } refused[] = {
        {0, 1, false},
        {addr_of(_stext) - 1, 1, false},
        {addr_of(_stext) - 1, 2, false},
        {addr_of(_stext), 1, true},
        {addr_of(_etext), 1, true},
        {addr_of(_erodata) - 1, 2, true},
        {heap + 2 * PAGE, 1, false},
        {heap + 3 * PAGE - 1, 1, true},
        {heap, 2 * PAGE + 1, true},
        {machine.end, 1, false},
        {machine.end - 1, 2, false},
        {heap, UINT64_MAX, false},
        {0x7000000000, 1, false},
        {UINT64_MAX, 1, false},
    };
    ck_assert_uint_eq(COUNT(refused), REFUSED);
    size_t size = refused[_i].size;
    machine_phys(at(refused[_i].addr), &size, refused[_i].written);
}
END_TEST

START_TEST(windows)
{
    uint64_t phys = 0;
    /* As long as the loader's tables are there. */
    ck_assert_ptr_eq(machine_map(0x1234, 8, MACHINE_TABLE), (void *)0x1234);
    ck_assert_ptr_null(machine_map(4 * GIB - 4, 8, MACHINE_TABLE));
    init((struct machine_range[]){LOW}, 1);
    uint64_t at = (uint64_t)(uintptr_t)machine_map(0xfec00ff0, 0x20, MACHINE_DEVICE);
    ck_assert_uint_eq(at % PAGE, 0xff0);
    ck_assert_uint_eq(walk(at + 0x10, &phys) & ~ADDRESS, DATA | UNCACHED);
    ck_assert_uint_eq(phys, 0xfec01000);
    at = (uint64_t)(uintptr_t)machine_map(0xe0000, 0x20000, MACHINE_TABLE);
    ck_assert_uint_eq(walk(at + 0x1ffff, &phys) & ~ADDRESS, PRESENT | NO_EXEC);
    ck_assert_uint_eq(phys, 0xfffff);
    ck_assert_ptr_null(machine_map(0, 0, MACHINE_TABLE));
    ck_assert_ptr_null(machine_map(UINT64_MAX - 5, 10, MACHINE_TABLE));
    ck_assert_ptr_null(machine_map(UINT64_C(1) << 52, 1, MACHINE_TABLE));
    ck_assert_ptr_null(machine_map(0, 8 * MIB, MACHINE_TABLE));
    ck_assert_ptr_nonnull(machine_map(0, 8 * MIB - 34 * PAGE, MACHINE_TABLE));
    ck_assert_ptr_null(machine_map(0, 1, MACHINE_TABLE));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("machine_memory");
    TCase *tc = tcase_create("memory");
    tcase_add_checked_fixture(tc, map, NULL);
    tcase_add_test(tc, one_piece);
    tcase_add_test(tc, two_pieces);
    tcase_add_test(tc, firmware_after_image);
    tcase_add_test(tc, overlaps);
    tcase_add_test(tc, too_large);
    tcase_add_test(tc, tables_do_not_fit);
    tcase_add_exit_test(tc, nothing_at_all, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, not_at_the_image, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, image_not_usable, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, no_room_for_tables, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, given_to_devices);
    tcase_add_loop_exit_test(tc, not_given_to_devices, SOLO5_EXIT_ABORT, 0, REFUSED);
    tcase_add_test(tc, windows);
    suite_add_tcase(suite, tc);
    return suite;
}
