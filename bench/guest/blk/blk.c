/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Moves blocks of its disk as fast as it can, to be measured beside fio:
 *
 *   randread|randwrite|read|write BYTES DEPTH MILLISECONDS
 *
 * in requests of BYTES, DEPTH of them at a time, and prints how many there were a
 * second and how many megabytes that is.
 */
#include <solo5.h>
#include <solo5_io.h>

#include "test.h"

#define DEPTH_MAX 64
#define BYTES_MAX (1U << 20)

/* How many requests go by between two looks at the clock, which costs as much as some. */
#define BETWEEN_LOOKS 256

struct work {
    solo5_handle_t disk;
    uint32_t op;
    bool random;
    uint64_t units; /* of (bytes) on the disk */
    uint64_t next;  /* unit, or state of the random numbers */
    size_t bytes, depth;
    uint64_t duration_ns;
};

static uint8_t buffers[DEPTH_MAX * BYTES_MAX] __attribute__((aligned(4096)));
static struct solo5_block_request requests[DEPTH_MAX];
static struct solo5_block_completion done[DEPTH_MAX];

/* The next word of the command line, which (*at) is moved behind. */
static uint64_t next_number(const char **at)
{
    uint64_t number = number_at(*at);

    while (**at != '\0' && **at != ' ') {
        ++*at;
    }
    while (**at == ' ') {
        ++*at;
    }
    return number;
}

static void parse(struct work *work, const char *text)
{
    static const struct {
        const char *name;
        uint32_t op;
        bool random;
    } kinds[] = {{"randread", SOLO5_BLOCK_READ, true},
                 {"randwrite", SOLO5_BLOCK_WRITE, true},
                 {"read", SOLO5_BLOCK_READ, false},
                 {"write", SOLO5_BLOCK_WRITE, false}};
    const char *rest = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && rest == NULL; i++) {
        rest = after_word(text, kinds[i].name);
        work->op = kinds[i].op;
        work->random = kinds[i].random;
    }
    EXPECT(rest != NULL);
    work->bytes = next_number(&rest);
    work->depth = next_number(&rest);
    work->duration_ns = next_number(&rest) * NSEC_PER_MSEC;
    EXPECT(work->bytes >= 512 && work->bytes <= BYTES_MAX);
    EXPECT(work->depth >= 1 && work->depth <= DEPTH_MAX);
}

static uint64_t next_offset(struct work *work)
{
    if (!work->random) {
        work->next = work->next + 1 < work->units ? work->next + 1 : 0;
        return work->next * work->bytes;
    }
    work->next ^= work->next << 13, work->next ^= work->next >> 7, work->next ^= work->next << 17;
    return work->next % work->units * work->bytes;
}

/* (requests): the first (count) are to be filled in; their buffers are those of (done). */
static void submit(struct work *work, size_t count)
{
    size_t submitted = 0;

    for (size_t i = 0; i < count; i++) {
        requests[i].op = work->op;
        requests[i].offset = next_offset(work);
        requests[i].size = work->bytes;
        requests[i].buf = buffers + done[i].cookie * work->bytes;
        requests[i].cookie = done[i].cookie;
    }
    EXPECT(solo5_block_submit(work->disk, requests, count, &submitted) == SOLO5_R_OK);
}

/* Returns how many requests were done, and sets how long that took. */
static uint64_t run(struct work *work, uint64_t *ns)
{
    uint64_t total = 0, look = BETWEEN_LOOKS;
    solo5_time_t start = solo5_clock_monotonic(), now = start;

    if (work->bytes > BYTES_MAX / 4) {
        look = 1;
    }
    for (size_t i = 0; i < work->depth; i++) {
        done[i].cookie = i;
    }
    submit(work, work->depth);
    for (uint64_t next_look = look; now - start < work->duration_ns;) {
        size_t count = solo5_block_complete(work->disk, done, work->depth);

        if (count == 0) {
            solo5_io_wait(UINT64_MAX, NULL);
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            EXPECT(done[i].result == SOLO5_R_OK);
        }
        submit(work, count);
        total += count;
        if (total >= next_look) {
            now = solo5_clock_monotonic();
            next_look = total + look;
        }
    }
    *ns = now - start;
    return total;
}

int solo5_app_main(const struct solo5_start_info *start)
{
    struct work work = {.next = 88172645463325252ULL};
    struct solo5_block_info info;
    uint64_t total, ns;

    parse(&work, start->cmdline);
    EXPECT(solo5_block_acquire("storage", &work.disk, &info) == SOLO5_R_OK);
    EXPECT(work.bytes % info.block_size == 0 && info.capacity >= work.bytes);
    EXPECT(work.depth <= solo5_block_depth(work.disk));
    work.units = info.capacity / work.bytes;
    total = run(&work, &ns);
    say("iops ");
    say_number(total * NSEC_PER_SEC / ns);
    say(" megabytes ");
    say_number(total * work.bytes * 1000 / ns);
    say("\n");
    return SOLO5_EXIT_SUCCESS;
}
