/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Attaching devices (tenders/common/devices.c, net.c, block.c), as far as that needs no rights.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "devices.h"
#include "unit.h"

static const struct tender tender = {.name = "solo5-test"};

static struct error error;

/* ---- Addresses */

START_TEST(mac_good)
{
    struct device device = {0};

    ck_assert_int_eq(net_set_mac(&device, "02:1a:2B:00:ff:Fe", &error), 0);
    ck_assert_mem_eq(device.mac, "\x02\x1a\x2b\x00\xff\xfe", 6);
}
END_TEST

START_TEST(mac_random)
{
    struct device one = {0}, other = {0};

    ck_assert_int_eq(net_set_mac(&one, NULL, &error), 0);
    ck_assert_int_eq(net_set_mac(&other, NULL, &error), 0);
    ck_assert_int_eq(one.mac[0] & 3, 2);
    ck_assert_mem_ne(one.mac, other.mac, 6);
}
END_TEST

static const struct {
    const char *text, *reason;
} bad_macs[] = {
    {"", "must be"},
    {"02:00:00:00:00", "must be"},
    {"02:00:00:00:00:", "must be"},
    {"02:00:00:00:00:0", "must be"},
    {"02:00:00:00:00:01:", "must be"},
    {"02:00:00:00:00:01 ", "must be"},
    {"02:00:00:00:00:01:02", "must be"},
    {"02-00-00-00-00-01", "must be"},
    {"020000000001", "must be"},
    {"2:0:0:0:0:1", "must be"},
    {" 2:00:00:00:00:01", "must be"},
    {"0x:00:00:00:00:01", "must be"},
    {"02:00:00:00:00:0g", "must be"},
    {"01:00:00:00:00:01", "multicast"},
    {"ff:ff:ff:ff:ff:ff", "multicast"},
    {"00:00:00:00:00:00", "zero"},
};

START_TEST(mac_bad)
{
    struct device device = {0};

    ck_assert_int_eq(net_set_mac(&device, bad_macs[_i].text, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, bad_macs[_i].reason));
}
END_TEST

/* ---- Descriptors */

static int attach_number(int fd, struct device *device)
{
    char value[16];

    snprintf(value, sizeof value, "@%d", fd);
    return net_attach(device, &tender, value, false, &error);
}

static int pair(int type)
{
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, type, 0, fds), 0);
    return fds[0];
}

START_TEST(socket_pairs)
{
    struct device device = {0};
    int fd = pair(SOCK_DGRAM);

    ck_assert_int_eq(attach_number(fd, &device), 0);
    ck_assert_int_eq(device.fd, fd);
    ck_assert_uint_eq(device.mtu, 1500);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
}
END_TEST

START_TEST(no_network)
{
    struct device device = {0};
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(attach_number(pair(SOCK_STREAM), &device), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "give a datagram socket"));
    ck_assert_int_eq(attach_number(pair(SOCK_SEQPACKET), &device), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "give a datagram socket"));
    ck_assert_int_eq(attach_number(fds[0], &device), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "not open for reading and writing"));
    ck_assert_int_eq(attach_number(open("/dev/null", O_RDWR), &device), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "neither a tap nor a socket"));
    ck_assert_int_eq(attach_number(999, &device), -1);
    ck_assert_str_eq(error.text, "@999: no such descriptor is open");
}
END_TEST

static const char *const bad_numbers[] = {"@", "@x", "@-1", "@0", "@2", "@3x", "@4294967299"};

START_TEST(no_descriptor)
{
    struct device device = {0};

    ck_assert_int_eq(net_attach(&device, &tender, bad_numbers[_i], false, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "must be @ and the number"));
}
END_TEST

static const struct {
    const char *name, *reason;
} interfaces[] = {
    {"quintet-none", "quintet-none: no such interface; create it with: ip tuntap add quintet-none "
                     "mode tap"},
    {"user", "user: no such interface, and solo5-test has no network of its own; without root: "
             "solo5-usernet -- solo5-test --net:NAME=@FD ..."},
    {"lo:1", "lo:1: an interface's name has no :"},
    {"../lo", "../lo: an interface's name has no /"},
    {"..", "..: no interface has that name"},
    {"lo\n", "lo\n: an interface's name has no spaces or control characters"},
    {"sixteen--letters", "sixteen--letters: an interface's name has at most 15 characters"},
};

START_TEST(no_interface)
{
    struct device device = {0};

    ck_assert_int_eq(net_attach(&device, &tender, interfaces[_i].name, false, &error), -1);
    ck_assert_str_eq(error.text, interfaces[_i].reason);
}
END_TEST

/* ---- Disks */

static char path[] = "/tmp/quintet-attach-XXXXXX";

static void make_disk(off_t size)
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, size), 0);
    close(fd);
}

static void remove_disk(void)
{
    unlink(path);
}

static const struct {
    off_t bytes;
    const char *size;
    const char *reason; /* NULL: is attached */
} disks[] = {
    {512, NULL, NULL},
    {1024, NULL, NULL},
    {4096, "4096", NULL},
    {32768, "32768", NULL},
    {0, NULL, "less than a block of 512"},
    {511, NULL, "less than a block of 512"},
    {4095, "4096", "less than a block of 4096"},
    {513, NULL, "no multiple of a block of 512"},
    {8191, "4096", "no multiple of a block of 4096"},
    {512, "0", "block size 0: must be a power of two"},
    {512, "256", "block size 256: must be a power of two"},
    {512, "513", "block size 513: must be a power of two"},
    {512, "1000", "block size 1000: must be a power of two"},
    {65536, "65536", "block size 65536: must be a power of two"},
    {512, "512x", "block size 512x: must be a power of two"},
    {512, "", "block size : must be a power of two"},
};

START_TEST(disk)
{
    struct device device = {0};
    int result;

    make_disk(disks[_i].bytes);
    result = block_attach(&device, &tender, path, disks[_i].size, &error);
    remove_disk();
    if (disks[_i].reason != NULL) {
        ck_assert_int_eq(result, -1);
        ck_assert_ptr_nonnull(strstr(error.text, disks[_i].reason));
    } else {
        ck_assert_int_eq(result, 0);
        ck_assert_uint_eq(device.capacity, disks[_i].bytes);
        ck_assert_uint_eq(device.block_size,
                          disks[_i].size ? strtoul(disks[_i].size, NULL, 10) : 512);
        ck_assert(fcntl(device.fd, F_GETFD) & FD_CLOEXEC);
    }
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    off_t at;
    const char *format; /* NULL: a disk like any other */
} starts[] = {
    {"QFI\xfb", 4, 0, "qcow2"},
    {"KDMV", 4, 0, "vmdk"},
    {"# Disk DescriptorFile\n", 22, 0, "vmdk"},
    {"vhdxfile", 8, 0, "vhdx"},
    {"conectix", 8, 0, "vpc"},
    {"\x7f\x10\xda\xbe", 4, 64, "vdi"},
    {"", 1, 0, NULL},
    {"QFI\xfa", 4, 0, NULL},
    {"QFI\xfb", 4, 1, NULL},
    {"QFI\xfb", 4, 508, NULL},
};

START_TEST(disk_format)
{
    struct device device = {0};
    const char *format;

    make_disk(512);
    ck_assert_int_eq(block_attach(&device, &tender, path, NULL, &error), 0);
    remove_disk();
    ck_assert_int_eq(pwrite(device.fd, starts[_i].bytes, starts[_i].len, starts[_i].at),
                     (int)starts[_i].len);
    format = block_format(device.fd);
    close(device.fd);
    if (starts[_i].format == NULL)
        ck_assert_ptr_null(format);
    else
        ck_assert_str_eq(format, starts[_i].format);
}
END_TEST

START_TEST(disk_to_read)
{
    struct device one = {0}, other = {0}, writer = {0};
    int result;

    make_disk(1024);
    ck_assert_int_eq(chmod(path, 0400), 0);
    ck_assert_int_eq(block_read_only(&one, path, &error), 0);
    ck_assert_uint_eq(one.capacity, 1024);
    ck_assert_int_eq(fcntl(one.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    ck_assert_int_eq(block_read_only(&other, path, &error), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
    result = block_attach(&writer, &tender, path, NULL, &error);
    close(one.fd);
    close(other.fd);
    ck_assert_int_eq(result, -1);
    ck_assert_ptr_nonnull(strstr(error.text, "locked by another tender"));
    ck_assert_int_eq(block_attach(&writer, &tender, path, NULL, &error), 0);
    result = block_read_only(&one, path, &error);
    remove_disk();
    close(writer.fd);
    ck_assert_int_eq(result, -1);
    ck_assert_ptr_nonnull(strstr(error.text, "locked by another tender"));
}
END_TEST

START_TEST(disk_of_small_blocks)
{
    const struct tender small = {.name = "solo5-test", .block_size_max = 4096};
    struct device device = {0};

    make_disk(65536);
    ck_assert_int_eq(block_attach(&device, &small, path, "8192", &error), -1);
    ck_assert_str_eq(error.text, "block size 8192: must be a power of two from 512 to 4096");
    ck_assert_int_eq(block_attach(&device, &small, path, "4096", &error), 0);
    remove_disk();
}
END_TEST

START_TEST(disk_locked)
{
    struct device one = {0}, other = {0};
    int result;

    make_disk(4096);
    ck_assert_int_eq(block_attach(&one, &tender, path, NULL, &error), 0);
    result = block_attach(&other, &tender, path, NULL, &error);
    close(one.fd);
    ck_assert_int_eq(result, -1);
    ck_assert_ptr_nonnull(strstr(error.text, "locked by another tender"));
    result = block_attach(&other, &tender, path, NULL, &error);
    remove_disk();
    ck_assert_int_eq(result, 0);
}
END_TEST

START_TEST(no_disk)
{
    struct device device = {0};

    ck_assert_int_eq(block_attach(&device, &tender, "/tmp", NULL, &error), -1);
    ck_assert_str_eq(error.text, "/tmp: is a directory; give a file or a block device");
    ck_assert_int_eq(block_attach(&device, &tender, "/quintet-none", NULL, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "/quintet-none: no such file; create it with"));
    ck_assert_int_eq(block_attach(&device, &tender, "/dev/null", NULL, &error), -1);
    ck_assert_str_eq(error.text, "/dev/null: is neither a file nor a block device");
    make_disk(0);
    remove_disk();
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(block_attach(&device, &tender, path, NULL, &error), -1);
    remove_disk();
    ck_assert_ptr_nonnull(strstr(error.text, "is neither a file nor a block device"));
}
END_TEST

/* ---- The table */

static struct options options;
static struct devices devices;
static struct {
    struct mft head;
    struct mft_entry entries[3];
} manifest;

static struct mft *make_manifest(void)
{
    struct mft *mft = &manifest.head;
    struct mft_entry *e = (struct mft_entry *)((char *)mft + offsetof(struct mft, e));

    memset(&manifest, 0, sizeof manifest);
    mft->version = MFT_VERSION;
    mft->entries = 3;
    e[0].type = MFT_RESERVED_FIRST;
    e[1].type = MFT_DEV_NET_BASIC;
    strcpy(e[1].name, "service");
    e[2].type = MFT_DEV_BLOCK_BASIC;
    strcpy(e[2].name, "storage");
    return mft;
}

static char *arguments[3]; /* of the guest */

/* Attaches by up to four options, of which each is KIND of NAME as VALUE. */
static int attach(struct mft *mft, const struct device_option *list, bool hostfds)
{
    memset(&options, 0, sizeof options);
    options.tender = &tender;
    options.args = arguments;
    for (; options.device_count < 4 && list->name != NULL; list++) {
        options.device[options.device_count] = *list;
        options.device[options.device_count++].name_len = (unsigned)strlen(list->name);
    }
    memset(&devices, 0, sizeof devices);
    return devices_attach(&devices, mft, &options, hostfds, &error);
}

START_TEST(table)
{
    struct mft *mft = make_manifest();
    char fd[16];
    int socket = pair(SOCK_DGRAM), result;
    struct device_option list[] = {{OPTION_NET, 0, "service", fd},
                                   {OPTION_NET_MAC, 0, "service", "02:00:00:00:00:07"},
                                   {OPTION_BLOCK, 0, "storage", path},
                                   {OPTION_BLOCK_SECTOR_SIZE, 0, "storage", "1024"}};

    snprintf(fd, sizeof fd, "@%d", socket);
    make_disk(4096);
    result = attach(mft, list, _i);
    remove_disk();
    ck_assert_msg(result == 0, "%s", error.text);
    ck_assert(mft->e[1].attached && mft->e[2].attached);
    ck_assert_mem_eq(mft->e[1].u.net_basic.mac, "\x02\0\0\0\0\x07", 6);
    ck_assert_uint_eq(mft->e[1].u.net_basic.mtu, 1500);
    ck_assert_uint_eq(mft->e[2].u.block_basic.capacity, 4096);
    ck_assert_uint_eq(mft->e[2].u.block_basic.block_size, 1024);
    /* A guest of its own memory is not told our descriptors. */
    ck_assert_int_eq(mft->e[1].b.hostfd, _i ? socket : 0);
    ck_assert_int_eq(mft->e[2].b.hostfd, _i ? devices.device[2].fd : 0);

    ck_assert_ptr_eq(devices_get(&devices, 1, MFT_DEV_NET_BASIC), &devices.device[1]);
    ck_assert_ptr_null(devices_get(&devices, 1, MFT_DEV_BLOCK_BASIC));
    ck_assert_ptr_null(devices_get(&devices, 0, MFT_DEV_NET_BASIC));
    ck_assert_ptr_null(devices_get(&devices, 3, MFT_DEV_NET_BASIC));
    ck_assert_ptr_null(devices_get(&devices, 64, MFT_DEV_NET_BASIC));
    ck_assert_ptr_null(devices_get(&devices, UINT64_MAX, MFT_DEV_BLOCK_BASIC));
}
END_TEST

#define NET_MISSING                                                                           \
    "the image declares the network service; attach it with --net:service=IFACE, or without " \
    "root: "                                                                                  \
    "solo5-usernet -- solo5-test --net:service=@FD ..."

static const struct {
    struct device_option list[4];
    const char *text;
} misfits[] = {
    {{{OPTION_NET, 0, "other", "t"}},
     "--net:other: the image declares no such network; it declares: network service, disk storage"},
    {{{OPTION_BLOCK, 0, "service", "t"}},
     "--block:service: the image declares no such disk; it declares: network service, disk "
     "storage"},
    {{{OPTION_NET_MAC, 0, "storage", "t"}},
     "--net-mac:storage: the image declares no such network; it declares: network service, disk "
     "storage"},
    {{{OPTION_BLOCK_SECTOR_SIZE, 0, "s", "t"}},
     "--block-sector-size:s: the image declares no such disk; it declares: network service, disk "
     "storage"},
    {{{OPTION_BLOCK, 0, "storage", "/tmp"}}, NET_MISSING},
    {{{OPTION_NET_MAC, 0, "service", "02:00:00:00:00:01"}}, NET_MISSING},
    {{{OPTION_NET, 0, "service", "@999"}}, "--net:service: @999: no such descriptor is open"},
    {{{OPTION_NET, 0, "service", "@999"}, {OPTION_NET_MAC, 0, "service", "x"}},
     "--net-mac:service: x: must be an address such as 02:00:00:00:00:01"},
};

START_TEST(misfit)
{
    ck_assert_int_eq(attach(make_manifest(), misfits[_i].list, false), -1);
    ck_assert_str_eq(error.text, misfits[_i].text);
}
END_TEST

START_TEST(option_after_image)
{
    struct device_option none[] = {{0}};
    static char other[] = "--net:services=tap0", word[] = "--net:service=tap0";

    arguments[0] = other;
    ck_assert_int_eq(attach(make_manifest(), none, false), -1);
    ck_assert_str_eq(error.text, NET_MISSING);
    arguments[1] = word;
    ck_assert_int_eq(attach(make_manifest(), none, false), -1);
    ck_assert_str_eq(error.text,
                     "the image declares the network service; --net:service=tap0 stands "
                     "after the image, which makes it the guest's: give it before the "
                     "image");
}
END_TEST

START_TEST(nothing_declared)
{
    struct mft *mft = make_manifest();
    struct device_option none[] = {{0}}, one[] = {{OPTION_NET, 0, "a", "t"}, {0}};

    mft->entries = 1;
    ck_assert_int_eq(attach(mft, none, false), 0);
    ck_assert_int_eq(attach(mft, one, false), -1);
    ck_assert_str_eq(error.text,
                     "--net:a: the image declares no such network; it declares: nothing");
}
END_TEST

START_TEST(limits)
{
    struct device small = {.capacity = 4096, .block_size = 512};
    struct device large = {.capacity = DEVICES_BLOCK_MAX + 512, .block_size = 512};

    ck_assert_uint_eq(devices_block_limit(&small, false), 512);
    ck_assert_uint_eq(devices_block_limit(&small, true), 4096);
    ck_assert_uint_eq(devices_block_limit(&large, true), DEVICES_BLOCK_MAX);
    ck_assert_uint_eq(devices_block_piece(&large, 0, 1024, false), 512);
    ck_assert_uint_eq(devices_block_piece(&large, 0, 1024, true), 1024);
    ck_assert_uint_eq(devices_block_piece(&large, 0, DEVICES_BLOCK_MAX + 512, true),
                      DEVICES_BLOCK_MAX);
    ck_assert_uint_eq(devices_block_piece(&large, 512, 1024, true), 1024);
    ck_assert_uint_eq(devices_block_piece(&large, 1024, 1024, true), 512);
    ck_assert_uint_eq(devices_block_piece(&small, 0, 4096, true), 4096);
    ck_assert_uint_eq(devices_block_piece(&small, 512, 3584, true), 512);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("attach");
    TCase *tests = tcase_create("attach");

    tcase_add_test(tests, mac_good);
    tcase_add_test(tests, mac_random);
    tcase_add_loop_test(tests, mac_bad, 0, COUNT(bad_macs));
    tcase_add_test(tests, socket_pairs);
    tcase_add_test(tests, no_network);
    tcase_add_loop_test(tests, no_descriptor, 0, COUNT(bad_numbers));
    tcase_add_loop_test(tests, no_interface, 0, COUNT(interfaces));
    tcase_add_loop_test(tests, disk, 0, COUNT(disks));
    tcase_add_test(tests, disk_of_small_blocks);
    tcase_add_test(tests, disk_locked);
    tcase_add_test(tests, disk_to_read);
    tcase_add_loop_test(tests, disk_format, 0, COUNT(starts));
    tcase_add_test(tests, no_disk);
    tcase_add_loop_test(tests, table, 0, 2);
    tcase_add_loop_test(tests, misfit, 0, COUNT(misfits));
    tcase_add_test(tests, option_after_image);
    tcase_add_test(tests, nothing_declared);
    tcase_add_test(tests, limits);
    suite_add_tcase(suite, tests);
    return suite;
}
