/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Two disks with requests at the same time: each gets its own completions, and is
 * ready as long as it has some.
 */
#include "test.h"

#define COUNT 16
#define BLOCK 512

static uint8_t out[2][COUNT][BLOCK], in[2][COUNT][BLOCK];
static solo5_handle_t disks[2];

static void submit(unsigned which, uint32_t op)
{
    struct solo5_block_request requests[COUNT];
    size_t submitted;

    for (size_t i = 0; i < COUNT; i++) {
        requests[i].op = op;
        requests[i].reserved = 0;
        requests[i].offset = i * BLOCK;
        requests[i].size = BLOCK;
        requests[i].buf = op == SOLO5_BLOCK_READ ? in[which][i] : out[which][i];
        requests[i].cookie = which * 1000 + i;
    }
    EXPECT(solo5_block_submit(disks[which], requests, COUNT, &submitted) == SOLO5_R_OK);
    EXPECT(submitted == COUNT);
}

static void wait_for(solo5_handle_set_t wanted)
{
    solo5_handle_set_t ready = 0;

    while ((ready & wanted) != wanted) {
        solo5_io_wait(solo5_clock_monotonic() + NSEC_PER_SEC, &ready);
    }
}

/* All of one disk's, one at a time. */
static void take(unsigned which)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < COUNT;) {
        struct solo5_block_completion done;

        if (solo5_block_complete(disks[which], &done, 1) == 0) {
            wait_for(1ULL << disks[which]);
            continue;
        }
        EXPECT(done.result == SOLO5_R_OK && done.cookie / 1000 == which);
        EXPECT(!(seen >> done.cookie % 1000 & 1));
        seen |= 1ULL << done.cookie % 1000;
        i++;
    }
    EXPECT(seen == (1ULL << COUNT) - 1);
}

int solo5_app_main(const struct solo5_start_info *start)
{
    static const char *const names[] = {"storage", "other"};
    struct solo5_block_info info;
    solo5_handle_set_t both, ready;

    (void)start;
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(solo5_block_acquire(names[i], &disks[i], &info) == SOLO5_R_OK);
        EXPECT(solo5_block_depth(disks[i]) >= COUNT && solo5_block_depth(disks[i]) <= 1024);
        memset(out[i], 0x11 * (int)(i + 1), sizeof out[i]);
    }
    both = 1ULL << disks[0] | 1ULL << disks[1];
    submit(0, SOLO5_BLOCK_WRITE);
    submit(1, SOLO5_BLOCK_WRITE);
    wait_for(both);
    take(1);
    wait_for(1ULL << disks[0]);
    take(0);
    submit(1, SOLO5_BLOCK_READ);
    submit(0, SOLO5_BLOCK_READ);
    take(0);
    wait_for(1ULL << disks[1]);
    take(1);
    /* Nothing is left to wake for. */
    solo5_io_wait(solo5_clock_monotonic() + 50 * NSEC_PER_MSEC, &ready);
    EXPECT((ready & both) == 0);
    EXPECT(memcmp(in, out, sizeof in) == 0);
    return test_success();
}
