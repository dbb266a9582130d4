/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The translation tables of an hvt guest (tenders/hvt/x86_64/tables.c), read as the processor reads
 * them: SDM vol. 3, 4.5.4.
 */
#include <string.h>
#include <sys/mman.h>

#include "cpu.h"
#include "hvt_abi.h"
#include "image.h"
#include "memory.h"
#include "range.h"
#include "unit.h"

#define MB      UINT64_C(0x100000)
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define P       1
#define W       2
#define NX      (UINT64_C(1) << 63)
#define NOTHING 0
#define READ    (P | NX)
#define WRITE   (P | W | NX)
#define EXECUTE P

static struct cpu_tables tables;
static struct gmem gmem;
static struct image image;

/* The entry of the table at (base) that (shift) of (addr) selects; must lie behind guest memory. */
static uint64_t entry(uint64_t base, uint64_t addr, unsigned shift)
{
    uint64_t at = (base & ADDRESS) + (addr >> shift & 511) * 8;

    ck_assert_uint_ge(at, gmem.end);
    ck_assert(range_ok(at - gmem.end, 8, cpu_tables_size(gmem.end)));
    return *(uint64_t *)((char *)gmem_behind(&gmem) + (at - gmem.end));
}

/* The rights at (addr); it must be translated to itself. */
static uint64_t rights(uint64_t addr)
{
    uint64_t e = gmem.end;

    for (unsigned shift = 39; shift >= 12; shift -= 9) {
        bool page;

        e = entry(e, addr, shift);
        if (!(e & P))
            return NOTHING;
        page = shift == 12 || (shift == 21 && (e & 0x80));
        if (!page) {
            ck_assert_uint_eq(e & (W | NX), W);
            continue;
        }
        ck_assert_uint_eq((e & ADDRESS) + (addr & ((UINT64_C(1) << shift) - 1)), addr);
        /* Accessed, and dirty where it can be written. */
        ck_assert(e & 0x20);
        ck_assert_int_eq(!!(e & 0x40), !!(e & W));
        ck_assert_uint_eq(e & 4, 0);
        return e & (P | W | NX);
    }
    return NOTHING;
}

static void make(uint64_t mem_size)
{
    struct error error;

    memset(&tables, 0, sizeof tables);
    image = (struct image){
        .end = MB + 0x6000,
        .segment_count = 3,
        .segment = {{.addr = MB, .size = 0x1800, .protection = PROT_READ | PROT_EXEC},
                    {.addr = MB + 0x2000, .size = 1, .protection = PROT_READ},
                    {.addr = MB + 0x4000, .size = 0x1001, .protection = PROT_READ | PROT_WRITE}},
    };
    ck_assert_int_eq(gmem_map(&gmem, 0, mem_size, cpu_tables_size(mem_size), false, &error), 0);
    cpu_tables_init(&tables, &gmem, &image);
}

static const struct {
    uint64_t first, last; /* addresses */
    uint64_t rights;
} layout[] = {
    {0, 0xffff, NOTHING},
    {0x10000, MB - 1, READ},
    {MB, MB + 0x1fff, EXECUTE},
    {MB + 0x2000, MB + 0x2fff, READ},
    {MB + 0x3000, MB + 0x3fff, NOTHING},
    {MB + 0x4000, MB + 0x5fff, WRITE},
    {MB + 0x6000, MB + 0x6fff, WRITE},
};

static const uint64_t sizes[] = {2 * MB, 3 * MB, 16 * MB, 17 * MB, 512 * MB, 1025 * MB, 4096 * MB};

START_TEST(initial)
{
    uint64_t end = sizes[_i];

    make(end);
    for (unsigned i = 0; i < COUNT(layout); i++) {
        ck_assert_uint_eq(rights(layout[i].first), layout[i].rights);
        ck_assert_uint_eq(rights(layout[i].last), layout[i].rights);
    }
    for (uint64_t addr = 2 * MB; addr < end; addr += MB / 2)
        ck_assert_uint_eq(rights(addr), WRITE);
    ck_assert_uint_eq(rights(end - 1), WRITE);
    /* What is behind is not the guest's, nor is anything above. */
    ck_assert_uint_eq(rights(end), NOTHING);
    ck_assert_uint_eq(rights(end + 2 * MB), NOTHING);
    ck_assert_uint_eq(rights(5 * 1024 * MB), NOTHING);
    ck_assert_uint_eq(rights(UINT64_C(1) << 47), NOTHING);
}
END_TEST

static const struct {
    uint64_t addr, len;
} guards[] = {
    {8 * MB + 0x1000, 0x1000},          /* splits */
    {8 * MB, 0x1000},                   /* first of a region */
    {10 * MB - 0x1000, 0x1000},         /* last */
    {10 * MB - 0x1000, 0x2000},         /* of two */
    {8 * MB, 2 * MB},                   /* a whole one */
    {8 * MB, 4 * MB},                   /* two */
    {8 * MB - 0x3000, 4 * MB + 0x5000}, /* two, and some on both sides */
    {MB + 0x6000, 0x1000},              /* right after the image */
    {16 * MB, MB},                      /* the last, half a region */
    {17 * MB - 0x1000, 0x1000},
    {MB + 0x6000, 16 * MB - 0x6000}, /* everything */
};

START_TEST(guarded)
{
    uint64_t from = guards[_i].addr, to = from + guards[_i].len;

    make(17 * MB);
    for (unsigned again = 0; again < 2; again++) {
        cpu_tables_guard(&tables, &gmem, from, to - from);
        for (uint64_t addr = MB + 0x6000; addr < 17 * MB; addr += PAGE_SIZE)
            ck_assert_uint_eq(rights(addr), addr >= from && addr < to ? NOTHING : WRITE);
        ck_assert_uint_eq(rights(MB), EXECUTE);
    }
}
END_TEST

/* There is no way back, whatever comes first. */
START_TEST(guards_add_up)
{
    make(17 * MB);
    cpu_tables_guard(&tables, &gmem, 8 * MB, 2 * MB);
    cpu_tables_guard(&tables, &gmem, 8 * MB + 0x1000, 0x1000);
    cpu_tables_guard(&tables, &gmem, 10 * MB, 0x1000);
    cpu_tables_guard(&tables, &gmem, 10 * MB, 2 * MB);
    cpu_tables_guard(&tables, &gmem, 12 * MB, 0x1000);
    cpu_tables_guard(&tables, &gmem, 12 * MB + 0x2000, 0x1000);
    for (uint64_t addr = 8 * MB; addr < 12 * MB; addr += PAGE_SIZE)
        ck_assert_uint_eq(rights(addr), NOTHING);
    ck_assert_uint_eq(rights(12 * MB), NOTHING);
    ck_assert_uint_eq(rights(12 * MB + 0x1000), WRITE);
    ck_assert_uint_eq(rights(12 * MB + 0x2000), NOTHING);
    ck_assert_uint_eq(rights(12 * MB + 0x3000), WRITE);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("tables");
    TCase *tests = tcase_create("tables");

    tcase_add_loop_test(tests, initial, 0, COUNT(sizes));
    tcase_add_loop_test(tests, guarded, 0, COUNT(guards));
    tcase_add_test(tests, guards_add_up);
    suite_add_tcase(suite, tests);
    return suite;
}
