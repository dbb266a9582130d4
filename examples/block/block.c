/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Writes a pattern over a disk, reads it back, checks it, and says how fast that was. All that was
 * on the disk is lost.
 *
 *     truncate -s 64M disk.img
 *     solo5-spt --block:storage=disk.img block.spt
 *
 * devices.h is made from manifest.json: block_storage is the disk that is called storage there.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "devices.h"

#define REQUEST_SIZE (256 * 1024) /* at most; always a multiple of the block size */

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *reason(solo5_result_t result)
{
    switch (result) {
    case SOLO5_R_OK:
        return "done";
    case SOLO5_R_AGAIN:
        return "try again";
    case SOLO5_R_EINVAL:
        return "invalid request";
    case SOLO5_R_EUNSPEC:
        return "input/output error";
    }
    return "unknown result";
}

static _Noreturn void fail(const char *what, uint64_t offset, const char *why)
{
    fprintf(stderr, "block: %s at offset %" PRIu64 ": %s\n", what, offset, why);
    exit(1);
}

/* The word that belongs at (offset) of the disk in one pass: every word differs from all others, so
 * that a block in another's place is noticed too. splitmix64. */
static uint64_t pattern(uint64_t offset, uint64_t pass)
{
    uint64_t z = (offset + pass) * 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void write_disk(const struct solo5_block_info *disk, uint64_t *buf, size_t size,
                       uint64_t pass)
{
    for (uint64_t at = 0; at < disk->capacity; at += size) {
        size_t len = disk->capacity - at < size ? disk->capacity - at : size;
        for (size_t i = 0; i < len / sizeof *buf; i++)
            buf[i] = pattern(at + i * sizeof *buf, pass);
        solo5_result_t result = block_dev_write(block_storage, at, (uint8_t *)buf, len);
        if (result != SOLO5_R_OK)
            fail("write", at, reason(result));
    }
}

static void check_disk(const struct solo5_block_info *disk, uint64_t *buf, size_t size,
                       uint64_t pass)
{
    for (uint64_t at = 0; at < disk->capacity; at += size) {
        size_t len = disk->capacity - at < size ? disk->capacity - at : size;
        solo5_result_t result = block_dev_read(block_storage, at, (uint8_t *)buf, len);
        if (result != SOLO5_R_OK)
            fail("read", at, reason(result));
        for (size_t i = 0; i < len / sizeof *buf; i++)
            if (buf[i] != pattern(at + i * sizeof *buf, pass))
                fail("read", at + i * sizeof *buf, "not what was written there");
    }
}

/* Nothing outside the disk, and nothing that is not whole blocks, may be read or written. */
static void check_limits(const struct solo5_block_info *disk, uint8_t *buf)
{
    const size_t block = disk->block_size;
    const struct {
        const char *what;
        uint64_t offset;
        size_t size;
    } wrong[] = {
        {"a block after the last", disk->capacity, block},
        {"two blocks from the last on", disk->capacity - block, 2 * block},
        {"an offset near the largest number", UINT64_MAX - block + 1, block},
        {"an offset inside a block", 1, block},
        {"half a block", 0, block / 2},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (block_dev_read(block_storage, wrong[i].offset, buf, wrong[i].size) == SOLO5_R_OK ||
            block_dev_write(block_storage, wrong[i].offset, buf, wrong[i].size) == SOLO5_R_OK)
            fail(wrong[i].what, wrong[i].offset, "was not refused");
    }
}

int main(void)
{
    struct solo5_block_info disk;
    solo5_result_t result = block_dev_acquire(block_storage, &disk);

    if (result != SOLO5_R_OK)
        fail("storage", 0, reason(result));
    printf("storage: %" PRIu64 " blocks of %" PRIu64 " bytes\n", disk.capacity / disk.block_size,
           disk.block_size);

    size_t size = disk.block_size > REQUEST_SIZE ? disk.block_size : REQUEST_SIZE;
    size = size > disk.capacity ? disk.capacity : size;
    uint64_t *buf = malloc(size > 2 * disk.block_size ? size : 2 * disk.block_size);
    if (buf == NULL)
        fail("storage", 0, "no memory for a buffer; give the program more (--mem)");

    /* Twice, as what was there before may look right the first time. */
    for (uint64_t pass = 1; pass <= 2; pass++) {
        double start = now_s();
        write_disk(&disk, buf, size, pass);
        double middle = now_s();
        check_disk(&disk, buf, size, pass);
        double mib = (double)disk.capacity / (1024 * 1024);
        printf("pass %" PRIu64 ": wrote %.0f MiB/s, read and checked %.0f MiB/s\n", pass,
               mib / (middle - start), mib / (now_s() - middle));
    }
    check_limits(&disk, (uint8_t *)buf);
    check_disk(&disk, buf, size, 2);
    puts("storage: all is as it was written");
    free(buf);
    return 0;
}
