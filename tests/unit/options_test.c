/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line of a tender (tenders/common/options.c): what it takes, and the line that it says
 * of what it does not.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "unit.h"

#define WORDS_MAX 8

static int parse_flag(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->exec_heap = true;
    return 0;
}

static const struct option own[] = {{"--flag", NULL, "a flag", parse_flag},
                                    {NULL, NULL, NULL, NULL}};
static const struct option_text texts[] = {{"--block:", "NAME=DISK", "a disk"}, {NULL, NULL, NULL}};
static const struct tender tender = {.name = "solo5-test",
                                     .synopsis = "",
                                     .abi_version = 2,
                                     .mem_max_mb = 4096,
                                     .options = own,
                                     .texts = texts};

static struct options options;
static struct error error;

/* (words) ends with NULL; the program's name is put before it. */
static enum options_result parse(const char *const *words)
{
    static char *argv[WORDS_MAX + 2];
    int argc = 1;

    argv[0] = (char *)tender.name;
    while (*words != NULL && argc < WORDS_MAX + 1)
        argv[argc++] = (char *)*words++;
    argv[argc] = NULL;
    memset(&options, 0, sizeof options);
    memset(&error, 0, sizeof error);
    options.tender = &tender;
    return options_parse(&options, argc, argv, &error);
}

static const struct {
    const char *words[WORDS_MAX];
    const char *text;
} bad[] = {
    {{NULL}, "no image is given; see solo5-test --help"},
    {{"--"}, "no image is given; see solo5-test --help"},
    {{"--mem=2"}, "no image is given; see solo5-test --help"},
    {{"--what", "i"}, "--what: unknown option; see solo5-test --help"},
    {{"-", "i"}, "-: unknown option; see solo5-test --help"},
    {{"--flag=1", "i"}, "--flag=1: unknown option; see solo5-test --help"},
    {{"--help=1", "i"}, "--help=1: unknown option; see solo5-test --help"},
    {{"--mem", "16", "i"}, "--mem: must be --mem=MB"},
    {{"--mem:16", "i"}, "--mem:16: must be --mem=MB"},
    {{"--net=tap0", "i"}, "--net=tap0: must be --net:NAME=IFACE|@FD"},
    {{"--block=a", "i"}, "--block=a: must be --block:NAME=DISK"},
    {{"--memory=2", "i"}, "--memory=2: unknown option; see solo5-test --help"},
    {{"--mem=", "i"}, "--mem=: must be a number of megabytes from 1 to 4096"},
    {{"--mem=0", "i"}, "--mem=0: must be a number of megabytes from 1 to 4096"},
    {{"--mem=-1", "i"}, "--mem=-1: must be a number of megabytes from 1 to 4096"},
    {{"--mem=4097", "i"}, "--mem=4097: must be a number of megabytes from 1 to 4096"},
    {{"--mem=2M", "i"}, "--mem=2M: must be a number of megabytes from 1 to 4096"},
    {{"--mem=2", "--mem=2", "i"}, "--mem=2: --mem is given twice"},
    {{"--net:a", "i"},
     "--net:a: must be --net:NAME=VALUE, NAME being the letters and digits that the image's "
     "manifest has"},
    {{"--net:a-b=tap0", "i"},
     "--net:a-b=tap0: must be --net:NAME=VALUE, NAME being the letters and digits that the image's "
     "manifest has"},
    {{"--block:=x", "i"},
     "--block:=x: must be --block:NAME=VALUE, NAME being the letters and digits that the image's "
     "manifest has"},
    {{"--block:a=", "i"}, "--block:a=: nothing follows the ="},
    {{"--net:a=tap0", "--net:a=tap1", "i"}, "--net:a is given twice"},
    {{"--net:a123456789012345678901234567890123456789012345678901234567890123456a=t", "i"},
     "--net:a123456789012345678901234567890123456789012345678901234567890123456a=t: a device's "
     "name has at most 67 characters"},
};

START_TEST(refused)
{
    ck_assert_int_eq(parse(bad[_i].words), OPTIONS_BAD);
    ck_assert_str_eq(error.text, bad[_i].text);
}
END_TEST

START_TEST(defaults)
{
    const char *words[] = {"image", NULL};

    ck_assert_int_eq(parse(words), OPTIONS_RUN);
    ck_assert_uint_eq(options.mem_size, UINT64_C(512) << 20);
    ck_assert_str_eq(options.image, "image");
    ck_assert_ptr_null(options.args[0]);
    ck_assert_uint_eq(options.device_count, 0);
    ck_assert(!options.exec_heap);
}
END_TEST

START_TEST(everything)
{
    const char *words[] = {"--mem=4096",    "--flag", "--net:a=tap0", "--net:ab=@7",
                           "--block:a=x=y", "--",     "--image",      NULL};

    ck_assert_int_eq(parse(words), OPTIONS_RUN);
    ck_assert_uint_eq(options.mem_size, UINT64_C(4096) << 20);
    ck_assert(options.exec_heap);
    ck_assert_str_eq(options.image, "--image");
    ck_assert_str_eq(options_device(&options, OPTION_NET, "a"), "tap0");
    ck_assert_str_eq(options_device(&options, OPTION_NET, "ab"), "@7");
    ck_assert_str_eq(options_device(&options, OPTION_BLOCK, "a"), "x=y");
    ck_assert_ptr_null(options_device(&options, OPTION_NET, "b"));
    ck_assert_ptr_null(options_device(&options, OPTION_NET_MAC, "a"));
}
END_TEST

/* What follows the image is the guest's, whatever it looks like. */
START_TEST(guest_arguments)
{
    const char *words[] = {"image", "--mem=x", "--", "--help", NULL};

    ck_assert_int_eq(parse(words), OPTIONS_RUN);
    ck_assert_str_eq(options.args[0], "--mem=x");
    ck_assert_str_eq(options.args[2], "--help");
}
END_TEST

START_TEST(only_tell)
{
    const char *help[] = {"--mem=2", "--help", "--what", NULL};
    const char *version[] = {"--version", NULL};

    ck_assert_int_eq(parse(help), OPTIONS_HELP);
    ck_assert_int_eq(parse(version), OPTIONS_VERSION);
}
END_TEST

START_TEST(too_many_devices)
{
    static char text[DEVICE_OPTIONS_MAX + 1][24];
    static char *argv[DEVICE_OPTIONS_MAX + 4];
    int argc = 1;

    argv[0] = (char *)tender.name;
    for (unsigned i = 0; i <= DEVICE_OPTIONS_MAX; i++) {
        snprintf(text[i], sizeof text[i], "--net:n%u=t", i);
        argv[argc++] = text[i];
    }
    memset(&options, 0, sizeof options);
    options.tender = &tender;
    ck_assert_int_eq(options_parse(&options, argc, argv, &error), OPTIONS_BAD);
    ck_assert_str_eq(error.text, "--net:n192=t: more devices than a manifest can declare");
    ck_assert_uint_eq(options.device_count, DEVICE_OPTIONS_MAX);
}
END_TEST

static const struct {
    const char *words[WORDS_MAX];
    const char *line; /* NULL: does not fit into 8 bytes */
} lines[] = {
    {{"i"}, ""},
    {{"i", ""}, ""},
    {{"i", "a"}, "a"},
    {{"i", "a b", "c"}, "a b c"},
    {{"i", "", "", ""}, "  "},
    {{"i", "1234567"}, "1234567"},
    {{"i", "123", "456"}, "123 456"},
    {{"i", "12345678"}, NULL},
    {{"i", "123", "4567"}, NULL},
    {{"i", "1234567", ""}, NULL},
};

START_TEST(command_line)
{
    char line[8 + 1];
    int len;

    memset(line, '#', sizeof line);
    ck_assert_int_eq(parse(lines[_i].words), OPTIONS_RUN);
    len = options_cmdline(&options, line, 8, &error);
    ck_assert_int_eq(line[8], '#');
    if (lines[_i].line == NULL) {
        ck_assert_int_eq(len, -1);
        ck_assert_str_eq(error.text, "the guest's arguments are longer than 7 characters");
    } else {
        ck_assert_str_eq(line, lines[_i].line);
        ck_assert_int_eq(len, (int)strlen(line) + 1);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");

    tcase_add_loop_test(tests, refused, 0, COUNT(bad));
    tcase_add_test(tests, defaults);
    tcase_add_test(tests, everything);
    tcase_add_test(tests, guest_arguments);
    tcase_add_test(tests, only_tell);
    tcase_add_test(tests, too_many_devices);
    tcase_add_loop_test(tests, command_line, 0, COUNT(lines));
    suite_add_tcase(suite, tests);
    return suite;
}
