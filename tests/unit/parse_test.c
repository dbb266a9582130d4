/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Numbers from the command line (tenders/common/parse.c): whole, in range, or refused.
 */
#include <stdlib.h>

#include "parse.h"
#include "unit.h"

#define UNTOUCHED 0x5555555555555555

static const struct {
    const char *text;
    uint64_t min, max;
    uint64_t value;
} good[] = {
    {"0", 0, 0, 0},
    {"0", 0, UINT64_MAX, 0},
    {"1", 1, 1, 1},
    {"512", 512, 65536, 512},
    {"65536", 512, 65536, 65536},
    {"0000000000000000000000000000007", 0, 10, 7},
    {"18446744073709551615", 0, UINT64_MAX, UINT64_MAX},
    {"18446744073709551614", 0, UINT64_MAX, UINT64_MAX - 1},
    {"9223372036854775808", 0, UINT64_MAX, (uint64_t)1 << 63},
};

START_TEST(accepted)
{
    uint64_t value = UNTOUCHED;

    ck_assert_int_eq(parse_u64(good[_i].text, good[_i].min, good[_i].max, &value), 0);
    ck_assert_uint_eq(value, good[_i].value);
}
END_TEST

static const struct {
    const char *text;
    uint64_t min, max;
} bad[] = {
    /* no number, or more than one */
    {"", 0, UINT64_MAX},
    {" ", 0, UINT64_MAX},
    {"x", 0, UINT64_MAX},
    {" 1", 0, UINT64_MAX},
    {"1 ", 0, UINT64_MAX},
    {"1\n", 0, UINT64_MAX},
    {"1x", 0, UINT64_MAX},
    {"1M", 0, UINT64_MAX},
    {"1.0", 0, UINT64_MAX},
    {"1e3", 0, UINT64_MAX},
    {"0x10", 0, UINT64_MAX},
    {"1,000", 0, UINT64_MAX},
    {"+1", 0, UINT64_MAX},
    {"-1", 0, UINT64_MAX},
    {"-0", 0, UINT64_MAX},
    {"--1", 0, UINT64_MAX},
    {"/", 0, UINT64_MAX}, /* the characters beside 0 and 9 */
    {":", 0, UINT64_MAX},
    {"\xd9\xa1", 0, UINT64_MAX}, /* a digit, but of another script */
    /* out of range */
    {"511", 512, 65536},
    {"65537", 512, 65536},
    {"0", 1, UINT64_MAX},
    {"5", 6, 4},
    /* past 64 bits: by one, at the addition, at the multiplication, by far */
    {"18446744073709551616", 0, UINT64_MAX},
    {"18446744073709551619", 0, UINT64_MAX},
    {"18446744073709551620", 0, UINT64_MAX},
    {"184467440737095516150", 0, UINT64_MAX},
    {"99999999999999999999999999999999999999999999", 0, UINT64_MAX},
};

START_TEST(refused)
{
    uint64_t value = UNTOUCHED;

    ck_assert_int_eq(parse_u64(bad[_i].text, bad[_i].min, bad[_i].max, &value), -1);
    ck_assert_uint_eq(value, UNTOUCHED);
}
END_TEST

static const struct {
    const char *text;
    size_t max, count;
    uint64_t value;
} hexes[] = {
    {"", 16, 0, 0},
    {"g", 16, 0, 0},
    {" 1", 16, 0, 0},
    {"0", 16, 1, 0},
    {"09afAF", 16, 6, 0x09afaf},
    {"12,34", 16, 2, 0x12},
    {"0x12", 16, 1, 0},
    {"-1", 16, 0, 0},
    {"abcdef", 2, 2, 0xab},
    {"ffffffffffffffff", 16, 16, UINT64_MAX},
    {"123456789abcdef01", 16, 16, 0x123456789abcdef0}, /* one more than fits */
    {"@", 16, 0, 0}, /* the characters beside those that are digits */
    {"G", 16, 0, 0},
    {"`", 16, 0, 0},
    {"/", 16, 0, 0},
    {":", 16, 0, 0},
};

START_TEST(hexadecimal)
{
    uint64_t value = UNTOUCHED;

    ck_assert_uint_eq(parse_hex(hexes[_i].text, hexes[_i].max, &value), hexes[_i].count);
    ck_assert_uint_eq(value, hexes[_i].value);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("parse");
    TCase *tests = tcase_create("parse_u64"), *hex = tcase_create("parse_hex");

    tcase_add_loop_test(tests, accepted, 0, COUNT(good));
    tcase_add_loop_test(tests, refused, 0, COUNT(bad));
    tcase_add_loop_test(hex, hexadecimal, 0, COUNT(hexes));
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, hex);
    return suite;
}
