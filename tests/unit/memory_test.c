/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Guest memory and its ranges (tenders/common/memory.c, range.h).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "range.h"
#include "unit.h"

#define START UINT64_C(0x10000)
#define END   UINT64_C(0x200000)

static const struct {
    uint64_t off, len, size;
    bool ok;
} ranges[] = {
    {0, 0, 0, true},
    {0, 1, 0, false},
    {1, 0, 0, false},
    {0, 10, 10, true},
    {0, 11, 10, false},
    {10, 0, 10, true},
    {10, 1, 10, false},
    {11, 0, 10, false},
    {9, 1, 10, true},
    {9, 2, 10, false},
    {UINT64_MAX, 0, 10, false},
    {UINT64_MAX, 1, 10, false},
    {1, UINT64_MAX, 10, false},
    {UINT64_MAX, UINT64_MAX, 10, false},
    {0, UINT64_MAX, UINT64_MAX, true},
    {UINT64_MAX, 0, UINT64_MAX, true},
    {UINT64_MAX, 1, UINT64_MAX, false},
    {UINT64_MAX - 1, 1, UINT64_MAX, true},
};

START_TEST(range)
{
    ck_assert(range_ok(ranges[_i].off, ranges[_i].len, ranges[_i].size) == ranges[_i].ok);
}
END_TEST

START_TEST(pages)
{
    ck_assert(page_aligned(0) && page_aligned(4096) && !page_aligned(4095) && !page_aligned(1));
    ck_assert_uint_eq(page_up(0), 0);
    ck_assert_uint_eq(page_up(1), 4096);
    ck_assert_uint_eq(page_up(4096), 4096);
    ck_assert_uint_eq(page_down(4095), 0);
    ck_assert_uint_eq(page_down(8191), 4096);
}
END_TEST

static void map(struct gmem *gmem)
{
    struct error error;

    ck_assert_int_eq(gmem_map(gmem, START, END, 2 * PAGE_SIZE, false, &error), 0);
}

static const struct {
    uint64_t addr, len;
    bool ok;
} places[] = {
    {START, 0, true},
    {START, END - START, true},
    {START, END - START + 1, false},
    {START - 1, 1, false},
    {START - 1, 0, false},
    {0, 0, false},
    {0, END, false},
    {END - 1, 1, true},
    {END - 1, 2, false},
    {END, 0, true},
    {END, 1, false},
    {END + 1, 0, false},
    {UINT64_MAX, 1, false},
    {UINT64_MAX - 7, 8, false},
    {START, UINT64_MAX, false},
    {END - 8, UINT64_MAX - END + 9, false},
};

START_TEST(at)
{
    struct gmem gmem;
    void *p;

    map(&gmem);
    p = gmem_at(&gmem, places[_i].addr, places[_i].len);
    ck_assert((p != NULL) == places[_i].ok);
    if (p != NULL)
        memset(p, 1, places[_i].len);
}
END_TEST

START_TEST(copies)
{
    struct gmem gmem;
    uint64_t value = 0x1122334455667788, back = 0;

    map(&gmem);
    ck_assert_int_eq(gmem_write(&gmem, END - 8, &value, sizeof value), 0);
    ck_assert_int_eq(gmem_read(&gmem, END - 8, &back, sizeof back), 0);
    ck_assert_uint_eq(back, value);
    ck_assert_int_eq(gmem_write(&gmem, END - 7, &value, sizeof value), -1);
    back = 5;
    ck_assert_int_eq(gmem_read(&gmem, END - 7, &back, sizeof back), -1);
    ck_assert_uint_eq(back, 5);
    /* What is behind is the tender's, zero, and not reached by guest addresses. */
    ck_assert_uint_eq(*(uint64_t *)gmem_behind(&gmem), 0);
    memset(gmem_behind(&gmem), 1, 2 * PAGE_SIZE);
    ck_assert_int_eq(gmem_read(&gmem, END - 8, &back, sizeof back), 0);
    ck_assert_uint_eq(back, value);
}
END_TEST

START_TEST(sealed)
{
    struct gmem gmem;

    map(&gmem);
    gmem_seal(&gmem, START + PAGE_SIZE);
    ck_assert_ptr_null(gmem_at(&gmem, START, 1));
    ck_assert_ptr_null(gmem_at(&gmem, START + PAGE_SIZE - 1, 2));
    ck_assert_ptr_nonnull(gmem_at(&gmem, START + PAGE_SIZE, 1));
}
END_TEST

/* Guest addresses are host addresses; what is there already is not replaced. */
START_TEST(fixed)
{
    const uint64_t base = UINT64_C(0x100000000000);
    struct gmem gmem, other;
    struct error error;

    ck_assert_int_eq(gmem_map(&gmem, base, base + END, 0, true, &error), 0);
    ck_assert_uint_eq((uintptr_t)gmem_at(&gmem, base + 100, 1), base + 100);
    ck_assert_int_eq(gmem_map(&other, base + END / 2, base + 2 * END, 0, true, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "of guest memory: File exists; give less with"));
}
END_TEST

START_TEST(files)
{
    char path[] = "/tmp/quintet-memory-XXXXXX", page[PAGE_SIZE];
    struct gmem gmem;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    unlink(path);
    memset(page, 7, sizeof page);
    ck_assert_int_eq(write(fd, page, sizeof page), sizeof page);
    map(&gmem);
    ck_assert_int_eq(gmem_map_file(&gmem, 2 * START, 100, fd, 0, 3), 0);
    ck_assert_int_eq(gmem_read(&gmem, 2 * START, page, 100), 0);
    ck_assert_int_eq(page[99], 7);
    ck_assert_int_eq(gmem_write(&gmem, 2 * START, "abc", 3), 0);
    ck_assert_int_eq(pread(fd, page, 1, 0), 1);
    ck_assert_int_eq(page[0], 7);
    ck_assert_int_eq(gmem_map_file(&gmem, 2 * START, 100, -1, 0, 3), -1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");

    tcase_add_loop_test(tests, range, 0, COUNT(ranges));
    tcase_add_test(tests, pages);
    tcase_add_loop_test(tests, at, 0, COUNT(places));
    tcase_add_test(tests, copies);
    tcase_add_test(tests, sealed);
    tcase_add_test(tests, fixed);
    tcase_add_test(tests, files);
    suite_add_tcase(suite, tests);
    return suite;
}
