/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver of disks, by the calls of solo5_io.h and solo5.h, over a device of this process that
 * keeps its blocks in memory.
 */
#include <check.h>
#include <string.h>

#include "bindings.h"
#include "unit.h"
#include "virtio_fake.h"

/* virtio 1.2, 5.2.3. */
#define SIZE_MAX_F   FAKE_BIT(1)
#define SEG_MAX      FAKE_BIT(2)
#define RO           FAKE_BIT(5)
#define BLK_SIZE     FAKE_BIT(6)
#define FLUSH        FAKE_BIT(9)
#define DISCARD      FAKE_BIT(13)
#define WRITE_ZEROES FAKE_BIT(14)
#define VERSION_1    FAKE_BIT(VIRTIO_F_VERSION_1)
#define RINGS        (FAKE_BIT(VIRTIO_F_EVENT_IDX) | FAKE_BIT(VIRTIO_F_INDIRECT_DESC))
#define PACKED       FAKE_BIT(VIRTIO_F_RING_PACKED)
#define MODERN       (VERSION_1 | RINGS | BLK_SIZE | SEG_MAX | FLUSH)

#define SECTORS 2048
#define HANDLE  1
#define ID      "a serial number"

static struct fake fake;
static uint8_t disk[SECTORS * 512], data[SECTORS * 512];
static unsigned served;       /* requests */
static uint8_t status;        /* what the device answers */
static uint32_t segment_max;  /* the longest piece it has seen, */
static unsigned segments_max; /* and the most of one request's data */

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

struct head {
    uint32_t type, reserved;
    uint64_t sector;
};

struct range {
    uint64_t sector;
    uint32_t count, flags;
};

/* Memory as the device has it (fake_gap). */
static void *reach(uint64_t addr)
{
    uint64_t below = addr - FAKE_GAP_SHIFT;
    bool shifted = below >= (uint64_t)data && below < (uint64_t)data + sizeof data;
    return (void *)(shifted ? below : addr);
}

/* Does what a disk does; checks that the driver keeps to the sizes. */
static uint32_t do_request(const struct fake_chain *chain)
{
    const struct head *head = (const struct head *)chain->piece[0].addr;
    const struct vq_piece *last = &chain->piece[chain->count - 1];
    uint64_t offset = head->sector * 512;
    uint32_t written = 1;

    ck_assert_uint_eq(chain->piece[0].len, sizeof *head);
    ck_assert_uint_eq(last->len, 1);
    ck_assert_uint_eq(last->flags, VQ_DESC_WRITE);
    if (chain->count - 2 > segments_max)
        segments_max = chain->count - 2;
    for (const struct vq_piece *p = chain->piece + 1; p < last; p++) {
        const struct range *range = (const struct range *)p->addr;
        if (p->len > segment_max)
            segment_max = p->len;
        if (head->type == 0)
            memcpy(reach(p->addr), disk + offset, p->len), written += p->len;
        else if (head->type == 1)
            memcpy(disk + offset, reach(p->addr), p->len);
        else if (head->type == 8)
            strncpy((char *)p->addr, ID, p->len);
        else
            memset(disk + range->sector * 512, head->type == 13 ? 0 : 0xdd, range->count * 512);
        offset += p->len;
    }
    *(uint8_t *)last->addr = status;
    served++;
    return written;
}

static void serve(void)
{
    struct fake_chain chain;
    while (fake_next(&fake, 0, &chain))
        fake_return(&fake, 0, &chain, do_request(&chain));
}

static void init(uint64_t features)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_BLOCK, features);
    segment_max = segments_max = 0;
    fake_config(&fake, 0, SECTORS, 8);
    fake_config(&fake, 8, 512, 4);  /* size_max */
    fake_config(&fake, 12, 254, 4); /* seg_max */
    fake_config(&fake, 20, 512, 4); /* blk_size */
    fake_config(&fake, 36, 100, 4); /* max_discard_sectors */
    fake_config(&fake, 44, 8, 4);   /* discard_sector_alignment */
    fake_config(&fake, 48, 7, 4);   /* max_write_zeroes_sectors */
    for (size_t i = 0; i < sizeof disk; i++)
        disk[i] = (uint8_t)(i / 512 + i);
}

static void attach(void)
{
    solo5_handle_t handle;
    struct solo5_block_info info;

    ck_assert(virtio_blk_open(&fake.dev));
    fake_attach(&fake);
    ck_assert_int_eq(solo5_block_acquire("device", &handle, &info), SOLO5_R_OK);
    ck_assert_uint_eq(info.capacity, sizeof disk);
}

static void open_disk(uint64_t features)
{
    init(features);
    attach();
}

static struct solo5_block_request request(uint32_t op, uint64_t sector, size_t sectors,
                                          uint64_t cookie)
{
    return (struct solo5_block_request){.op = op,
                                        .offset = sector * 512,
                                        .size = sectors * 512,
                                        .buf = data + sector * 512,
                                        .cookie = cookie};
}

/* Submits one request and waits for its completion. */
static solo5_result_t do_one(uint32_t op, uint64_t sector, size_t sectors)
{
    struct solo5_block_request one = request(op, sector, sectors, 4711);
    struct solo5_block_completion done[2];
    size_t count = 0;

    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    for (unsigned i = 0; i < 100000; i++) {
        serve();
        ck_assert(virtio_ready(true) == 1 << HANDLE);
        count = solo5_block_complete(HANDLE, done, 2);
        if (count != 0)
            break;
    }
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(done[0].cookie, 4711);
    ck_assert_uint_eq(virtio_ready(true), 0);
    return done[0].result;
}

static const uint64_t kinds[] = {
    0,
    RINGS | SEG_MAX | FLUSH,
    MODERN,
    MODERN | PACKED,
    MODERN | SIZE_MAX_F,
    VERSION_1 | SIZE_MAX_F,
    VERSION_1 | PACKED | SIZE_MAX_F | SEG_MAX,
};

START_TEST(reads_and_writes)
{
    open_disk(kinds[_i]);
    for (size_t sectors = 1; sectors <= 300; sectors = sectors * 3 + 1) {
        ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 5, sectors), SOLO5_R_OK);
        ck_assert_mem_eq(data + 5 * 512, disk + 5 * 512, sectors * 512);
        memset(data + 1000 * 512, (int)sectors, sectors * 512);
        ck_assert_int_eq(do_one(SOLO5_BLOCK_WRITE, 1000, sectors), SOLO5_R_OK);
        ck_assert_mem_eq(data + 1000 * 512, disk + 1000 * 512, (sectors + 1) * 512 - 512);
    }
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, SECTORS - 1, 1), SOLO5_R_OK);
    if (kinds[_i] & SIZE_MAX_F)
        ck_assert_uint_eq(segment_max, 512);
}
END_TEST

/* By the calls of solo5.h, which wait: first without a pause, then asleep. */
START_TEST(reads_and_writes_plainly)
{
    open_disk(kinds[_i]);
    fake_while_waiting = serve;
    for (size_t sectors = 1; sectors <= 300; sectors = sectors * 3 + 1) {
        ck_assert_int_eq(solo5_block_read(HANDLE, 512, data, sectors * 512), SOLO5_R_OK);
        ck_assert_mem_eq(data, disk + 512, sectors * 512);
        data[3] = (uint8_t)sectors;
        ck_assert_int_eq(solo5_block_write(HANDLE, 512, data, sectors * 512), SOLO5_R_OK);
        ck_assert_mem_eq(data, disk + 512, sectors * 512);
    }
}
END_TEST

/* One that waits takes nothing from those that were submitted, and has room when they have all. */
START_TEST(waits_beside_others)
{
    struct solo5_block_completion done[256];
    size_t depth, count, total = 0;

    open_disk(kinds[_i]);
    depth = solo5_block_depth(HANDLE);
    for (uint64_t i = 0; i < depth; i++) {
        struct solo5_block_request one = request(SOLO5_BLOCK_READ, i, 1, i);
        ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    }
    struct solo5_block_request more = request(SOLO5_BLOCK_READ, 0, 1, 0);
    ck_assert_int_eq(solo5_block_submit(HANDLE, &more, 1, &count), SOLO5_R_AGAIN);
    fake_while_waiting = serve;
    ck_assert_int_eq(solo5_block_read(HANDLE, 51200, data + 51200, 512), SOLO5_R_OK);
    ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
    while ((count = solo5_block_complete(HANDLE, done, 7)) != 0) {
        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(done[i].cookie, total + i);
        total += count;
    }
    ck_assert_uint_eq(total, depth);
    ck_assert_uint_eq(virtio_ready(true), 0);
    ck_assert_mem_eq(data, disk, depth * 512);
}
END_TEST

START_TEST(keeps_to_limits)
{
    open_disk(MODERN | DISCARD | WRITE_ZEROES);
    ck_assert_uint_eq(solo5_block_features(HANDLE), 31);
    served = 0;
    ck_assert_int_eq(do_one(SOLO5_BLOCK_WRITE_ZEROES, 10, 70), SOLO5_R_OK);
    ck_assert_uint_eq(served, 10);
    ck_assert_uint_eq(disk[10 * 512], 0);
    ck_assert_uint_eq(disk[80 * 512 - 1], 0);
    ck_assert_uint_ne(disk[80 * 512 + 7], 0);
    served = 0;
    /* From 101 to 200, to 296, to 301: two cuts at multiples of 8. */
    ck_assert_int_eq(do_one(SOLO5_BLOCK_DISCARD, 101, 200), SOLO5_R_OK);
    ck_assert_uint_eq(served, 3);
    ck_assert_uint_eq(disk[101 * 512], 0xdd);
    ck_assert_uint_eq(disk[301 * 512 - 1], 0xdd);
    ck_assert_uint_ne(disk[301 * 512], 0xdd);
}
END_TEST

/* Memory across a gap takes no more segments than the device does; where not even a block fits, it
 * goes by another's memory, of which there is enough for one request at a time. */
static const struct {
    uint64_t features;
    uint32_t segment_len, segments;
    size_t gap; /* bytes into the second block of the buffer */
} gaps[] = {
    {VERSION_1, 0, 1, 0},
    {VERSION_1, 0, 1, 100},
    {VERSION_1 | RINGS, 0, 1, 511},
    {MODERN, 0, 1, 256},
    {MODERN, 0, 2, 256},
    {MODERN | SIZE_MAX_F, 512, 3, 256},
    {MODERN | PACKED | SIZE_MAX_F, 1000, 2, 1},
    {0, 0, 1, 8},
};

START_TEST(keeps_to_segments_across_a_gap)
{
    struct solo5_block_request two[2] = {request(SOLO5_BLOCK_WRITE, 1, 4, 1),
                                         request(SOLO5_BLOCK_WRITE, 100, 4, 2)};
    struct solo5_block_completion done[2];
    size_t count, total = 0, submitted = 0;

    init(gaps[_i].features);
    fake_config(&fake, 8, gaps[_i].segment_len, 4);
    fake_config(&fake, 12, gaps[_i].segments, 4);
    attach();
    fake_gap = data + 2 * 512 + gaps[_i].gap;
    for (size_t sectors = 1; sectors <= 64; sectors *= 2) {
        memset(data, 0, sizeof data);
        ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 1, sectors), SOLO5_R_OK);
        ck_assert_mem_eq(data + 512, disk + 512, sectors * 512);
        memset(data + 512, (int)sectors, sectors * 512);
        ck_assert_int_eq(do_one(SOLO5_BLOCK_WRITE, 1, sectors), SOLO5_R_OK);
        ck_assert_mem_eq(data + 512, disk + 512, sectors * 512);
    }
    /* Two at a time, each with another block across the gap. */
    for (size_t i = 0; i < 8 * 512; i++)
        data[i] = (uint8_t)(i / 3);
    two[0].buf = data + 512;
    two[1].buf = data + 512 + 77;
    while (total < 2) {
        if (submitted < 2)
            solo5_block_submit(HANDLE, two + submitted, 2 - submitted, &count), submitted += count;
        serve();
        total += solo5_block_complete(HANDLE, done + total, 2 - total);
    }
    ck_assert(done[0].result == SOLO5_R_OK && done[1].result == SOLO5_R_OK);
    ck_assert_mem_eq(disk + 512, data + 512, 4 * 512);
    ck_assert_mem_eq(disk + 100 * 512, data + 512 + 77, 4 * 512);
    ck_assert_uint_le(segments_max, gaps[_i].segments);
}
END_TEST

/* The first request's next part takes a piece more than it has given back, and the queue, which has
 * no tables, is full: it is given to the device when there is room. */
static struct fake_chain first, mine;
static bool while_full;

static void fill_up(void)
{
    if (while_full || !fake_next(&fake, 0, &mine))
        return;
    while_full = true;
    fake_return(&fake, 0, &first, do_request(&first));
    fake_return(&fake, 0, &mine, do_request(&mine));
}

START_TEST(goes_on_when_there_is_room)
{
    struct solo5_block_request one = {.op = SOLO5_BLOCK_WRITE, .size = 3 * 4096, .buf = data};
    struct solo5_block_completion done[4];
    struct fake_chain chain[4];
    size_t count, completed = 0;

    init(VERSION_1 | SIZE_MAX_F | SEG_MAX | BLK_SIZE);
    fake_config(&fake, 8, 4096, 4);
    fake_config(&fake, 12, 2, 4);
    fake_config(&fake, 20, 4096, 4);
    fake.queue_max = 16;
    attach();
    fake_gap = data + 4096 + 100;
    memset(data, 0x5a, sizeof data);
    for (uint64_t i = 0; i < 4; i++) {
        one.offset = i * one.size;
        ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
        ck_assert(fake_next(&fake, 0, &chain[i]));
        ck_assert_uint_eq(chain[i].count, 3);
    }
    first = chain[0];
    fake_at_each_look = fill_up;
    ck_assert_int_eq(solo5_block_write(HANDLE, 64 * 4096, data + 4096, 4096), SOLO5_R_OK);
    ck_assert_uint_eq(mine.count, 4);
    fake_at_each_look = NULL;
    for (unsigned i = 1; i < 4; i++)
        fake_return(&fake, 0, &chain[i], do_request(&chain[i]));
    while (completed < 4) {
        completed += solo5_block_complete(HANDLE, done, 4);
        ck_assert(completed == 4 || fake_next(&fake, 0, &chain[0]));
        if (completed < 4)
            fake_return(&fake, 0, &chain[0], do_request(&chain[0]));
    }
    ck_assert_mem_eq(disk, data, 4 * one.size);
}
END_TEST

START_TEST(flushes)
{
    open_disk(_i ? MODERN : MODERN & ~FLUSH);
    served = 0;
    ck_assert_int_eq(do_one(SOLO5_BLOCK_FLUSH, 0, 0), SOLO5_R_OK);
    ck_assert_uint_eq(served, (unsigned)_i); /* without the feature there is nothing to do */
}
END_TEST

START_TEST(refuses_to_write)
{
    struct solo5_block_request one = request(SOLO5_BLOCK_WRITE, 0, 1, 0);
    size_t count;

    open_disk(MODERN | RO | DISCARD | WRITE_ZEROES);
    ck_assert_uint_eq(solo5_block_features(HANDLE), 1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_FLUSH);
    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_EINVAL);
    ck_assert_int_eq(solo5_block_write(HANDLE, 0, data, 512), SOLO5_R_EUNSPEC);
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, 1), SOLO5_R_OK);
}
END_TEST

/* An error is told, ends a request in parts, and leaves the disk as it is. */
START_TEST(has_errors)
{
    static const uint8_t errors[] = {1, 2, 77, 0xff};

    open_disk(MODERN | SIZE_MAX_F);
    for (size_t i = 0; i < COUNT(errors); i++) {
        status = errors[i];
        served = 0;
        ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, 100), SOLO5_R_EUNSPEC);
        ck_assert_uint_eq(served, 1);
        status = 0;
        ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, 100), SOLO5_R_OK);
    }
    status = 1;
    fake_while_waiting = serve;
    ck_assert_int_eq(solo5_block_read(HANDLE, 0, data, 512), SOLO5_R_EUNSPEC);
    ck_assert(!fake.dev.failed);
}
END_TEST

START_TEST(goes_away)
{
    struct solo5_block_request two[] = {request(SOLO5_BLOCK_READ, 0, 1, 1),
                                        request(SOLO5_BLOCK_WRITE, 8, 1, 2)};
    struct solo5_block_completion done[4];
    size_t count;

    open_disk(MODERN);
    ck_assert_int_eq(solo5_block_submit(HANDLE, two, 2, &count), SOLO5_R_OK);
    ck_assert_uint_eq(virtio_ready(true), 0);
    virtio_fail(&fake.dev, "it wants to be reset");
    ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
    ck_assert_uint_eq(solo5_block_complete(HANDLE, done, 4), 2);
    ck_assert_uint_eq(fake.resets, 1);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(done[i].cookie, 2 - i);
        ck_assert_int_eq(done[i].result, SOLO5_R_EUNSPEC);
    }
    ck_assert_uint_eq(virtio_ready(true), 0);
    ck_assert_int_eq(solo5_block_submit(HANDLE, two, 2, &count), SOLO5_R_EUNSPEC);
    ck_assert_int_eq(solo5_block_read(HANDLE, 0, data, 512), SOLO5_R_EUNSPEC);
}
END_TEST

/* The device is asked now and then whether it is still there; if it is and does nothing, patience
 * has an end. */
START_TEST(does_not_answer)
{
    open_disk(MODERN);
    fake.gone = _i;
    ck_assert_int_eq(solo5_block_read(HANDLE, 0, data, 512), SOLO5_R_EUNSPEC);
    ck_assert_str_eq(fake_said, _i ? "it is gone" : "it does not answer");
    ck_assert_uint_lt(fake_now, _i ? 1000000000 : 32000000000);
    ck_assert_uint_eq(fake.resets, 1);
}
END_TEST

/* The same for what was submitted: looked for whenever the program waits. A guest that was stopped
 * for an hour meanwhile has waited for five seconds. */
START_TEST(does_not_answer_what_was_submitted)
{
    struct solo5_block_request one = request(SOLO5_BLOCK_READ, 0, 1, 1);
    struct solo5_block_completion done;
    size_t count;

    open_disk(MODERN);
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, 1), SOLO5_R_OK);
    ck_assert_uint_eq(virtio_wait_until(UINT64_MAX), UINT64_MAX);
    fake_now += 3600 * UINT64_C(1000000000);
    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert_uint_eq(virtio_ready(true), 0);
    fake_now += 3600 * UINT64_C(1000000000);
    for (unsigned i = 0; i < 24; i++) {
        ck_assert_uint_eq(virtio_ready(true), 0);
        fake_now += 1000000000;
    }
    fake_now += 2000000000;
    ck_assert_uint_eq(virtio_ready(true), 1 << HANDLE);
    ck_assert_uint_eq(solo5_block_complete(HANDLE, &done, 1), 1);
    ck_assert_int_eq(done.result, SOLO5_R_EUNSPEC);
}
END_TEST

/* One that never sleeps, since something else is ready all the time, is told too: a look now and
 * then does. */
START_TEST(does_not_answer_who_never_sleeps)
{
    struct solo5_block_request one = request(SOLO5_BLOCK_READ, 0, 1, 1);
    struct solo5_block_completion done;
    size_t count;

    open_disk(MODERN);
    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    for (unsigned i = 0; i < 32; i++) {
        ck_assert_uint_eq(virtio_ready(false), i < 31 ? 0 : 1 << HANDLE);
        virtio_look();
        fake_now += 1000000000;
    }
    ck_assert_str_eq(fake_said, "it does not answer");
    ck_assert_uint_eq(solo5_block_complete(HANDLE, &done, 1), 1);
    ck_assert_int_eq(done.result, SOLO5_R_EUNSPEC);
}
END_TEST

/* A program that waits for nothing else, without a deadline, is told too. */
START_TEST(ends_a_wait_without_an_answer)
{
    struct solo5_block_request one = request(SOLO5_BLOCK_READ, 0, 1, 1);
    struct solo5_block_completion done;
    size_t count;

    open_disk(MODERN);
    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert_uint_eq(target_wait(UINT64_MAX), 1 << HANDLE);
    ck_assert_str_eq(fake_said, "it does not answer");
    ck_assert_uint_lt(fake_now, 40000000000);
    ck_assert_uint_eq(solo5_block_complete(HANDLE, &done, 1), 1);
    ck_assert_int_eq(done.result, SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(virtio_ready(true), 0);
    ck_assert_uint_eq(virtio_wait_until(UINT64_MAX), UINT64_MAX);
}
END_TEST

static void serve_when_told_again(void)
{
    if (fake.queue[0].kicks > 1)
        serve();
}

/* A device that has missed a request is told again, but not often. */
START_TEST(is_told_again)
{
    struct solo5_block_request one = request(SOLO5_BLOCK_READ, 0, 1, 1);
    struct solo5_block_completion done;
    size_t count;

    open_disk(MODERN);
    fake_while_waiting = serve_when_told_again;
    ck_assert_int_eq(solo5_block_submit(HANDLE, &one, 1, &count), SOLO5_R_OK);
    ck_assert_uint_eq(fake.queue[0].kicks, 1);
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_uint_eq(target_wait(fake_now + 100000000), 0);
        ck_assert_uint_eq(fake.queue[0].kicks, 1);
    }
    ck_assert_uint_eq(target_wait(UINT64_MAX), 1 << HANDLE);
    ck_assert_uint_lt(fake_now, 15000000000);
    ck_assert_uint_le(fake.queue[0].kicks, 3);
    ck_assert_uint_eq(solo5_block_complete(HANDLE, &done, 1), 1);
    ck_assert_int_eq(done.result, SOLO5_R_OK);
}
END_TEST

START_TEST(tells_its_id)
{
    char id[VIRTIO_BLK_ID_SIZE];

    init(kinds[_i]);
    ck_assert(virtio_blk_open(&fake.dev));
    fake_at_each_look = serve;
    ck_assert(virtio_blk_id(&fake.dev, id));
    ck_assert_str_eq(id, ID);
    status = 2;
    ck_assert(!virtio_blk_id(&fake.dev, id));
    ck_assert(!fake.dev.failed);
    fake_at_each_look = NULL;
    ck_assert(!virtio_blk_id(&fake.dev, id));
    ck_assert(fake.dev.failed);
    ck_assert_uint_lt(fake_now, 6000000000);
}
END_TEST

START_TEST(changes_its_capacity)
{
    open_disk(MODERN);
    fake_config(&fake, 0, SECTORS / 2, 8);
    fake.dev.changed = true;
    virtio_ready(true);
    ck_assert_str_eq(fake_said,
                     "virtio fake: it has 524288 bytes now; the program goes on with 1048576");
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, 1), SOLO5_R_OK);
}
END_TEST

static const struct {
    uint64_t features;
    unsigned offset;
    uint64_t value;
    size_t len;
    uint16_t queue_max;
    const char *said;
} unusable[] = {
    {BLK_SIZE, 20, 0, 4, 256, "its blocks have not 512 to 32768 bytes, a power of two"},
    {BLK_SIZE, 20, 256, 4, 256, "its blocks have not 512 to 32768 bytes, a power of two"},
    {BLK_SIZE, 20, 513, 4, 256, "its blocks have not 512 to 32768 bytes, a power of two"},
    {BLK_SIZE, 20, 65536, 4, 256, "its blocks have not 512 to 32768 bytes, a power of two"},
    {0, 0, 0, 8, 256, "it is shorter than one of its blocks"},
    {0, 0, UINT64_MAX, 8, 256, "its configuration makes no sense"},
    {SIZE_MAX_F, 8, 0, 4, 256, "it takes less than a block at a time, or its queue is too short"},
    {SIZE_MAX_F, 8, 511, 4, 256, "it takes less than a block at a time, or its queue is too short"},
    {0, 0, SECTORS, 8, 2, "it takes less than a block at a time, or its queue is too short"},
    {0, 0, SECTORS, 8, 0, "a queue is missing, or of a size that cannot be"},
};

START_TEST(is_unusable)
{
    init(VERSION_1 | unusable[_i].features);
    fake_config(&fake, unusable[_i].offset, unusable[_i].value, unusable[_i].len);
    fake.queue_max = unusable[_i].queue_max;
    ck_assert(!virtio_blk_open(&fake.dev));
    ck_assert_str_eq(fake_said, unusable[_i].said);
}
END_TEST

/* Odd limits that can be lived with. */
START_TEST(lives_with_limits)
{
    init(MODERN | SIZE_MAX_F | DISCARD | WRITE_ZEROES);
    fake_config(&fake, 8, UINT32_MAX, 4);
    fake_config(&fake, 12, 0, 4);
    fake_config(&fake, 36, 0, 4);
    fake_config(&fake, 44, UINT32_MAX, 4);
    fake_config(&fake, 48, UINT32_MAX, 4);
    attach();
    ck_assert_uint_eq(solo5_block_features(HANDLE), 31 & ~(1 << SOLO5_BLOCK_DISCARD));
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 0, SECTORS), SOLO5_R_OK);
    ck_assert_int_eq(do_one(SOLO5_BLOCK_WRITE_ZEROES, 0, SECTORS), SOLO5_R_OK);
}
END_TEST

START_TEST(has_large_blocks)
{
    init(MODERN);
    fake_config(&fake, 20, 4096, 4);
    attach();
    ck_assert_int_eq(do_one(SOLO5_BLOCK_READ, 8, 16), SOLO5_R_OK);
    ck_assert_mem_eq(data + 8 * 512, disk + 8 * 512, 16 * 512);
    ck_assert_int_eq(solo5_block_read(HANDLE, 512, data, 4096), SOLO5_R_EINVAL);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_blk");
    TCase *tc = tcase_create("virtio_blk");

    tcase_add_loop_test(tc, reads_and_writes, 0, COUNT(kinds));
    tcase_add_loop_test(tc, reads_and_writes_plainly, 0, COUNT(kinds));
    tcase_add_loop_test(tc, waits_beside_others, 0, COUNT(kinds));
    tcase_add_test(tc, keeps_to_limits);
    tcase_add_loop_test(tc, keeps_to_segments_across_a_gap, 0, COUNT(gaps));
    tcase_add_test(tc, goes_on_when_there_is_room);
    tcase_add_loop_test(tc, flushes, 0, 2);
    tcase_add_test(tc, refuses_to_write);
    tcase_add_test(tc, has_errors);
    tcase_add_test(tc, goes_away);
    tcase_add_loop_test(tc, does_not_answer, 0, 2);
    tcase_add_test(tc, does_not_answer_what_was_submitted);
    tcase_add_test(tc, ends_a_wait_without_an_answer);
    tcase_add_test(tc, does_not_answer_who_never_sleeps);
    tcase_add_test(tc, is_told_again);
    tcase_add_loop_test(tc, tells_its_id, 0, COUNT(kinds));
    tcase_add_test(tc, changes_its_capacity);
    tcase_add_loop_test(tc, is_unusable, 0, COUNT(unusable));
    tcase_add_test(tc, lives_with_limits);
    tcase_add_test(tc, has_large_blocks);
    suite_add_tcase(suite, tc);
    return suite;
}
