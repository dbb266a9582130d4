/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One disk, "storage", by the asynchronous requests of solo5_io.h: as many as the
 * disk takes, each completed once with its cookie; requests that must be refused;
 * flush, discard and zeroes where there are any; and what a broken disk does.
 */
#include "test.h"

#define OUTSTANDING_MAX 1024
#define BLOCK_MAX       4096
#define LARGE           0x40000

static uint8_t data[OUTSTANDING_MAX][BLOCK_MAX];
static uint8_t large[LARGE] __attribute__((aligned(4096))); /* whole pages, as hosts like them */
static bool outstanding[OUTSTANDING_MAX];
static unsigned outstanding_count;
static solo5_handle_t disk;
static struct solo5_block_info info;

static void fill(uint8_t *block, uint64_t number)
{
    for (size_t i = 0; i < info.block_size; i += sizeof number) {
        memcpy(block + i, &number, sizeof number);
    }
}

static bool filled(const uint8_t *block, uint64_t number)
{
    for (size_t i = 0; i < info.block_size; i += sizeof number) {
        if (memcmp(block + i, &number, sizeof number) != 0) {
            return false;
        }
    }
    return true;
}

/* Waits for completions and takes them; (result): what each must be. */
static void take(solo5_result_t result)
{
    struct solo5_block_completion done[7];
    solo5_handle_set_t ready = 0;
    size_t count;

    while (!(ready >> disk & 1)) {
        solo5_io_wait(solo5_clock_monotonic() + 10 * NSEC_PER_SEC, &ready);
    }
    count = solo5_block_complete(disk, done, 7);
    EXPECT(count >= 1 && count <= 7);
    for (size_t i = 0; i < count; i++) {
        EXPECT(done[i].cookie < OUTSTANDING_MAX && outstanding[done[i].cookie]);
        EXPECT(done[i].result == result);
        outstanding[done[i].cookie] = false;
        outstanding_count--;
    }
}

static void put(const struct solo5_block_request *request)
{
    size_t submitted = 7;
    solo5_result_t result = solo5_block_submit(disk, request, 1, &submitted);

    while (result == SOLO5_R_AGAIN) {
        EXPECT(submitted == 0);
        take(SOLO5_R_OK);
        result = solo5_block_submit(disk, request, 1, &submitted);
    }
    EXPECT(result == SOLO5_R_OK && submitted == 1 && !outstanding[request->cookie]);
    outstanding[request->cookie] = true;
    outstanding_count++;
}

static void take_all(void)
{
    while (outstanding_count != 0) {
        take(SOLO5_R_OK);
    }
}

/* The one result of a request that is alone. */
static solo5_result_t result_of(struct solo5_block_request request)
{
    struct solo5_block_completion done;
    size_t submitted;

    request.cookie = UINT64_MAX;
    EXPECT(solo5_block_submit(disk, &request, 1, &submitted) == SOLO5_R_OK && submitted == 1);
    while (solo5_block_complete(disk, &done, 1) == 0) {
        solo5_io_wait(UINT64_MAX, NULL);
    }
    EXPECT(done.cookie == UINT64_MAX);
    EXPECT(solo5_block_complete(disk, &done, 1) == 0);
    return done.result;
}

static void check_blocks(void)
{
    uint64_t blocks = info.capacity / info.block_size;

    /* 37 has no divisor in common with the number of blocks. */
    for (uint64_t i = 0; i < blocks; i++) {
        uint64_t at = i * 37 % blocks, slot = i % OUTSTANDING_MAX;

        if (slot == 0) {
            take_all();
        }
        fill(data[slot], at);
        put(&(struct solo5_block_request){SOLO5_BLOCK_WRITE, 0, at * info.block_size,
                                          info.block_size, data[slot], slot});
    }
    take_all();
    for (uint64_t i = 0; i < blocks; i += OUTSTANDING_MAX) {
        uint64_t count = blocks - i < OUTSTANDING_MAX ? blocks - i : OUTSTANDING_MAX;

        memset(data, 0, sizeof data);
        for (uint64_t k = 0; k < count; k++) {
            put(&(struct solo5_block_request){SOLO5_BLOCK_READ, 0, (i + k) * info.block_size,
                                              info.block_size, data[k], k});
        }
        take_all();
        for (uint64_t k = 0; k < count; k++) {
            EXPECT(filled(data[k], i + k));
        }
    }
}

static void check_large(void)
{
    uint64_t first = info.capacity - LARGE;

    for (size_t i = 0; i < LARGE; i += info.block_size) {
        fill(large + i, first + i + 7);
    }
    EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_WRITE, 0, first, LARGE, large, 0}) ==
           SOLO5_R_OK);
    memset(large, 0, sizeof large);
    EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_READ, 0, first, LARGE, large, 0}) ==
           SOLO5_R_OK);
    for (size_t i = 0; i < LARGE; i += info.block_size) {
        EXPECT(filled(large + i, first + i + 7));
    }
}

/* Who waits for networks alone is not told of disks. */
static void check_yield(void)
{
    solo5_handle_set_t ready = 0;

    put(&(struct solo5_block_request){SOLO5_BLOCK_READ, 0, 0, info.block_size, large, 0});
    for (unsigned i = 0; i < 5; i++) {
        solo5_yield(solo5_clock_monotonic() + 2 * NSEC_PER_MSEC, &ready);
        EXPECT(ready == 0);
    }
    take_all();
}

/* An array of requests of which only the first ones fit. */
static void check_depth(void)
{
    static struct solo5_block_request requests[OUTSTANDING_MAX + 1];
    size_t depth = solo5_block_depth(disk), submitted;

    EXPECT(depth >= 1 && depth <= OUTSTANDING_MAX);
    for (size_t i = 0; i < depth + 1; i++) {
        requests[i] = (struct solo5_block_request){SOLO5_BLOCK_READ,          0, 0, info.block_size,
                                                   data[i % OUTSTANDING_MAX], i};
    }
    EXPECT(solo5_block_submit(disk, requests, depth + 1, &submitted) == SOLO5_R_AGAIN);
    EXPECT(submitted == depth);
    for (size_t i = 0; i < depth; i++) {
        outstanding[i] = true;
    }
    outstanding_count = (unsigned)depth;
    take_all();
    EXPECT(solo5_block_submit(disk, requests, 0, &submitted) == SOLO5_R_OK && submitted == 0);
}

static void check_refused(void)
{
    static const uint64_t max = UINT64_MAX;
    size_t size = info.block_size, submitted;
    const struct solo5_block_request bad[] = {
        {SOLO5_BLOCK_READ, 0, info.capacity, size, large, 0},
        {SOLO5_BLOCK_WRITE, 0, info.capacity - size, 2 * size, large, 0},
        {SOLO5_BLOCK_READ, 0, 0, 0, large, 0},
        {SOLO5_BLOCK_WRITE, 0, 1, size, large, 0},
        {SOLO5_BLOCK_WRITE, 0, 0, size + 1, large, 0},
        {SOLO5_BLOCK_WRITE, 0, max - size + 1, size, large, 0},
        {SOLO5_BLOCK_READ, 0, size, max - size + 1, large, 0},
        {SOLO5_BLOCK_READ, 1, 0, size, large, 0},
        {SOLO5_BLOCK_WRITE_ZEROES + 1, 0, 0, size, large, 0},
        {UINT32_MAX, 0, 0, size, large, 0},
        {SOLO5_BLOCK_FLUSH, 0, 0, size, NULL, 0},
        {SOLO5_BLOCK_DISCARD, 0, info.capacity, size, NULL, 0},
        {SOLO5_BLOCK_WRITE_ZEROES, 0, 0, 0, NULL, 0},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct solo5_block_request pair[] = {{SOLO5_BLOCK_READ, 0, 0, size, large, 0}, bad[i]};

        EXPECT(solo5_block_submit(disk, &bad[i], 1, &submitted) == SOLO5_R_EINVAL);
        EXPECT(submitted == 0);
        /* The good one before it is taken. */
        EXPECT(solo5_block_submit(disk, pair, 2, &submitted) == SOLO5_R_EINVAL && submitted == 1);
        outstanding[0] = true, outstanding_count = 1;
        take_all();
    }
    EXPECT(solo5_block_submit(disk + 1, bad, 1, &submitted) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_features(0) == 0 && solo5_block_depth(UINT64_MAX) == 0);
    EXPECT(solo5_block_complete(disk + 1, NULL, 0) == 0);
}

/* More than a host that has to write them does at once. */
static void check_many_zeroes(void)
{
    size_t size = info.block_size;

    EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_WRITE_ZEROES, 0, LARGE, LARGE, NULL,
                                                  0}) == SOLO5_R_OK);
    EXPECT(solo5_block_read(disk, LARGE - size, large, 2 * size) == SOLO5_R_OK);
    EXPECT(filled(large, LARGE / size - 1) && filled(large + size, 0));
    EXPECT(solo5_block_read(disk, 2 * LARGE - size, large, 2 * size) == SOLO5_R_OK);
    EXPECT(filled(large, 0) && filled(large + size, 2 * LARGE / size));
}

static void check_more(uint64_t features)
{
    size_t size = info.block_size;

    if (features >> SOLO5_BLOCK_FLUSH & 1) {
        EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_FLUSH, 0, 0, 0, large, 0}) ==
               SOLO5_R_OK);
    }
    if (features >> SOLO5_BLOCK_WRITE_ZEROES & 1) {
        EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_WRITE_ZEROES, 0, 3 * size, size,
                                                      NULL, 0}) == SOLO5_R_OK);
        EXPECT(solo5_block_read(disk, 2 * size, large, 3 * size) == SOLO5_R_OK);
        EXPECT(filled(large, 2) && filled(large + size, 0) && filled(large + 2 * size, 4));
        check_many_zeroes();
    }
    if (features >> SOLO5_BLOCK_DISCARD & 1) {
        EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_DISCARD, 0, 8 * size, 8 * size,
                                                      NULL, 0}) == SOLO5_R_OK);
        EXPECT(solo5_block_read(disk, 7 * size, large, size) == SOLO5_R_OK);
        EXPECT(filled(large, 7));
        EXPECT(solo5_block_read(disk, 16 * size, large, size) == SOLO5_R_OK);
        EXPECT(filled(large, 16));
    }
}

/* The driver cuts the disk short: reading its end fails from then on, its beginning does not. */
static void check_truncated(void)
{
    struct solo5_block_request last = {SOLO5_BLOCK_READ, 0,     info.capacity - info.block_size,
                                       info.block_size,  large, 0};
    struct solo5_block_request first = last, whole = last;
    solo5_time_t deadline = solo5_clock_monotonic() + 15 * NSEC_PER_SEC;

    first.offset = 0;
    whole.offset = info.capacity - LARGE, whole.size = LARGE;
    while (result_of(last) == SOLO5_R_OK) {
        EXPECT(solo5_clock_monotonic() < deadline);
        solo5_yield(solo5_clock_monotonic() + 20 * NSEC_PER_MSEC, NULL);
    }
    EXPECT(result_of(last) == SOLO5_R_EUNSPEC);
    EXPECT(result_of(whole) == SOLO5_R_EUNSPEC);
    EXPECT(solo5_block_read(disk, last.offset, large, info.block_size) == SOLO5_R_EUNSPEC);
    EXPECT(result_of(first) == SOLO5_R_OK);
}

/* The host has no room for all of the disk: some writes fail, and everything goes on. */
static void check_full(void)
{
    struct solo5_block_request request = {SOLO5_BLOCK_WRITE, 0, 0, LARGE, large, 0};
    unsigned good = 0, bad = 0;

    memset(large, 0x55, sizeof large);
    for (; request.offset < info.capacity; request.offset += LARGE) {
        solo5_result_t result = result_of(request);

        EXPECT(result == SOLO5_R_OK || result == SOLO5_R_EUNSPEC);
        result == SOLO5_R_OK ? good++ : bad++;
    }
    EXPECT(good != 0 && bad != 0);
    request.op = SOLO5_BLOCK_READ, request.offset = 0;
    EXPECT(result_of(request) == SOLO5_R_OK);
}

/* The host takes writes for which it has no room, and finds out later: a flush has to say so. */
static void check_flush_fails(void)
{
    struct solo5_block_request request = {SOLO5_BLOCK_WRITE, 0, 0, LARGE, large, 0};

    memset(large, 0x55, sizeof large);
    for (; request.offset < info.capacity; request.offset += LARGE) {
        EXPECT(result_of(request) == SOLO5_R_OK);
    }
    EXPECT(result_of((struct solo5_block_request){SOLO5_BLOCK_FLUSH, 0, 0, 0, NULL, 0}) ==
           SOLO5_R_EUNSPEC);
    request.op = SOLO5_BLOCK_READ, request.offset = 0;
    EXPECT(result_of(request) == SOLO5_R_OK);
}

/* The disk is taken away while it has as much to do as it takes: all of it comes back, each once,
 * and nothing goes to it any more. */
static void check_gone(void)
{
    solo5_time_t deadline = solo5_clock_monotonic() + 30 * NSEC_PER_SEC;
    solo5_result_t result = SOLO5_R_OK;
    struct solo5_block_completion done;
    size_t depth = solo5_block_depth(disk), submitted;

    say("reads\n");
    while (result != SOLO5_R_EUNSPEC || outstanding_count != 0) {
        for (size_t i = 0; i < depth && result != SOLO5_R_EUNSPEC; i++) {
            struct solo5_block_request request = {SOLO5_BLOCK_READ, 0,       i * info.block_size,
                                                  info.block_size,  data[i], i};

            if (outstanding[i]) {
                continue;
            }
            result = solo5_block_submit(disk, &request, 1, &submitted);
            if (result != SOLO5_R_OK) {
                break;
            }
            outstanding[i] = true, outstanding_count++;
        }
        if (outstanding_count != 0) {
            solo5_io_wait(deadline, NULL);
        }
        EXPECT(solo5_clock_monotonic() < deadline);
        while (solo5_block_complete(disk, &done, 1) != 0) {
            EXPECT(done.cookie < depth && outstanding[done.cookie]);
            EXPECT(done.result == SOLO5_R_OK || done.result == SOLO5_R_EUNSPEC);
            outstanding[done.cookie] = false, outstanding_count--;
        }
    }
    EXPECT(solo5_block_read(disk, 0, large, info.block_size) == SOLO5_R_EUNSPEC);
}

/* With nothing outstanding only the time ends a wait, but for what is left of an earlier one. */
static void check_sleep(void)
{
    for (unsigned i = 0; i < 10; i++) {
        solo5_time_t end = solo5_clock_monotonic() + 20 * NSEC_PER_MSEC, now = 0;
        solo5_handle_set_t ready = 0;
        unsigned waits = 0;

        while (now < end) {
            solo5_io_wait(end, &ready);
            EXPECT(ready == 0);
            now = solo5_clock_monotonic();
            waits++;
        }
        EXPECT(waits <= 3);
        EXPECT(now - end < NSEC_PER_SEC);
    }
}

int solo5_app_main(const struct solo5_start_info *start)
{
    uint64_t features;

    EXPECT(solo5_block_features(1) == 0 && solo5_block_depth(1) == 0);
    EXPECT(solo5_block_acquire("storage", &disk, &info) == SOLO5_R_OK);
    features = solo5_block_features(disk);
    EXPECT(features >> SOLO5_BLOCK_READ & features >> SOLO5_BLOCK_WRITE & 1);
    say("depth ");
    say_number(solo5_block_depth(disk));
    say(" features ");
    say_number(features);
    say("\n");
    if (after_word(start->cmdline, "truncated")) {
        check_truncated();
    } else if (after_word(start->cmdline, "full")) {
        check_full();
    } else if (after_word(start->cmdline, "gone")) {
        check_gone();
    } else if (after_word(start->cmdline, "flush-fails")) {
        check_flush_fails();
    } else {
        check_blocks();
        check_sleep();
        check_yield();
        check_depth();
        check_refused();
        check_more(features);
        check_large();
    }
    return test_success();
}
