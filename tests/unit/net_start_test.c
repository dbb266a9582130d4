/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How the network comes up: options, DHCP, and what is said when it does not; and the checksum.
 */
#define MFT_ENTRIES 2

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mft_abi.h"
#include "net.h"
#include "net_fake.h"
#include "net_peer.h"
#include "unit.h"

/* The manifest that the program is linked with, as far as it has entries. */
struct mft1_note __solo5_mft1_note = {.m = {.entries = 1, .e[1] = {"uplink", MFT_DEV_NET_BASIC}}};

const char *net_option_ipv4(const char *value);
const char *net_option_ipv4_of(const char *value);
const char *net_option_gateway(const char *value);
const char *net_option_gateway_of(const char *value);
const char *net_option_dns(const char *value);
const char *net_option_hostname(const char *value);
uint16_t net_chksum(const void *data, int len);

/* The number of texts that an option takes out of a list that ends with NULL. */
static void all_wrong(const char *(*option)(const char *), const char *const *texts)
{
    for (; *texts != NULL; texts++)
        ck_assert_msg(option(*texts) != NULL, "%s was taken", *texts);
}

START_TEST(bad_options)
{
    all_wrong(net_option_ipv4,
              (const char *const[]){"", "10.0.0.2", "10.0.0.2/", "10.0.0.2/33", "10.0.0.2/0",
                                    "10.0.0.2/024", "10.0.0.2/24 ", "10.0.0.256/24", "10.0.2/24",
                                    "010.0.0.2/24", "10.0.0.0/24", "10.0.0.255/24", "0.0.0.1/8",
                                    "127.0.0.1/8", "224.0.0.1/24", "255.255.255.255/32",
                                    "-1.0.0.2/24", "4294967306.0.0.2/24", NULL});
    all_wrong(net_option_ipv4_of,
              (const char *const[]){"", "=", "service", "=10.0.0.2/24", "service=", NULL});
    all_wrong(net_option_gateway, (const char *const[]){"", "10.0.0.1/24", "224.0.0.1", NULL});
    all_wrong(net_option_dns, (const char *const[]){"", "name", "10.0.0.1,10.0.0.2", NULL});
    all_wrong(net_option_hostname, (const char *const[]){"", "-a", "a-", "a.b", "a b", NULL});
}
END_TEST

START_TEST(good_options)
{
    struct net_config config;

    ck_assert_ptr_null(net_option_ipv4("10.1.2.3/31"));
    ck_assert_ptr_nonnull(net_option_ipv4("10.1.2.4/24"));
    ck_assert_ptr_null(net_option_gateway("10.1.2.2"));
    ck_assert_ptr_null(net_option_ipv4_of("other=192.168.0.9/16"));
    ck_assert_ptr_null(net_option_hostname("a-1"));
    for (int i = 0; i < NET_DNS_COUNT; i++)
        ck_assert_ptr_null(net_option_dns("10.0.0.1"));
    ck_assert_ptr_nonnull(net_option_dns("10.0.0.1"));
    config = net_config_of("service", 0);
    ck_assert(config.fixed);
    ck_assert_uint_eq(config.address, inet_addr("10.1.2.3"));
    ck_assert_uint_eq(config.mask, inet_addr("255.255.255.254"));
    ck_assert_uint_eq(config.gateway, inet_addr("10.1.2.2"));
    config = net_config_of("other", 1);
    ck_assert_uint_eq(config.address, inet_addr("192.168.0.9"));
    ck_assert_uint_eq(config.mask, inet_addr("255.255.0.0"));
    ck_assert(!net_config_of("third", 2).fixed);
    ck_assert_str_eq(net_config_hostname(), "a-1");
    ck_assert_uint_eq(net_config_dns(2), inet_addr("10.0.0.1"));
    ck_assert_uint_eq(net_config_dns(3), 0);
}
END_TEST

/* Brings the network up, and returns the exit status, -1 when it lives. */
static int start(void)
{
    int status = setjmp(net_fake.end);

    net_fake.end_set = true;
    if (status != 0)
        return status - 1;
    net_start();
    return -1;
}

START_TEST(no_device)
{
    net_fake.no_device = true;
    ck_assert_int_eq(start(), 1);
    ck_assert_str_eq(
        net_fake.console,
        "net: no network device \"service\"; declare it in manifest.json and attach it "
        "with --net:service=TAP\n");
}
END_TEST

START_TEST(device_of_another_name)
{
    __solo5_mft1_note.m.entries = 2;
    net_fake.no_device = true;
    ck_assert_int_eq(start(), 1);
    ck_assert_str_eq(net_fake.console,
                     "net: no network device \"service\"; manifest.json has \"uplink\": rename it "
                     "there, or name it in rt_net_devices (quintet.h)\n");
}
END_TEST

START_TEST(unknown_network)
{
    ck_assert_ptr_null(net_option_gateway_of("elsewhere=10.0.0.1"));
    ck_assert_int_eq(start(), 1);
    ck_assert_str_eq(net_fake.console,
                     "net: --ipv4:elsewhere: the program has no network of this name\n");
}
END_TEST

START_TEST(gateway_alone)
{
    ck_assert_ptr_null(net_option_gateway("10.0.0.1"));
    ck_assert_int_eq(start(), 1);
}
END_TEST

START_TEST(gateway_elsewhere)
{
    ck_assert_ptr_null(net_option_ipv4("10.0.0.2/24"));
    ck_assert_ptr_null(net_option_gateway("10.0.1.1"));
    ck_assert_int_eq(start(), 1);
}
END_TEST

START_TEST(fixed_address)
{
    ck_assert_ptr_null(net_option_ipv4("10.0.0.2/24"));
    ck_assert_ptr_null(net_option_gateway("10.0.0.1"));
    ck_assert_int_eq(start(), -1);
    ck_assert_str_eq(net_fake.console, "net: service: 10.0.0.2/24, gateway 10.0.0.1\n");
    ck_assert(net_wait_for_address());
}
END_TEST

START_TEST(no_lease)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9)};
    unsigned sent;
    int fd;

    ck_assert_int_eq(start(), -1);
    in.sin_addr.s_addr = inet_addr("10.0.0.1");
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&in, sizeof in), -1);
    ck_assert_int_eq(errno, ENETUNREACH);
    ck_assert_uint_eq(net_fake.now_ns, 10 * NET_NS_PER_S);
    ck_assert_str_eq(net_fake.console,
                     "net: service: no DHCP lease after 10 s; is a DHCP server on that network? or "
                     "give --ipv4=ADDRESS/BITS\n");
    sent = net_fake.sent_count;
    net_fake_run(120000);
    ck_assert_uint_gt(net_fake.sent_count, sent); /* it goes on asking */
    net_fake_close(fd);
}
END_TEST

/* ---- A DHCP server (RFC 2131) ---------------------------------------------------------------- */

static unsigned discovers, requests;
static bool refuse;

static uint8_t message_type(const uint8_t *options, size_t len)
{
    for (size_t i = 0; i + 2 < len && options[i] != 255; i += 2u + options[i + 1]) {
        if (options[i] == 53)
            return options[i + 2];
    }
    return 0;
}

static void serve(const uint8_t *frame, size_t len)
{
    static const uint8_t options[] = {53, 1, 0,    54, 4, 10,  0,   0,   1, 51, 4, 0,
                                      0,  1, 0x2c, 1,  4, 255, 255, 255, 0, 3,  4, 10,
                                      0,  0, 1,    6,  4, 10,  0,   0,   1, 255};
    struct packet p = {.protocol = 17,
                       .src = PEER_IP,
                       .dest = 0xffffffff,
                       .src_port = 67,
                       .dest_port = 68,
                       .len = 300};
    const uint8_t *bootp = frame + 42;
    uint8_t type;

    if (len < 42 + 240 || frame[23] != 17 || frame[37] != 67)
        return;
    type = message_type(bootp + 240, len - 282);
    discovers += type == 1;
    requests += type == 3;
    if (refuse && type == 1)
        return;
    memcpy(p.data, bootp, 240);
    p.data[0] = 2;
    memcpy(p.data + 16, (const uint8_t[]){10, 0, 0, 2}, 4); /* yours */
    memcpy(p.data + 240, options, sizeof options);
    p.data[242] = type == 1 ? 2 : refuse ? 6 : 5; /* offer, refusal, agreement */
    peer_send(&p);
}

START_TEST(lease)
{
    net_fake.sent = serve;
    ck_assert_int_eq(start(), -1);
    ck_assert(net_wait_for_address());
    ck_assert_str_eq(net_fake.console, "net: service: 10.0.0.2/24 by DHCP, gateway 10.0.0.1\n");
    ck_assert_uint_eq(discovers, 1);
    ck_assert_uint_eq(requests, 1);
    /* 300 s were given: renewed within them, without a word. */
    net_fake_run(3600000);
    ck_assert_uint_ge(requests, 12);
    ck_assert_uint_le(requests, 40);
    ck_assert_str_eq(net_fake.console, "net: service: 10.0.0.2/24 by DHCP, gateway 10.0.0.1\n");
    refuse = true;
    net_fake_run(400000);
    ck_assert_ptr_nonnull(strstr(net_fake.console, "the DHCP lease ended"));
    refuse = false;
    net_fake_run(100000);
    ck_assert_int_eq(net_wait_for_address(), true);
}
END_TEST

/* The same sum, word by word. */
static uint16_t plain_sum(const uint8_t *p, int len)
{
    uint32_t sum = 0;

    for (int i = 0; i < len; i++)
        sum += (i & 1) != 0 ? (uint32_t)p[i] << 8 : p[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

START_TEST(checksum)
{
    static uint8_t data[70000];

    srand(1);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)rand();
    for (int len = 0; len < 300; len++) {
        for (int at = 0; at < 20; at++)
            ck_assert_uint_eq(net_chksum(data + at, len), plain_sum(data + at, len));
    }
    for (int len = 65000; len <= 65535; len++)
        ck_assert_uint_eq(net_chksum(data + 3, len), plain_sum(data + 3, len));
    memset(data, 0xff, sizeof data);
    for (int len = 0; len <= 65535; len += 1 + len / 50)
        ck_assert_uint_eq(net_chksum(data, len), plain_sum(data, len));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_start");
    TCase *tc = tcase_create("start");

    tcase_add_test(tc, bad_options);
    tcase_add_test(tc, good_options);
    tcase_add_test(tc, no_device);
    tcase_add_test(tc, device_of_another_name);
    tcase_add_test(tc, unknown_network);
    tcase_add_test(tc, gateway_alone);
    tcase_add_test(tc, gateway_elsewhere);
    tcase_add_test(tc, fixed_address);
    tcase_add_test(tc, no_lease);
    tcase_add_test(tc, lease);
    tcase_add_test(tc, checksum);
    suite_add_tcase(suite, tc);
    return suite;
}
