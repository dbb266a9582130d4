/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The tenders' own C library (tenders/libc): formatted output and strings. Here its functions have
 * the names of the host's with t_ before, by macros.
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

static char text[64];

#define CHECK_FORMAT(expected, ...)                          \
    do {                                                     \
        int len_ = snprintf(text, sizeof text, __VA_ARGS__); \
        ck_assert_str_eq(text, expected);                    \
        ck_assert_int_eq(len_, (int)strlen(text));           \
    } while (0)

START_TEST(numbers)
{
    CHECK_FORMAT("0 -1 2147483647 -2147483648", "%d %i %d %d", 0, -1, INT_MAX, INT_MIN);
    CHECK_FORMAT("4294967295 ffffffff", "%u %x", UINT_MAX, UINT_MAX);
    CHECK_FORMAT("18446744073709551615", "%llu", ULLONG_MAX);
    CHECK_FORMAT("ffffffffffffffff", "%lx", ULONG_MAX);
    CHECK_FORMAT("-9223372036854775808", "%lld", LLONG_MIN);
    CHECK_FORMAT("12", "%zu", (size_t)12);
    CHECK_FORMAT("7", "%hhu", 7);
}
END_TEST

START_TEST(widths)
{
    CHECK_FORMAT("[   5]", "[%4d]", 5);
    CHECK_FORMAT("[0005]", "[%04d]", 5);
    CHECK_FORMAT("[-005]", "[%04d]", -5);
    CHECK_FORMAT("[  -5]", "[%4d]", -5);
    CHECK_FORMAT("[5   ]", "[%-4d]", 5);
    CHECK_FORMAT("[0a]", "[%02x]", 10);
    CHECK_FORMAT("[12345]", "[%2d]", 12345);
    CHECK_FORMAT("[  ab]", "[%*s]", 4, "ab");
    CHECK_FORMAT("[ab  ]", "[%-4s]", "ab");
}
END_TEST

START_TEST(strings)
{
    CHECK_FORMAT("", "%s", "");
    CHECK_FORMAT("abc%", "%s%%", "abc");
    CHECK_FORMAT("ab", "%.2s", "abc");
    CHECK_FORMAT("abc", "%.9s", "abc");
    CHECK_FORMAT("ab", "%.*s", 2, "abc");
    CHECK_FORMAT("", "%.0s", "abc");
    CHECK_FORMAT("x", "%c", 'x');
}
END_TEST

START_TEST(room)
{
    char small[4] = {'#', '#', '#', '#'};

    ck_assert_int_eq(snprintf(small, 3, "%s", "abcdef"), 6);
    ck_assert_mem_eq(small, "ab\0#", 4);
    ck_assert_int_eq(snprintf(small, 1, "%d", 12), 2);
    ck_assert_mem_eq(small, "\0b\0#", 4);
    ck_assert_int_eq(snprintf(NULL, 0, "%d", 12), 2);
    ck_assert_int_eq(snprintf(small, 4, "%s", "abc"), 3);
    ck_assert_str_eq(small, "abc");
}
END_TEST

START_TEST(memory)
{
    char a[] = "0123456789", b[11];

    ck_assert_ptr_eq(memcpy(b, a, sizeof a), b);
    ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
    memmove(b + 2, b, 5);
    ck_assert_str_eq(b, "0101234789");
    memcpy(b, a, sizeof a);
    memmove(b, b + 2, 5);
    ck_assert_str_eq(b, "2345656789");
    memset(b, 'x', 3);
    ck_assert_str_eq(b, "xxx5656789");
    ck_assert_int_lt(memcmp("a\1", "a\xff", 2), 0);
    ck_assert_int_gt(memcmp("b", "a", 1), 0);
    ck_assert_int_eq(memcmp("b", "a", 0), 0);
}
END_TEST

START_TEST(comparison)
{
    ck_assert_uint_eq(strlen(""), 0);
    ck_assert_uint_eq(strlen("abc"), 3);
    ck_assert_int_eq(strcmp("abc", "abc"), 0);
    ck_assert_int_lt(strcmp("ab", "abc"), 0);
    ck_assert_int_gt(strcmp("\xff", "a"), 0);
    ck_assert_int_eq(strncmp("abc", "abd", 2), 0);
    ck_assert_int_lt(strncmp("abc", "abd", 3), 0);
    ck_assert_int_eq(strncmp("abc", "abc", 9), 0);
    ck_assert_int_eq(strncmp("a", "b", 0), 0);
    ck_assert_str_eq(strstr("xabcabc", "abc"), "abcabc");
    ck_assert_ptr_null(strstr("xab", "abc"));
    ck_assert_str_eq(strstr("x", ""), "x");
    ck_assert_str_eq(strstr("aab", "ab"), "ab");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("format");
    TCase *tests = tcase_create("format");

    tcase_add_test(tests, numbers);
    tcase_add_test(tests, widths);
    tcase_add_test(tests, strings);
    tcase_add_test(tests, room);
    tcase_add_test(tests, memory);
    tcase_add_test(tests, comparison);
    suite_add_tcase(suite, tests);
    return suite;
}
