/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line of the runtime: words, and which of them are options.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime_fake.h"
#include "start/args.h"
#include "start/env.h"
#include "start/options.h"

#define MAX_WORDS 8

static char text[1024];
static char *words[MAX_WORDS];
static size_t count;

static const char *split(const char *line)
{
    ck_assert_uint_lt(strlen(line), sizeof text);
    ck_assert_uint_le(ARGS_MAX_WORDS(strlen(line)), 100);
    char *all[100];
    const char *wrong = args_split(line, text, all, &count);
    ck_assert_uint_le(count, ARGS_MAX_WORDS(strlen(line)));
    if (wrong == NULL) {
        ck_assert_uint_le(count, MAX_WORDS);
        memcpy(words, all, count * sizeof *words);
    }
    return wrong;
}

static const struct {
    const char *line;
    const char *words[MAX_WORDS];
} lines[] = {
    {"", {NULL}},
    {"  \t ", {NULL}},
    {"a", {"a"}},
    {" a  b\tc\n", {"a", "b", "c"}},
    {"'a b' \"c d\"", {"a b", "c d"}},
    {"''", {""}},
    {"'' \"\" a", {"", "", "a"}},
    {"a'b c'd", {"ab cd"}},
    {"a\\ b", {"a b"}},
    {"\\'", {"'"}},
    {"'a\\b'", {"a\\b"}},
    {"\"a\\\"b\\\\c\\d\"", {"a\"b\\c\\d"}},
    {"\"it's\" 'say \"x\"'", {"it's", "say \"x\""}},
    {"a b c d e", {"a", "b", "c", "d", "e"}},
};

START_TEST(splits)
{
    size_t n = 0;

    ck_assert_ptr_null(split(lines[_i].line));
    for (; n < MAX_WORDS && lines[_i].words[n] != NULL; n++) {
        ck_assert_uint_lt(n, count);
        ck_assert_str_eq(words[n], lines[_i].words[n]);
    }
    ck_assert_uint_eq(count, n);
}
END_TEST

START_TEST(refuses)
{
    ck_assert_str_eq(split("a 'b"), "a ' has no end");
    ck_assert_str_eq(split("\"b\\\""), "a \" has no end");
    ck_assert_ptr_nonnull(split("a \\"));
}
END_TEST

static void consume(const char *line)
{
    ck_assert_ptr_null(split(line));
    count = options_consume(words, count);
}

START_TEST(options_are_taken)
{
    environ = (char *[]){NULL};
    consume("x --env=A=1 --ipv4=1 y --env=B=2=3 -- --env=C=3");
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(words[0], "x");
    ck_assert_str_eq(words[1], "--ipv4=1"); /* no network is linked here */
    ck_assert_str_eq(words[2], "y");
    ck_assert_str_eq(words[3], "--env=C=3");
    ck_assert_str_eq(environ[0], "A=1");
    ck_assert_str_eq(environ[1], "B=2=3");
    ck_assert_ptr_null(environ[2]);
    static char one[] = "A=1", two[] = "B=2=3"; /* the text is about to be written over */
    environ[0] = one;
    environ[1] = two;
    consume("--env=A=9");
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(environ[0], "A=9");
    ck_assert_ptr_null(environ[2]);
    consume("--");
    ck_assert_uint_eq(count, 0);
    consume("-- --");
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(options_are_checked)
{
    ck_assert_ptr_null(split("--env==x"));
    if (!fake_ends())
        options_consume(words, count);
    ck_assert_int_eq(fake.status, 1);
    ck_assert_str_eq(fake.console, "runtime: --env==x: write --env=NAME=VALUE\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("args");
    TCase *tc = tcase_create("args");

    tcase_add_loop_test(tc, splits, 0, sizeof lines / sizeof lines[0]);
    tcase_add_test(tc, refuses);
    tcase_add_test(tc, options_are_taken);
    tcase_add_test(tc, options_are_checked);
    suite_add_tcase(suite, tc);
    SRunner *sr = srunner_create(suite);
    srunner_set_tap(sr, "-");
    srunner_run_all(sr, CK_SILENT);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
