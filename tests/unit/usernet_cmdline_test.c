/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-usernet's command line: networks, forwards, and what they come to together. The messages
 * are tested with the program itself, in tests/net/usernet.
 */
#include <stdlib.h>

#include "cidr.h"
#include "cmdline.h"
#include "forward.h"
#include "unit.h"

/* cidr.c */

static const struct {
    const char *text;
    uint32_t base;
    uint32_t mask;
} good_cidr[] = {
    {"10.0.2.0/24", 0x0a000200, 0xffffff00},      {"10.0.0.0/8", 0x0a000000, 0xff000000},
    {"192.168.1.224/27", 0xc0a801e0, 0xffffffe0}, {"223.255.255.0/24", 0xdfffff00, 0xffffff00},
    {"128.0.0.0/9", 0x80000000, 0xff800000},      {"1.0.0.0/8", 0x01000000, 0xff000000},
};

START_TEST(cidr_accepted)
{
    struct cidr cidr;
    const char *why;

    ck_assert_int_eq(cidr_parse(good_cidr[_i].text, &cidr, &why), 0);
    ck_assert_uint_eq(cidr.base, good_cidr[_i].base);
    ck_assert_uint_eq(cidr.mask, good_cidr[_i].mask);
}
END_TEST

static const char *const bad_cidr[] = {
    "",
    "/",
    "/24",
    "10.0.2.0",
    "10.0.2.0/",
    "10.0.2/24",
    "10.0.2.0/24 ",
    " 10.0.2.0/24",
    "10.0.2.0/-1",
    "10.0.2.0/33",
    "10.0.2.0/24/24",
    "10.0.2.256/24",
    "10.0.2.0x/24",
    "fd00::/64",
    "10.0.2.0/18446744073709551640",
    "100000000000.200000000000.30000000000.0/24",
    "10.0.2.0/28",
    "10.0.2.0/32",
    "10.0.0.0/7",
    "0.0.0.0/0",
    "0.0.0.0/8",
    "127.0.0.0/8",
    "127.1.2.0/24",
    "224.0.0.0/24",
    "239.255.0.0/16",
    "240.0.0.0/24",
    "255.255.255.0/24",
    "10.0.2.1/24",
    "10.0.2.128/24",
};

START_TEST(cidr_refused)
{
    struct cidr cidr = {.base = 7};
    const char *why = NULL;

    ck_assert_int_eq(cidr_parse(bad_cidr[_i], &cidr, &why), -1);
    ck_assert_uint_eq(cidr.base, 7);
    ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(cidr_neighbours)
{
    struct cidr first;
    struct cidr other;
    const char *why;

    ck_assert_int_eq(cidr_parse("10.0.2.0/24", &first, &why), 0);
    ck_assert_int_eq(cidr_nth(&first, 0, &other), 0);
    ck_assert_uint_eq(other.base, 0x0a000200);
    ck_assert_int_eq(cidr_nth(&first, 1, &other), 0);
    ck_assert_uint_eq(other.base, 0x0a000300);
    ck_assert_int_eq(cidr_nth(&first, 62, &other), 0);
    ck_assert_uint_eq(other.base, 0x0a004000);
    ck_assert_uint_eq(other.prefix_len, 24);

    /* into what is reserved, and past the end of all addresses */
    ck_assert_int_eq(cidr_parse("126.0.0.0/8", &first, &why), 0);
    ck_assert_int_eq(cidr_nth(&first, 1, &other), -1);
    ck_assert_int_eq(cidr_nth(&first, 2, &other), 0);
    ck_assert_int_eq(cidr_nth(&first, 97, &other), 0);
    ck_assert_int_eq(cidr_nth(&first, 98, &other), -1);
    ck_assert_int_eq(cidr_nth(&first, 131, &other), -1);
}
END_TEST

START_TEST(addresses_in_words)
{
    static const char *const texts[] = {"0.0.0.0", "255.255.255.255", "10.0.2.15"};
    char text[ADDR_TEXT_SIZE];
    uint32_t addr;

    for (size_t i = 0; i < COUNT(texts); i++) {
        ck_assert_int_eq(addr_parse(texts[i], &addr), 0);
        ck_assert_str_eq(addr_format(addr, text), texts[i]);
    }
}
END_TEST

/* forward.c */

static const struct {
    const char *text;
    const char *net_name;
    uint32_t host_addr;
    uint16_t host_port;
    uint16_t guest_port;
    bool is_udp;
} good_forward[] = {
    {"8080:80", "", 0x7f000001, 8080, 80, false},
    {"1:65535", "", 0x7f000001, 1, 65535, false},
    {"65535:1/tcp", "", 0x7f000001, 65535, 1, false},
    {"5353:53/udp", "", 0x7f000001, 5353, 53, true},
    {"0.0.0.0:8080:80", "", 0, 8080, 80, false},
    {"192.0.2.1:8080:80/udp", "", 0xc0000201, 8080, 80, true},
    {"service=8080:80", "service", 0x7f000001, 8080, 80, false},
    {"b2=127.0.0.2:8080:80/udp", "b2", 0x7f000002, 8080, 80, true},
};

START_TEST(forward_accepted)
{
    struct forward forward;
    const char *why;

    ck_assert_int_eq(forward_parse(good_forward[_i].text, &forward, &why), 0);
    ck_assert_str_eq(forward.text, good_forward[_i].text);
    ck_assert_str_eq(forward.net_name, good_forward[_i].net_name);
    ck_assert_uint_eq(forward.host_addr, good_forward[_i].host_addr);
    ck_assert_uint_eq(forward.host_port, good_forward[_i].host_port);
    ck_assert_uint_eq(forward.guest_port, good_forward[_i].guest_port);
    ck_assert(forward.is_udp == good_forward[_i].is_udp);
}
END_TEST

#define TEN(c) c c c c c c c c c c

static const char *const bad_forward[] = {
    "",
    ":",
    "::",
    "80",
    "8080:",
    ":80",
    "0:80",
    "8080:0",
    "65536:80",
    "8080:65536",
    "8080:80:",
    "-1:80",
    "+1:80",
    " 8080:80",
    "8080:80 ",
    "8080:80/",
    "8080:80/udp/tcp",
    "8080:80/UDP",
    "8080/udp:80",
    "a:b",
    "0x50:80",
    "1.2.3:8080:80",
    "1.2.3.4.5:8080:80",
    ":8080:80",
    "[::1]:8080:80",
    "127.0.0.1:8080:10.0.2.15:80",
    "=8080:80",
    "a_b=8080:80",
    "a=b=8080:80",
    TEN("1111111") "=8080:80",
    TEN("00000") TEN("00000") TEN("00000") "8080:80",
};

START_TEST(forward_refused)
{
    struct forward forward;
    const char *why = NULL;

    ck_assert_int_eq(forward_parse(bad_forward[_i], &forward, &why), -1);
    ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(forward_clash)
{
    static const struct {
        const char *a;
        const char *b;
        bool clash;
    } pairs[] = {
        {"8080:80", "8080:81", true},
        {"8080:80", "8081:80", false},
        {"8080:80", "8080:80/udp", false},
        {"8080:80/udp", "8080:81/udp", true},
        {"8080:80", "0.0.0.0:8080:80", true},
        {"0.0.0.0:8080:80", "8080:80", true},
        {"8080:80", "127.0.0.2:8080:80", false},
        {"a=8080:80", "b=8080:80", true},
    };

    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct forward a;
        struct forward b;
        const char *why;

        ck_assert_int_eq(forward_parse(pairs[i].a, &a, &why), 0);
        ck_assert_int_eq(forward_parse(pairs[i].b, &b, &why), 0);
        ck_assert_msg(forward_clashes(&a, &b) == pairs[i].clash, "%s, %s", pairs[i].a, pairs[i].b);
    }
}
END_TEST

START_TEST(net_words)
{
    static const struct {
        const char *word;
        int result;
        const char *name;
    } words[] = {
        {"--net:service=@FD", 1, "service"},
        {"--net:A1=@FD", 1, "A1"},
        {"--net:=@FD", -1, NULL},
        {"--net:a-b=@FD", -1, NULL},
        {"--net:a=@FD=@FD", -1, NULL},
        {"--net:a=@fd", 0, NULL},
        {"--net:a=@3", 0, NULL},
        {"--net:a=tap0", 0, NULL},
        {"--net:a=@FD ", 0, NULL},
        {"--block:a=@FD", 0, NULL},
        {"@FD", 0, NULL},
        {"=@FD", 0, NULL},
        {"--net:@FD", 0, NULL},
        {"", 0, NULL},
        {"--net:" TEN("1111111") "=@FD", -1, NULL},
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        char name[NET_NAME_MAX + 1];

        ck_assert_msg(net_word_parse(words[i].word, name) == words[i].result, "%s", words[i].word);
        if (words[i].result == 1)
            ck_assert_str_eq(name, words[i].name);
    }
}
END_TEST

/* cmdline.c */

START_TEST(whole_command_line)
{
    static const char *const argv[] = {"solo5-usernet",
                                       "-p",
                                       "8080:80",
                                       "-psecond=53:53/udp",
                                       "--net",
                                       "10.9.0.0/16",
                                       "--dns=192.0.2.1",
                                       "--pcap=a=b",
                                       "--",
                                       "tender",
                                       "--mem=16",
                                       "--net:first=@FD",
                                       "--net:second=@FD",
                                       "image",
                                       "--restrict",
                                       NULL};
    struct cmdline *cmdline = malloc(sizeof *cmdline);

    ck_assert_ptr_nonnull(cmdline);
    ck_assert_int_eq(cmdline_parse(cmdline, (char **)argv), 0);
    ck_assert(!cmdline->help && !cmdline->version && !cmdline->restrict_guest);
    ck_assert_uint_eq(cmdline->dns, 0xc0000201);
    ck_assert_str_eq(cmdline->pcap_path, "a=b");
    ck_assert_str_eq(cmdline->tender[0], "tender");
    ck_assert_uint_eq(cmdline->net_count, 2);
    ck_assert_str_eq(cmdline->nets[0].name, "first");
    ck_assert_uint_eq(cmdline->nets[0].cidr.base, 0x0a090000);
    ck_assert_ptr_eq(cmdline->nets[0].word, &cmdline->tender[2]);
    ck_assert_uint_eq(cmdline->nets[1].cidr.base, 0x0a0a0000);
    ck_assert_uint_eq(cmdline->forward_count, 2);
    ck_assert_uint_eq(cmdline->forwards[0].net_index, 0);
    ck_assert_uint_eq(cmdline->forwards[1].net_index, 1);
    free(cmdline);
}
END_TEST

START_TEST(too_many)
{
    enum { OPTIONS = 2 * (CMDLINE_FORWARDS_MAX + 1), WORDS = CMDLINE_NETS_MAX + 1 };
    const char *argv[OPTIONS + WORDS + 4] = {"solo5-usernet"};
    char text[CMDLINE_FORWARDS_MAX + 1][32];
    struct cmdline *cmdline = malloc(sizeof *cmdline);
    unsigned n = 1;

    ck_assert_ptr_nonnull(cmdline);
    for (unsigned i = 0; i <= CMDLINE_FORWARDS_MAX; i++) {
        snprintf(text[i], sizeof text[i], "%u:80", 1000 + i);
        argv[n++] = "-p";
        argv[n++] = text[i];
    }
    argv[n++] = "--";
    argv[n++] = "tender";
    ck_assert_int_eq(cmdline_parse(cmdline, (char **)argv), -1);
    ck_assert_str_eq(cmdline->error.text, "-p 1064:80: at most 64 ports can be forwarded");

    n = 1;
    argv[n++] = "--";
    for (unsigned i = 0; i < WORDS; i++) {
        snprintf(text[i], sizeof text[i], "--net:n%u=@FD", i);
        argv[n++] = text[i];
    }
    argv[n] = NULL;
    ck_assert_int_eq(cmdline_parse(cmdline, (char **)argv), -1);
    ck_assert_str_eq(cmdline->error.text, "--net:n63=@FD: at most 63 networks are possible");
    free(cmdline);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("usernet_cmdline");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, cidr_accepted, 0, COUNT(good_cidr));
    tcase_add_loop_test(tests, cidr_refused, 0, COUNT(bad_cidr));
    tcase_add_test(tests, cidr_neighbours);
    tcase_add_test(tests, addresses_in_words);
    tcase_add_loop_test(tests, forward_accepted, 0, COUNT(good_forward));
    tcase_add_loop_test(tests, forward_refused, 0, COUNT(bad_forward));
    tcase_add_test(tests, forward_clash);
    tcase_add_test(tests, net_words);
    tcase_add_test(tests, whole_command_line);
    tcase_add_test(tests, too_many);
    suite_add_tcase(suite, tests);
    return suite;
}
