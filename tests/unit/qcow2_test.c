/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Reference counts of full qcow2 disks (tenders/virtio/qcow2.c): every cluster of the file has one,
 * its own blocks included. The file's clusters that hold data are counted and not kept.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mkimage.h"
#include "unit.h"

#define CLUSTER   65536
#define REFCOUNTS 32768
#define DATA      0xaa /* no table begins with that */

static uint64_t data_count, file_size;

struct blob blob_new(size_t size)
{
    struct blob blob = {calloc(1, size), size};

    ck_assert_ptr_nonnull(blob.data);
    return blob;
}

static void put_be(uint8_t *to, uint64_t value, size_t size)
{
    for (; size-- > 0; value >>= 8)
        to[size] = (uint8_t)value;
}

void put_be16(uint8_t *to, uint16_t value)
{
    put_be(to, value, 2);
}

void put_be32(uint8_t *to, uint32_t value)
{
    put_be(to, value, 4);
}

void put_be64(uint8_t *to, uint64_t value)
{
    put_be(to, value, 8);
}

bool disk_read(const struct disk *disk, uint64_t offset, void *to, size_t size)
{
    ck_assert_uint_lt(offset, disk->size);
    ck_assert_uint_eq(size, CLUSTER);
    *(uint8_t *)to = DATA;
    return true;
}

void output_write(struct output *output, uint64_t offset, const void *data, size_t size)
{
    if (*(const uint8_t *)data == DATA)
        data_count++;
    else
        ck_assert_int_eq(pwrite(output->fd, data, size, (off_t)offset), size);
}

void output_size(struct output *output, uint64_t size)
{
    ck_assert_int_eq(ftruncate(output->fd, (off_t)size), 0);
    file_size = size;
}

static uint64_t get_be(int fd, uint64_t offset, size_t size)
{
    uint8_t bytes[8];
    uint64_t value = 0;

    ck_assert_int_eq(pread(fd, bytes, size, (off_t)offset), size);
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void ck_full(uint64_t clusters)
{
    struct output output = {.fd = memfd_create("qcow2", MFD_CLOEXEC)};
    struct disk disk = {.size = clusters * CLUSTER, .count = 1};
    uint64_t table;

    ck_assert_int_ge(output.fd, 0);
    disk.extent[0] = (struct extent){0, disk.size, NULL};
    data_count = 0;
    qcow2_write(&output, &disk);
    ck_assert_uint_eq(data_count, clusters);
    table = get_be(output.fd, 48, 8);
    for (uint64_t n = 0; n < file_size / CLUSTER; n++) {
        uint64_t block = get_be(output.fd, table + n / REFCOUNTS * 8, 8);

        ck_assert_msg(block != 0 && get_be(output.fd, block + n % REFCOUNTS * 2, 2) == 1,
                      "%llu clusters: cluster %llu of the file has no reference",
                      (unsigned long long)clusters, (unsigned long long)n);
    }
    close(output.fd);
}

/* Around where one block more is needed for the file than for the data. */
START_TEST(one_block)
{
    for (uint64_t clusters = REFCOUNTS - 11; clusters < REFCOUNTS - 6; clusters++)
        ck_full(clusters);
}
END_TEST

START_TEST(two_blocks)
{
    for (uint64_t clusters = 2 * REFCOUNTS - 13; clusters < 2 * REFCOUNTS - 10; clusters++)
        ck_full(clusters);
}
END_TEST

START_TEST(small)
{
    ck_full(1);
    ck_full(8193);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("qcow2");
    TCase *tc = tcase_create("full");

    tcase_set_timeout(tc, 50);
    tcase_add_test(tc, small);
    tcase_add_test(tc, one_block);
    tcase_add_test(tc, two_blocks);
    suite_add_tcase(suite, tc);
    return suite;
}
