/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What boot loaders leave (bindings/machine/protocols.c), in memory below 4 GiB of this process.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"
#include "unit.h"

#define BASE        UINT64_C(0x30000000)
#define PARAMS      BASE
#define CMDLINE     (BASE + 0x2000)
#define MAP         (BASE + 0x6000)
#define LOADER_NAME (BASE + 0x8000)
#define SIZE        0x9000

struct machine machine;
static struct machine_ranges ranges;

void log_write(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void solo5_abort(void)
{
    exit(SOLO5_EXIT_ABORT);
}

bool string_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void *at(uint64_t addr)
{
    return (void *)(uintptr_t)addr;
}

static void map(void)
{
    ck_assert_ptr_eq(mmap(at(BASE), SIZE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
                     at(BASE));
}

static void put(uint64_t addr, uint64_t value, size_t size)
{
    memcpy(at(addr), &value, size);
}

static void ck_range(unsigned i, uint64_t start, uint64_t end, bool usable)
{
    ck_assert_uint_lt(i, ranges.count);
    ck_assert_uint_eq(ranges.range[i].start, start);
    ck_assert_uint_eq(ranges.range[i].end, end);
    ck_assert_int_eq(ranges.range[i].usable, usable);
}

static void put_linux(unsigned entries)
{
    put(PARAMS + 0x202, 0x53726448, 4);
    put(PARAMS + 0x1e8, entries, 1);
    put(PARAMS + 0x070, 0xe0000, 8);
    put(PARAMS + 0x228, CMDLINE, 4);
    for (unsigned i = 0; i < entries && i < 128; i++) {
        put(PARAMS + 0x2d0 + i * 20, (uint64_t)i << 20, 8);
        put(PARAMS + 0x2d0 + i * 20 + 8, 0x1000, 8);
        put(PARAMS + 0x2d0 + i * 20 + 16, i % 2 + 1, 4);
    }
}

START_TEST(linux_all)
{
    put_linux(3);
    put(PARAMS + 0x2d0 + 48, UINT64_MAX, 8); /* a size past the end of addresses */
    strcpy(at(CMDLINE), "one  two");
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 3);
    ck_range(0, 0, 0x1000, true);
    ck_range(1, 0x100000, 0x101000, false);
    ck_range(2, 0x200000, UINT64_MAX, true);
    ck_assert_uint_eq(machine.rsdp, 0xe0000);
    ck_assert_str_eq(machine.cmdline, "one  two");
}
END_TEST

START_TEST(linux_many)
{
    put_linux(255);
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 128);
}
END_TEST

/* A part of setup_data at MAP + (offset): its type, the length that it claims, and the next. */
static void put_setup_data(uint64_t offset, uint32_t type, uint32_t len, uint64_t next)
{
    put(MAP + offset, next, 8);
    put(MAP + offset + 8, type, 4);
    put(MAP + offset + 12, len, 4);
}

/* A map of 128 pieces and two more, in the second part of setup_data. */
static void put_linux_rest(void)
{
    put_linux(128);
    put(PARAMS + 0x250, MAP, 8);
    put_setup_data(0, 3, 59, MAP + 75);
    put_setup_data(75, 1, 59, 0); /* the last one is cut, and not taken */
    for (unsigned i = 0; i < 3; i++) {
        put(MAP + 91 + i * 20, UINT64_C(1) << (32 + i), 8);
        put(MAP + 91 + i * 20 + 8, 0x3000, 8);
        put(MAP + 91 + i * 20 + 16, 2 - i, 4);
    }
}

START_TEST(linux_rest)
{
    put_linux_rest();
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 130);
    ck_range(127, 127 << 20, (127 << 20) + 0x1000, false);
    ck_range(128, UINT64_C(1) << 32, (UINT64_C(1) << 32) + 0x3000, false);
    ck_range(129, UINT64_C(1) << 33, (UINT64_C(1) << 33) + 0x3000, true);
}
END_TEST

/* A map that boot_params have room for is all there is, wherever the list leads. */
START_TEST(linux_no_rest)
{
    put_linux_rest();
    put(PARAMS + 0x1e8, 127, 1);
    put(PARAMS + 0x250, UINT64_C(0x100000000), 8);
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 127);
}
END_TEST

START_TEST(linux_far_rest)
{
    put_linux_rest();
    put(MAP, UINT64_C(0x100000000), 8);
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
}
END_TEST

START_TEST(linux_long_rest)
{
    put_linux_rest();
    put_setup_data(75, 3, UINT32_MAX - (uint32_t)MAP - 16 - 75 + 1, 0);
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
}
END_TEST

START_TEST(linux_endless_rest)
{
    put_linux_rest();
    put_setup_data(75, 3, 0, MAP);
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
}
END_TEST

START_TEST(linux_no_params)
{
    machine_read_loader(MACHINE_ENTRY_LINUX, 0, &ranges);
}
END_TEST

START_TEST(linux_far_params)
{
    machine_read_loader(MACHINE_ENTRY_LINUX, UINT64_C(0x100000000), &ranges);
}
END_TEST

START_TEST(linux_other_header)
{
    machine_read_loader(MACHINE_ENTRY_LINUX, PARAMS, &ranges);
}
END_TEST

static void put_pvh(unsigned version, uint64_t memmap, uint64_t entries)
{
    put(PARAMS, 0x336ec578, 4);
    put(PARAMS + 4, version, 4);
    put(PARAMS + 24, CMDLINE, 8);
    put(PARAMS + 32, 0xf5a40, 8);
    put(PARAMS + 40, memmap, 8);
    put(PARAMS + 48, entries, 4);
    put(MAP, 0x100000, 8);
    put(MAP + 8, 0x7f00000, 8);
    put(MAP + 16, 1, 4);
    put(MAP + 24, 0x8000000, 8);
    put(MAP + 32, 0, 8); /* empty: not taken */
    put(MAP + 40, 1, 4);
}

START_TEST(pvh_all)
{
    put_pvh(1, MAP, 2);
    strcpy(at(CMDLINE), "x");
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 1);
    ck_range(0, 0x100000, 0x8000000, true);
    ck_assert_uint_eq(machine.rsdp, 0xf5a40);
    ck_assert_str_eq(machine.cmdline, "x");
}
END_TEST

/* All that the loaders may tell are taken, and one more is refused, not left out. */
static void put_pvh_many(unsigned count)
{
    put_pvh(1, MAP, count);
    for (unsigned i = 0; i < count; i++) {
        put(MAP + i * 24, (uint64_t)i << 20, 8);
        put(MAP + i * 24 + 8, 0x1000, 8);
        put(MAP + i * 24 + 16, i % 2 + 1, 4);
    }
}

START_TEST(pvh_many)
{
    put_pvh_many(256);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 256);
    ck_range(255, UINT64_C(255) << 20, (UINT64_C(255) << 20) + 0x1000, false);
}
END_TEST

START_TEST(pvh_too_many)
{
    put_pvh_many(257);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
}
END_TEST

/* The first version of the structure ends before the memory map. */
START_TEST(pvh_version_0)
{
    put_pvh(0, MAP, 2);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 0);
}
END_TEST

START_TEST(pvh_far_map)
{
    put_pvh(1, UINT64_C(0xffffffff0), UINT32_MAX);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 0);
}
END_TEST

START_TEST(pvh_other_magic)
{
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
}
END_TEST

START_TEST(five_levels)
{
    machine_read_loader(MACHINE_ENTRY_FIVE_LEVELS, PARAMS, &ranges);
}
END_TEST

START_TEST(unknown)
{
    machine_read_loader(MACHINE_ENTRY_UNKNOWN, 7, &ranges);
}
END_TEST

static void put_multiboot(uint32_t flags, uint32_t map_size)
{
    put(PARAMS, flags, 4);
    put(PARAMS + 8, 0x1fc00, 4); /* mem_upper, KiB */
    put(PARAMS + 16, CMDLINE, 4);
    put(PARAMS + 44, map_size, 4);
    put(PARAMS + 48, MAP, 4);
    put(PARAMS + 64, LOADER_NAME, 4);
    for (unsigned i = 0; i < 2; i++) {
        put(MAP + i * 24, 20, 4);
        put(MAP + i * 24 + 4, (uint64_t)i << 32, 8);
        put(MAP + i * 24 + 12, 0x9000, 8);
        put(MAP + i * 24 + 20, 1, 4);
    }
    strcpy(at(CMDLINE), "/boot/image.virtio one two");
    strcpy(at(LOADER_NAME), "GRUB 2.06");
}

START_TEST(multiboot_map)
{
    put_multiboot(1 | 1 << 2 | 1 << 6 | 1 << 9, 48);
    machine_read_loader(MACHINE_ENTRY_MULTIBOOT, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 2);
    ck_range(0, 0, 0x9000, true);
    ck_range(1, UINT64_C(0x100000000), UINT64_C(0x100009000), true);
    ck_assert_str_eq(machine.cmdline, "/boot/image.virtio one two");
}
END_TEST

START_TEST(multiboot_by_qemu)
{
    put_multiboot(1 | 1 << 2 | 1 << 9, 0);
    strcpy(at(LOADER_NAME), "qemu");
    machine_read_loader(MACHINE_ENTRY_MULTIBOOT, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 1);
    ck_range(0, 0x100000, 0x8000000, true);
    ck_assert_str_eq(machine.cmdline, " one two");
}
END_TEST

/* Two entries that are as long as half the addresses there are. */
START_TEST(multiboot_endless_map)
{
    const uint64_t half = UINT64_C(0x80000000);
    put_multiboot(1 << 6, half + 24);
    ck_assert_ptr_eq(mmap(at(BASE + half), SIZE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
                     at(BASE + half));
    memcpy(at(MAP + half), at(MAP), 24);
    put(MAP, half - 4, 4);
    put(MAP + half, half - 4, 4);
    put(MAP + 12, 0, 8); /* empty, so that none is too many */
    put(MAP + half + 12, 0, 8);
    machine_read_loader(MACHINE_ENTRY_MULTIBOOT, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 0);
}
END_TEST

/* An entry that is too short, or longer than the map, ends it; one that is cut is not read. */
START_TEST(multiboot_odd_maps)
{
    static const uint32_t sizes[] = {0, 19, 49, UINT32_MAX};
    for (unsigned i = 0; i < COUNT(sizes); i++) {
        put_multiboot(1 << 6, 48);
        put(MAP + 24, sizes[i], 4);
        ranges.count = 0;
        machine_read_loader(MACHINE_ENTRY_MULTIBOOT, PARAMS, &ranges);
        ck_assert_uint_eq(ranges.count, 1);
    }
    put_multiboot(1 << 6, 47);
    ranges.count = 0;
    machine_read_loader(MACHINE_ENTRY_MULTIBOOT, PARAMS, &ranges);
    ck_assert_uint_eq(ranges.count, 1);
}
END_TEST

START_TEST(cmdline_longest)
{
    put_pvh(1, MAP, 2);
    memset(at(CMDLINE), 'x', MACHINE_CMDLINE_MAX);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
    ck_assert_uint_eq(strlen(machine.cmdline), MACHINE_CMDLINE_MAX);
}
END_TEST

START_TEST(cmdline_too_long)
{
    put_pvh(1, MAP, 2);
    memset(at(CMDLINE), 'x', MACHINE_CMDLINE_MAX + 1);
    machine_read_loader(MACHINE_ENTRY_PVH, PARAMS, &ranges);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("machine_protocols");
    TCase *tc = tcase_create("protocols");
    tcase_add_checked_fixture(tc, map, NULL);
    tcase_add_test(tc, linux_all);
    tcase_add_test(tc, linux_many);
    tcase_add_test(tc, linux_rest);
    tcase_add_test(tc, linux_no_rest);
    tcase_add_exit_test(tc, linux_far_rest, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, linux_long_rest, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, linux_endless_rest, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, linux_no_params, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, five_levels, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, linux_far_params, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, linux_other_header, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, pvh_all);
    tcase_add_test(tc, pvh_many);
    tcase_add_exit_test(tc, pvh_too_many, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, pvh_version_0);
    tcase_add_test(tc, pvh_far_map);
    tcase_add_exit_test(tc, pvh_other_magic, SOLO5_EXIT_ABORT);
    tcase_add_exit_test(tc, unknown, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, multiboot_map);
    tcase_add_test(tc, multiboot_by_qemu);
    tcase_add_test(tc, multiboot_odd_maps);
    tcase_add_test(tc, multiboot_endless_map);
    tcase_add_test(tc, cmdline_longest);
    tcase_add_exit_test(tc, cmdline_too_long, SOLO5_EXIT_ABORT);
    suite_add_tcase(suite, tc);
    return suite;
}
