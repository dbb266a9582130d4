/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Words of the command line that are the bindings' own (bindings/machine/words.c, and mmio_words.c
 * of bindings/virtio), and which device is which of the manifest's (match.c).
 */
#include <string.h>

#include "fake.h"
#include "match.h"
#include "mmio_words.h"
#include "unit.h"
#include "words.h"

static const struct {
    const char *line, *left;
    unsigned count;
    struct mmio_place place[2];
} mmio[] = {
    {"", "", 0, {{0, 0, 0}}},
    {"one  two", "one  two", 0, {{0, 0, 0}}},
    {"virtio_mmio.device=512@0xfeb00e00:12", "", 1, {{0xfeb00e00, 512, 12}}},
    {"virtio_mmio.device=4K@0xd0000000:5 one", "one", 1, {{0xd0000000, 4096, 5}}},
    {"one  two virtio_mmio.device=0x200@4273999872:12:3", "one  two", 1, {{4273999872, 512, 12}}},
    {"a virtio_mmio.device=512@0x2000:2 b virtio_mmio.device=512@0x1000:1 c",
     "a b c",
     2,
     {{0x1000, 512, 1}, {0x2000, 512, 2}}},
    {"virtio_mmio.device=512@0x2000:2 virtio_mmio.device=512@0x1000:1 virtio_mmio.device=4K@8K:3",
     "",
     2,
     {{0x1000, 512, 1}, {0x2000, 512, 2}}},
    {"a  virtio_mmio.device=512@0x2000:2  b", "a   b", 1, {{0x2000, 512, 2}}},
    {"xvirtio_mmio.device=512@0x2000:2", "xvirtio_mmio.device=512@0x2000:2", 0, {{0, 0, 0}}},
};

START_TEST(mmio_words)
{
    struct mmio_place places[3];
    char line[128];
    fake_reset();
    strcpy(line, mmio[_i].line);
    ck_assert_uint_eq(words_mmio(line, places, 3), mmio[_i].count);
    ck_assert_str_eq(line, mmio[_i].left);
    ck_assert_str_eq(fake.said, "");
    for (unsigned i = 0; i < mmio[_i].count; i++) {
        ck_assert_uint_eq(places[i].base, mmio[_i].place[i].base);
        ck_assert_uint_eq(places[i].size, mmio[_i].place[i].size);
        ck_assert_uint_eq(places[i].gsi, mmio[_i].place[i].gsi);
    }
}
END_TEST

static const char *const bad_mmio[] = {
    "",
    "512",
    "512@",
    "512@0x1000",
    "512@0x1000:",
    "512@0x1000:5:",
    "512@0x1000:5:1x",
    "512@0x1000:5,",
    "@0x1000:5",
    "0@0x1000:5",
    "512@0x:5",
    "512@0x1000:4294967296",
    "512@0xffffffffffffff00:5",
    "512@0x10000000000000000:5",
    "18014398509481984K@0x1000:5",
    "-1@0x1000:5",
};

START_TEST(mmio_words_refused)
{
    struct mmio_place places[2];
    char line[128] = "one virtio_mmio.device=";
    fake_reset();
    strcat(line, bad_mmio[_i]);
    strcat(line, " two");
    ck_assert_uint_eq(words_mmio(line, places, 2), 0);
    ck_assert_str_eq(line, "one two");
    ck_assert_ptr_nonnull(strstr(fake.said, "cannot be read"));
}
END_TEST

START_TEST(mmio_words_too_many)
{
    struct mmio_place places[1];
    char line[] = "virtio_mmio.device=512@0x2000:2 virtio_mmio.device=512@0x1000:1";
    fake_reset();
    ck_assert_uint_eq(words_mmio(line, places, 1), 1);
    ck_assert_str_eq(line, "");
    ck_assert_ptr_nonnull(strstr(fake.said, "more than 1"));
}
END_TEST

START_TEST(device_words)
{
    struct device_word words[3];
    char line[] =
        " --solo5:debug --device:disk=abc  --device:net=02:00:00:00:00:01 app --device:x=y";
    unsigned count;
    fake_reset();
    ck_assert(words_devices(line, words, 3, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(line, " --solo5:debug  app --device:x=y");
    ck_assert_str_eq(words[0].name, "disk");
    ck_assert_str_eq(words[0].address, "abc");
    ck_assert_str_eq(words[1].name, "net");
    ck_assert_str_eq(words[1].address, "02:00:00:00:00:01");
}
END_TEST

static const char *const bad_devices[] = {
    "", "=", "a", "a=", "=b", "a=012345678901234567890123456789", "a= b"};

START_TEST(device_words_refused)
{
    struct device_word words[2];
    char line[128] = "--device:disk=abc --device:";
    unsigned count;
    fake_reset();
    strcat(line, bad_devices[_i]);
    ck_assert(!words_devices(line, words, 2, &count));
    ck_assert_ptr_nonnull(strstr(fake.said, "cannot be read"));
}
END_TEST

/* ---- Which is which ---- */

static union {
    struct mft mft;
    uint8_t bytes[sizeof(struct mft) + 5 * sizeof(struct mft_entry)];
} manifest;

static struct match_device devices[4];

static void declare(const char *const *names, enum mft_type type)
{
    fake_reset();
    memset(&manifest, 0, sizeof manifest);
    memset(devices, 0, sizeof devices);
    manifest.mft.entries = 1;
    for (; *names != NULL; names++) {
        struct mft_entry *e = &manifest.mft.e[manifest.mft.entries++];
        strcpy(e->name, *names);
        e->type = type;
    }
}

static bool match(enum mft_type type, unsigned count, const struct device_word *words,
                  unsigned word_count)
{
    return match_devices(&manifest.mft, type, devices, count, words, word_count);
}

START_TEST(by_order)
{
    declare((const char *const[]){"one", "two", NULL}, MFT_DEV_NET_BASIC);
    ck_assert(match(MFT_DEV_NET_BASIC, 2, NULL, 0));
    ck_assert_uint_eq(devices[0].handle, 1);
    ck_assert_uint_eq(devices[1].handle, 2);
    ck_assert(match(MFT_DEV_BLOCK_BASIC, 0, NULL, 0));
}
END_TEST

START_TEST(by_serial)
{
    declare((const char *const[]){"one", "averylongnameofmorethan20", NULL}, MFT_DEV_BLOCK_BASIC);
    strcpy(devices[0].address, "averylongnameofmoret");
    strcpy(devices[2].address, "boot");
    strcpy(devices[1].address, "one");
    ck_assert(match(MFT_DEV_BLOCK_BASIC, 3, NULL, 0));
    ck_assert_uint_eq(devices[0].handle, 2);
    ck_assert_uint_eq(devices[1].handle, 1);
    ck_assert(!devices[2].taken);
    ck_assert_str_eq(fake.said, "");
}
END_TEST

START_TEST(by_word)
{
    const struct device_word words[] = {{"two", "02:00:00:00:00:AB"}};
    declare((const char *const[]){"one", "two", NULL}, MFT_DEV_NET_BASIC);
    strcpy(devices[0].address, "02:00:00:00:00:ab");
    strcpy(devices[1].address, "02:00:00:00:00:ac");
    ck_assert(match(MFT_DEV_NET_BASIC, 2, words, 1));
    ck_assert_uint_eq(devices[0].handle, 2);
    ck_assert_uint_eq(devices[1].handle, 1);
}
END_TEST

START_TEST(word_of_nothing)
{
    const struct device_word unknown[] = {{"three", "x"}}, absent[] = {{"one", "x"}},
                             twice[] = {{"one", "a"}, {"one", "b"}};
    declare((const char *const[]){"one", NULL}, MFT_DEV_NET_BASIC);
    ck_assert(!match(MFT_DEV_NET_BASIC, 1, unknown, 1));
    ck_assert_ptr_nonnull(strstr(fake.said, "the manifest has no such device"));
    ck_assert(!match(MFT_DEV_NET_BASIC, 1, absent, 1));
    ck_assert_ptr_nonnull(
        strstr(fake.said, "one=x: the machine has no network of that address left\n"));
    strcpy(devices[0].address, "a");
    strcpy(devices[1].address, "b");
    ck_assert(!match(MFT_DEV_NET_BASIC, 2, absent, 1));
    ck_assert_ptr_nonnull(strstr(fake.said, "address left; it has a b\n"));
    ck_assert(!match(MFT_DEV_NET_BASIC, 2, twice, 2));
}
END_TEST

/* However many there are, and however long their names. */
START_TEST(word_of_nothing_among_many)
{
    const struct device_word absent[] = {{"one", "x"}};
    static struct match_device many[20];
    declare((const char *const[]){"one", NULL}, MFT_DEV_BLOCK_BASIC);
    for (unsigned i = 0; i < COUNT(many); i++)
        memset(many[i].address, 'a' + (int)i, i + 1);
    ck_assert(!match_devices(&manifest.mft, MFT_DEV_BLOCK_BASIC, many, COUNT(many), absent, 1));
    ck_assert_ptr_nonnull(strstr(fake.said, "it has a bb ccc dddd "));
}
END_TEST

START_TEST(missing)
{
    declare((const char *const[]){"one", "two", NULL}, MFT_DEV_BLOCK_BASIC);
    ck_assert(!match(MFT_DEV_BLOCK_BASIC, 1, NULL, 0));
    ck_assert_ptr_nonnull(strstr(fake.said, "no disk for two: the manifest has 2 of them, the "
                                            "machine 1"));
}
END_TEST

START_TEST(too_many)
{
    declare((const char *const[]){"one", NULL}, MFT_DEV_BLOCK_BASIC);
    ck_assert(!match(MFT_DEV_BLOCK_BASIC, 2, NULL, 0));
    ck_assert_ptr_nonnull(strstr(fake.said, "2 disks for 1 of the manifest"));
}
END_TEST

START_TEST(mac_text)
{
    const uint8_t mac[6] = {0x02, 0x00, 0xab, 0xcd, 0xef, 0x99};
    char text[WORDS_ADDRESS_SIZE];
    match_mac_text(mac, text);
    ck_assert_str_eq(text, "02:00:ab:cd:ef:99");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_words");
    TCase *words = tcase_create("words"), *matches = tcase_create("match");

    tcase_add_loop_test(words, mmio_words, 0, COUNT(mmio));
    tcase_add_loop_test(words, mmio_words_refused, 0, COUNT(bad_mmio));
    tcase_add_test(words, mmio_words_too_many);
    tcase_add_test(words, device_words);
    tcase_add_loop_test(words, device_words_refused, 0, COUNT(bad_devices));
    suite_add_tcase(suite, words);
    tcase_add_test(matches, by_order);
    tcase_add_test(matches, by_serial);
    tcase_add_test(matches, by_word);
    tcase_add_test(matches, word_of_nothing);
    tcase_add_test(matches, word_of_nothing_among_many);
    tcase_add_test(matches, missing);
    tcase_add_test(matches, too_many);
    tcase_add_test(matches, mac_text);
    suite_add_tcase(suite, matches);
    return suite;
}
