/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One disk, "storage": requests of one and of many blocks, first and last, and
 * everything that must be refused. Each block holds its own number, which the
 * driver looks at in the host's file afterwards. With the word "gone" the disk is
 * taken away while we read it, with "wild" it is to write to a constant.
 */
#include "test.h"

#define MAX_BLOCK  4096
#define MANY_BYTES 0x20000

static uint8_t out[MANY_BYTES];
static uint8_t in[MANY_BYTES + 16];
static solo5_handle_t disk;
static struct solo5_block_info info;

static void fill(uint8_t *block, uint64_t number)
{
    for (size_t i = 0; i < info.block_size; i += sizeof number) {
        memcpy(block + i, &number, sizeof number);
    }
}

static void check_acquire(void)
{
    struct solo5_block_info other = {7, 7};
    struct solo5_net_info net;
    solo5_handle_t handle = 99;

    EXPECT(solo5_block_acquire("nothing", &handle, &other) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_acquire("", &handle, &other) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_acquire("storage", &handle, &net) == SOLO5_R_EINVAL);
    EXPECT(handle == 99 && other.capacity == 7);
    EXPECT(solo5_block_acquire("storage", &disk, &info) == SOLO5_R_OK);
    EXPECT(solo5_block_acquire("storage", &handle, &other) == SOLO5_R_EINVAL);
    EXPECT(handle == 99 && other.capacity == 7);
    EXPECT(disk >= 1 && disk < 64);
    EXPECT(info.block_size >= 512 && info.block_size <= MAX_BLOCK);
    EXPECT(info.capacity > 0 && info.capacity % info.block_size == 0);
}

static void check_single(void)
{
    uint64_t blocks = info.capacity / info.block_size;

    for (uint64_t i = 0; i < blocks; i++) {
        fill(out, i);
        EXPECT(solo5_block_write(disk, i * info.block_size, out, info.block_size) == SOLO5_R_OK);
    }
    for (uint64_t i = 0; i < blocks; i++) {
        fill(out, i);
        memset(in, 0, info.block_size);
        in[info.block_size] = 0x77;
        EXPECT(solo5_block_read(disk, i * info.block_size, in, info.block_size) == SOLO5_R_OK);
        EXPECT(memcmp(in, out, info.block_size) == 0);
        EXPECT(in[info.block_size] == 0x77);
    }
}

static void check_many(uint64_t first, size_t bytes)
{
    size_t size = info.block_size;

    EXPECT(bytes % size == 0 && first * size + bytes <= info.capacity);
    for (size_t i = 0; i < bytes / size; i++) {
        fill(out + i * size, first + i);
    }
    EXPECT(solo5_block_write(disk, first * size, out, bytes) == SOLO5_R_OK);
    memset(in, 0, bytes);
    in[bytes] = 0x77;
    EXPECT(solo5_block_read(disk, first * size, in, bytes) == SOLO5_R_OK);
    EXPECT(memcmp(in, out, bytes) == 0);
    EXPECT(in[bytes] == 0x77);
}

static void check_refused(solo5_off_t offset, size_t size)
{
    EXPECT(solo5_block_write(disk, offset, out, size) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_read(disk, offset, in, size) == SOLO5_R_EINVAL);
}

static void check_bounds(void)
{
    size_t size = info.block_size;

    check_refused(info.capacity, size);
    check_refused(info.capacity - size, 2 * size);
    check_refused(0, 0);
    check_refused(0, size - 1);
    check_refused(0, size + 1);
    check_refused(1, size);
    check_refused(size / 2, size);
    check_refused(UINT64_MAX - size + 1, size);
    check_refused(UINT64_MAX - size + 1, 2 * size);
    check_refused(info.capacity + size, size);
    check_refused(0, (size_t)info.capacity + size);
    check_refused(size, SIZE_MAX - size + 1);
    EXPECT(solo5_block_write(0, 0, out, size) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_read(disk + 1, 0, in, size) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_read(UINT64_MAX, 0, in, size) == SOLO5_R_EINVAL);
}

static void read_until_gone(void)
{
    solo5_time_t deadline = solo5_clock_monotonic() + 30 * NSEC_PER_SEC;
    solo5_result_t result = SOLO5_R_OK;

    say("reads\n");
    for (uint64_t i = 0; result == SOLO5_R_OK; i++) {
        solo5_off_t offset = i * info.block_size % info.capacity;
        result = solo5_block_read(disk, offset, in, info.block_size);
        solo5_yield(solo5_clock_monotonic() + 10 * NSEC_PER_MSEC, NULL);
        EXPECT(solo5_clock_monotonic() < deadline);
    }
    EXPECT(result == SOLO5_R_EUNSPEC);
    EXPECT(solo5_block_read(disk, 0, in, info.block_size) == SOLO5_R_EUNSPEC);
    EXPECT(solo5_block_write(disk, 0, out, info.block_size) == SOLO5_R_EUNSPEC);
}

int solo5_app_main(const struct solo5_start_info *start)
{
    check_acquire();
    if (after_word(start->cmdline, "wait")) {
        /* Keeps the disk while the driver tries to attach it again. */
        solo5_yield(solo5_clock_monotonic() + 20 * NSEC_PER_SEC, NULL);
        return test_success();
    }
    if (after_word(start->cmdline, "gone")) {
        read_until_gone();
        return test_success();
    }
    if (after_word(start->cmdline, "wild")) {
        static const uint8_t constant[512] __attribute__((aligned(512))) = {1};
        solo5_block_read(disk, 0, (uint8_t *)(uintptr_t)constant, info.block_size);
        say("FAILED: the disk has written to what cannot be written to\n");
        return TEST_FAILED;
    }
    say("capacity ");
    say_number(info.capacity);
    say(" block ");
    say_number(info.block_size);
    say("\n");
    check_single();
    check_bounds();
    check_many(0, 2 * info.block_size);
    check_many(1, MANY_BYTES - info.block_size);
    check_many((info.capacity - MANY_BYTES) / info.block_size, MANY_BYTES);
    return test_success();
}
