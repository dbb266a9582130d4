/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Manifests: the binary form that tenders check (tenders/common/mft.c) and the
 * JSON that they are written in (tools/elftool/manifest_json.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_json.h"
#include "mft.h"
#include "unit.h"

/* ---- The binary form ---- */

/* A valid manifest with `devices` devices: d1, d2, ..., networks and block devices in turn. */
static struct mft *make_mft(unsigned devices)
{
    struct mft *mft = calloc(1, mft_size(devices + 1));

    ck_assert_ptr_nonnull(mft);
    mft->version = MFT_VERSION;
    mft->entries = devices + 1;
    mft->e[0].type = MFT_RESERVED_FIRST;
    for (unsigned i = 1; i <= devices; i++) {
        snprintf(mft->e[i].name, sizeof mft->e[i].name, "d%u", i);
        mft->e[i].type = i % 2 == 1 ? MFT_DEV_NET_BASIC : MFT_DEV_BLOCK_BASIC;
    }
    return mft;
}

START_TEST(binary_valid)
{
    static const unsigned counts[] = {0, 1, 2, 62, 63};
    struct mft *mft = make_mft(counts[_i]);
    const char *reason = "";

    ck_assert_int_eq(mft_validate(mft, mft_size(counts[_i] + 1), &reason), 0);
    ck_assert_ptr_null(reason);
    free(mft);
}
END_TEST

START_TEST(binary_size_is_exact)
{
    struct mft *mft = make_mft(2);
    size_t good = mft_size(3);
    const char *reason;

    for (size_t size = 0; size < good; size++) {
        /* A copy of just that size: a sanitizer sees any access behind it. */
        struct mft *part = malloc(size > 0 ? size : 1);

        ck_assert_ptr_nonnull(part);
        memcpy(part, mft, size);
        ck_assert_int_eq(mft_validate(part, size, &reason), -1);
        ck_assert_str_eq(reason, size < 8
                                     ? "manifest is shorter than its own header"
                                     : "manifest is not as long as its number of entries requires");
        free(part);
    }
    ck_assert_int_eq(mft_validate(mft, good + 1, &reason), -1);
    ck_assert_int_eq(mft_validate(mft, SIZE_MAX, &reason), -1);
    free(mft);
}
END_TEST

static void set_version(struct mft *mft)
{
    mft->version = 2;
}
static void set_no_entries(struct mft *mft)
{
    mft->entries = 0;
}
static void set_65_entries(struct mft *mft)
{
    mft->entries = 65;
}
static void set_many_entries(struct mft *mft)
{
    mft->entries = UINT32_MAX;
}
static void set_first_type(struct mft *mft)
{
    mft->e[0].type = MFT_DEV_NET_BASIC;
}
static void set_first_name(struct mft *mft)
{
    mft->e[0].name[0] = 'a';
}
static void set_first_attached(struct mft *mft)
{
    mft->e[0].attached = true;
}
static void set_type_0(struct mft *mft)
{
    mft->e[2].type = (mft_type_t)0;
}
static void set_type_3(struct mft *mft)
{
    mft->e[2].type = (mft_type_t)3;
}
static void set_second_reserved(struct mft *mft)
{
    mft->e[2].type = MFT_RESERVED_FIRST;
}
static void set_no_name(struct mft *mft)
{
    memset(mft->e[2].name, 0, sizeof mft->e[2].name);
}
static void set_endless_name(struct mft *mft)
{
    memset(mft->e[2].name, 'a', sizeof mft->e[2].name);
}
static void set_dash(struct mft *mft)
{
    mft->e[2].name[1] = '-';
}
static void set_utf8(struct mft *mft)
{
    memcpy(mft->e[2].name, "\xc3\xbc", 3);
}
static void set_attached(struct mft *mft)
{
    mft->e[2].attached = true;
}
static void set_odd_attached(struct mft *mft)
{
    *(unsigned char *)&mft->e[2].attached = 0x80;
}
static void set_doubled(struct mft *mft)
{
    strcpy(mft->e[3].name, "d1");
}

static const struct {
    void (*spoil)(struct mft *mft);
    const char *reason;
} spoilt[] = {
    {set_version, "manifest is of an unknown version, not version 1"},
    {set_no_entries, "manifest has no entries, not even the reserved one"},
    {set_65_entries, "manifest has more than 64 entries"},
    {set_many_entries, "manifest has more than 64 entries"},
    {set_first_type, "manifest's first entry is not the reserved one"},
    {set_first_name, "manifest's reserved entry has a name"},
    {set_first_attached, "manifest's reserved entry is marked as attached"},
    {set_type_0, "manifest has a device of an unknown type"},
    {set_type_3, "manifest has a device of an unknown type"},
    {set_second_reserved, "manifest has a device of an unknown type"},
    {set_no_name, "manifest has a device without a name"},
    {set_endless_name, "manifest has a device name without an end"},
    {set_dash, "manifest has a device name with other characters than letters and digits"},
    {set_utf8, "manifest has a device name with other characters than letters and digits"},
    {set_attached, "manifest has a device that is marked as attached"},
    {set_odd_attached, "manifest has a device that is marked as attached"},
    {set_doubled, "manifest has two devices of one type with the same name"},
};

START_TEST(binary_spoilt)
{
    struct mft *mft = make_mft(3);
    const char *reason = NULL;

    spoilt[_i].spoil(mft);
    ck_assert_int_eq(mft_validate(mft, mft_size(4), &reason), -1);
    ck_assert_str_eq(reason, spoilt[_i].reason);
    free(mft);
}
END_TEST

/* Solo5 tells devices apart by name and type. */
START_TEST(binary_one_name_of_two_types)
{
    struct mft *mft = make_mft(2);
    const char *reason;
    unsigned index;

    strcpy(mft->e[2].name, "d1");
    ck_assert_int_eq(mft_validate(mft, mft_size(3), &reason), 0);
    ck_assert_ptr_eq(mft_find(mft, "d1", MFT_DEV_NET_BASIC, &index), &mft->e[1]);
    ck_assert_uint_eq(index, 1);
    ck_assert_ptr_eq(mft_find(mft, "d1", MFT_DEV_BLOCK_BASIC, &index), &mft->e[2]);
    ck_assert_uint_eq(index, 2);
    free(mft);
}
END_TEST

START_TEST(find)
{
    struct mft *mft = make_mft(63);
    unsigned index = 0;

    ck_assert_ptr_eq(mft_find(mft, "d63", MFT_DEV_NET_BASIC, &index), &mft->e[63]);
    ck_assert_uint_eq(index, 63);
    ck_assert_ptr_eq(mft_find(mft, "d2", MFT_DEV_BLOCK_BASIC, NULL), &mft->e[2]);
    ck_assert_ptr_null(mft_find(mft, "d2", MFT_DEV_NET_BASIC, &index));
    ck_assert_ptr_null(mft_find(mft, "", MFT_RESERVED_FIRST, &index));
    ck_assert_ptr_null(mft_find(mft, "d", MFT_DEV_NET_BASIC, &index));
    ck_assert_ptr_null(mft_find(mft, "d64", MFT_DEV_BLOCK_BASIC, &index));
    ck_assert_uint_eq(index, 63);
    free(mft);
}
END_TEST

START_TEST(type_names)
{
    ck_assert_str_eq(mft_type_name(MFT_DEV_NET_BASIC), "NET_BASIC");
    ck_assert_str_eq(mft_type_name(MFT_DEV_BLOCK_BASIC), "BLOCK_BASIC");
    ck_assert_ptr_null(mft_type_name(0));
    ck_assert_ptr_null(mft_type_name(MFT_RESERVED_FIRST));
    ck_assert_uint_eq(mft_type_by_name("NET_BASIC"), MFT_DEV_NET_BASIC);
    ck_assert_uint_eq(mft_type_by_name("BLOCK_BASIC"), MFT_DEV_BLOCK_BASIC);
    ck_assert_uint_eq(mft_type_by_name("net_basic"), 0);
    ck_assert_uint_eq(mft_type_by_name(""), 0);
}
END_TEST

START_TEST(name_chars)
{
    unsigned count = 0;

    for (int c = -128; c < 128; c++)
        count += mft_name_char((char)c);
    ck_assert_uint_eq(count, 62);
    ck_assert(mft_name_char('a') && mft_name_char('Z') && mft_name_char('0'));
    ck_assert(!mft_name_char('\0') && !mft_name_char('_') && !mft_name_char('@'));
}
END_TEST

/* ---- JSON ---- */

static struct mft *parse(const char *text, struct fault *fault)
{
    return manifest_json_parse(text, strlen(text), fault);
}

#define HEAD      "{\"type\": \"solo5.manifest\", \"version\": 1, \"devices\": "
#define ONE(dev)  HEAD "[" dev "]}"
#define NAME(n)   ONE("{\"name\": \"" n "\", \"type\": \"NET_BASIC\"}")
#define CHARS_67  "a123456789b123456789c123456789d123456789e123456789f123456789g123456"
#define NAME_HELP "use only letters (A-Z, a-z) and digits"

START_TEST(json_valid)
{
    struct fault fault;
    const char *reason;
    struct mft *mft = parse("\n{ \"devices\" : [ {\"type\":\"BLOCK_BASIC\",\"name\":\"storage\"},\n"
                            "{\"name\":\"" CHARS_67 "\",\"type\":\"NET_BASIC\"} ],\n"
                            "\"version\":1, \"type\":\"solo5.manifest\" }\n\n",
                            &fault);

    ck_assert_ptr_nonnull(mft);
    ck_assert_int_eq(mft_validate(mft, mft_size(3), &reason), 0);
    ck_assert_str_eq(mft->e[1].name, "storage");
    ck_assert_uint_eq(mft->e[1].type, MFT_DEV_BLOCK_BASIC);
    ck_assert_str_eq(mft->e[2].name, CHARS_67);
    ck_assert_uint_eq(mft->e[2].type, MFT_DEV_NET_BASIC);
    free(mft);
}
END_TEST

START_TEST(json_escapes_mean_what_they_say)
{
    struct fault fault;
    struct mft *mft = parse(ONE("{\"n\\u0061me\": \"\\u0061b\", \"type\": \"NET_BASIC\"}"), &fault);

    ck_assert_ptr_nonnull(mft);
    ck_assert_str_eq(mft->e[1].name, "ab");
    free(mft);
}
END_TEST

START_TEST(json_number_of_devices)
{
    static const unsigned counts[] = {0, 1, 63, 64, 1000};
    char *text = malloc(64 + 64 * counts[_i]);
    struct fault fault;
    const char *reason;
    struct mft *mft;
    int len = sprintf(text, HEAD "[");

    for (unsigned i = 0; i < counts[_i]; i++)
        len += sprintf(text + len, "%s\n{\"name\":\"d%u\",\"type\":\"NET_BASIC\"}",
                       i > 0 ? "," : "", i);
    strcpy(text + len, "]}");
    mft = parse(text, &fault);
    if (counts[_i] <= 63) {
        ck_assert_ptr_nonnull(mft);
        ck_assert_int_eq(mft_validate(mft, mft_size(counts[_i] + 1), &reason), 0);
    } else {
        char expected[100];

        ck_assert_ptr_null(mft);
        sprintf(expected, "\"devices\" lists %u devices; a manifest holds at most 63", counts[_i]);
        ck_assert_str_eq(fault.text, expected);
        ck_assert_uint_eq(fault.column, 53);
    }
    free(mft);
    free(text);
}
END_TEST

static const struct {
    const char *json;
    unsigned line, column;
    const char *text;
} wrong[] = {
    /* the object */
    {"\n [1]", 2, 2, "manifest is a list; it must be an object: {...}"},
    {"{}", 1, 1, "manifest has no \"type\"; add it, a string"},
    {"{\"type\": 1}", 1, 10, "manifest: \"type\" is a number; it must be a string"},
    {"{\"type\": \"solo5.abi\"}", 1, 10,
     "manifest is of type 'solo5.abi'; it must be solo5.manifest"},
    {"{\n\"type\": \"solo5.manifest\"}", 1, 1,
     "manifest has no \"version\"; add it, a whole number"},
    {"{\"type\": \"solo5.manifest\", \"version\": 1}", 1, 1,
     "manifest has no \"devices\"; add it, a list"},
    {"{\"type\": \"solo5.manifest\",\n  \"version\": 2, \"devices\": []}", 2, 14,
     "manifest is of version 2; it must be 1"},
    {"{\"type\": \"solo5.manifest\", \"version\": 1.0, \"devices\": []}", 1, 39,
     "manifest: \"version\" is a number; it must be a whole number"},
    {"{\"type\": \"solo5.manifest\", \"version\": \"1\", \"devices\": []}", 1, 39,
     "manifest: \"version\" is a string; it must be a whole number"},
    {"{\"type\": \"solo5.manifest\", \"version\": -9223372036854775808, \"devices\": []}", 1, 39,
     "manifest is of version -9223372036854775808; it must be 1"},
    {HEAD "{}}", 1, 53, "manifest: \"devices\" is an object; it must be a list"},
    {HEAD "null}", 1, 53, "manifest: \"devices\" is null; it must be a list"},
    {HEAD "[],\n \"extra\": true}", 2, 2,
     "manifest: unknown key 'extra'; the keys are: type, version, devices"},
    {HEAD "[], \"a\\u001b[2J\": true}", 1, 1,
     "manifest: unknown key 'a\\x1b[2J'; the keys are: type, version, devices"},
    /* a device */
    {ONE("1"), 1, 54, "device 1 is a number; it must be {\"name\": ..., \"type\": ...}"},
    {ONE("\"a\""), 1, 54, "device 1 is a string; it must be {\"name\": ..., \"type\": ...}"},
    {ONE("true"), 1, 54, "device 1 is true or false; it must be {\"name\": ..., \"type\": ...}"},
    {ONE("{}"), 1, 54, "device 1 has no \"name\"; add it, a string"},
    {ONE("{\"name\":\"a\"}"), 1, 54, "device 1 ('a') has no \"type\"; add it, a string"},
    {ONE("{\"type\":\"NET_BASIC\"}"), 1, 54, "device 1 has no \"name\"; add it, a string"},
    {ONE("{\"name\":null}"), 1, 62, "device 1: \"name\" is null; it must be a string"},
    {ONE("{\"name\":\"a\",\"type\":2}"), 1, 73,
     "device 1 ('a'): \"type\" is a number; it must be a string"},
    {ONE("{\"name\":\"a\",\"type\":\"NET_FAST\"}"), 1, 73,
     "device 1 ('a'): unknown type 'NET_FAST'; use NET_BASIC or BLOCK_BASIC"},
    {ONE("{\"name\":\"a\",\"type\":\"RESERVED_FIRST\"}"), 1, 73,
     "device 1 ('a'): unknown type 'RESERVED_FIRST'; use NET_BASIC or BLOCK_BASIC"},
    {ONE("{\"name\":\"a\",\"type\":\"BLOCK_BASIC\",\n\"capacity\":4096}"), 2, 1,
     "device 1 ('a'): unknown key 'capacity'; the keys are: name, type"},
    /* its name */
    {NAME(""), 1, 63, "device 1: name is empty; " NAME_HELP},
    {NAME("a-b"), 1, 63, "device 1 ('a-b'): name contains '-'; " NAME_HELP},
    {NAME("\xc3\xbc"), 1, 63, "device 1 ('\\xc3\\xbc'): name contains '\\xc3'; " NAME_HELP},
    {NAME("a\\\"b"), 1, 63, "device 1 ('a\"b'): name contains '\"'; " NAME_HELP},
    {NAME("a\\nb"), 1, 63, "device 1 ('a\\x0ab'): name contains '\\x0a'; " NAME_HELP},
    {NAME(CHARS_67 "h"), 1, 63, "device 1: name has 68 characters; use at most 67"},
    {ONE("{\"name\": \"a\", \"type\": \"NET_BASIC\"},\n\n {\"name\": \"a\", \"type\": "
         "\"NET_BASIC\"}"),
     3, 11, "device 2 ('a') has the name of device 1; give it another"},
    {ONE("{\"name\": \"a\", \"type\": \"NET_BASIC\"},{\"name\": \"b\", \"type\": \"NET_BASIC\"},\n"
         "{\"name\": \"a\", \"type\": \"BLOCK_BASIC\"}"),
     2, 10, "device 3 ('a') has the name of device 1; give it another"},
    /* places behind strings that look like something else */
    {HEAD "[],\"\xc3\xbc]}{[\\\"\\\\\":[[{\"x\":\"}\"}]], \"y\":0}", 1, 1,
     "manifest: unknown key '\\xc3\\xbc]}{[\"\\'; the keys are: type, version, devices"},
    /* syntax: the library's own words */
    {"", 1, 1, "not valid JSON: '[' or '{' expected near end of file"},
    {"{\"type\":\n\n 'a'}", 3, 2, "not valid JSON: invalid token near '''"},
    {"{\"type\":\"a\",\n\"type\":\"b\"}", 2, 6,
     "not valid JSON: duplicate object key near '\"type\"'"},
    {HEAD "[]", 1, 54, "not valid JSON: '}' expected near end of file"},
    {HEAD "[]} x", 1, 57, "not valid JSON: end of file expected near 'x'"},
    {NAME("\\u0000"), 1, 70,
     "not valid JSON: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'"},
};

START_TEST(json_wrong)
{
    struct fault fault;

    ck_assert_ptr_null(parse(wrong[_i].json, &fault));
    ck_assert_str_eq(fault.text, wrong[_i].text);
    ck_assert_uint_eq(fault.line, wrong[_i].line);
    ck_assert_uint_eq(fault.column, wrong[_i].column);
}
END_TEST

START_TEST(json_long_text_is_cut)
{
    char text[4096];
    struct fault fault;

    memset(text, 'k', sizeof text);
    memcpy(text, "{\"", 2);
    strcpy(text + sizeof text - 5, "\":1}");
    ck_assert_ptr_null(parse(text, &fault));
    ck_assert_uint_lt(strlen(fault.text), 200);
    ck_assert_ptr_nonnull(strstr(fault.text, "kkk...'; the keys are: type, version, devices"));
}
END_TEST

START_TEST(json_deep_nesting)
{
    const size_t depth = 100000;
    char *text = malloc(depth + 1);
    struct fault fault;

    memset(text, '[', depth);
    text[depth] = '\0';
    ck_assert_ptr_null(parse(text, &fault));
    ck_assert_str_eq(fault.text, "not valid JSON: maximum parsing depth reached near '['");
    free(text);
}
END_TEST

START_TEST(json_cut_short)
{
    static const char whole[] = NAME("service");

    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *part = malloc(len + 1);
        struct fault fault;

        memcpy(part, whole, len);
        part[len] = '\0';
        ck_assert_ptr_null(manifest_json_parse(part, len, &fault));
        ck_assert_uint_eq(fault.line, 1);
        free(part);
    }
}
END_TEST

START_TEST(json_zero_byte_inside)
{
    char text[] = NAME("service");
    struct fault fault;

    for (size_t i = 0; i < sizeof text - 1; i++) {
        char kept = text[i];

        text[i] = '\0';
        ck_assert_ptr_null(manifest_json_parse(text, sizeof text - 1, &fault));
        text[i] = kept;
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("manifest");
    TCase *binary = tcase_create("binary");
    TCase *json = tcase_create("json");

    tcase_add_loop_test(binary, binary_valid, 0, 5);
    tcase_add_test(binary, binary_size_is_exact);
    tcase_add_loop_test(binary, binary_spoilt, 0, COUNT(spoilt));
    tcase_add_test(binary, binary_one_name_of_two_types);
    tcase_add_test(binary, find);
    tcase_add_test(binary, type_names);
    tcase_add_test(binary, name_chars);
    suite_add_tcase(suite, binary);

    tcase_add_test(json, json_valid);
    tcase_add_test(json, json_escapes_mean_what_they_say);
    tcase_add_loop_test(json, json_number_of_devices, 0, 5);
    tcase_add_loop_test(json, json_wrong, 0, COUNT(wrong));
    tcase_add_test(json, json_long_text_is_cut);
    tcase_add_test(json, json_deep_nesting);
    tcase_add_test(json, json_cut_short);
    tcase_add_test(json, json_zero_byte_inside);
    suite_add_tcase(suite, json);
    return suite;
}
