/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver's side of queues, split and packed, with and without event indices and indirect
 * tables: what a device of good will sees and gets, and what one that lies is told.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "virtio_fake.h"

#define SIZE      16
#define CHAIN_MAX 6
#define TABLES    8

static const uint64_t kinds[] = {
    0,
    FAKE_BIT(VIRTIO_F_EVENT_IDX),
    FAKE_BIT(VIRTIO_F_INDIRECT_DESC),
    FAKE_BIT(VIRTIO_F_EVENT_IDX) | FAKE_BIT(VIRTIO_F_INDIRECT_DESC),
    FAKE_BIT(VIRTIO_F_RING_PACKED),
    FAKE_BIT(VIRTIO_F_RING_PACKED) | FAKE_BIT(VIRTIO_F_EVENT_IDX),
    FAKE_BIT(VIRTIO_F_RING_PACKED) | FAKE_BIT(VIRTIO_F_EVENT_IDX) |
        FAKE_BIT(VIRTIO_F_INDIRECT_DESC),
};

static struct fake fake;
static struct virtqueue vq;
static struct fake_chain chain;
static uint8_t data[4096];

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

static void open_queue(uint64_t features, uint16_t size)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_BLOCK, features | FAKE_BIT(VIRTIO_F_VERSION_1));
    fake.queue_max = size;
    ck_assert(fake.dev.transport->negotiate(&fake.dev, VQ_FEATURES, 0));
    vq = (struct virtqueue){0};
    ck_assert(vq_open(&vq, &fake.dev, 0, CHAIN_MAX, TABLES));
}

/* As ck_assert, which tells its parent each time, where that is too slow. */
static void expect(bool holds)
{
    if (!holds)
        ck_abort_msg("does not hold");
}

/* A chain of (count) pieces of which the last is to be written. */
static uint16_t add(uint16_t count, uint32_t limit)
{
    struct vq_piece pieces[CHAIN_MAX];

    expect(vq_room(&vq, count));
    for (uint16_t i = 0; i < count; i++)
        pieces[i] = vq_piece(data + i, i + 1, i + 1 == count ? VQ_DESC_WRITE : 0);
    uint16_t next = vq_next_id(&vq);
    uint16_t id = vq_add(&vq, pieces, count, limit);
    expect(id == next);
    expect(id < vq.size);
    return id;
}

static void check_chain(uint16_t id, unsigned count)
{
    ck_assert(fake_next(&fake, 0, &chain));
    ck_assert_uint_eq(chain.id, id);
    ck_assert_uint_eq(chain.count, count);
    for (unsigned i = 0; i < count; i++) {
        ck_assert_uint_eq(chain.piece[i].addr, (uint64_t)(data + i));
        ck_assert_uint_eq(chain.piece[i].len, i + 1);
        ck_assert_uint_eq(chain.piece[i].flags, i + 1 == count ? VQ_DESC_WRITE : 0);
    }
}

START_TEST(gives_and_takes_back)
{
    struct vq_used used;

    open_queue(kinds[_i], SIZE);
    ck_assert(!vq_take(&vq, &used));
    for (uint16_t count = 1; count <= CHAIN_MAX; count++) {
        uint16_t id = add(count, 100);
        vq_offer(&vq);
        check_chain(id, count);
        bool indirect = count > 2 && VIRTIO_HAS(fake.dev.features, VIRTIO_F_INDIRECT_DESC);
        ck_assert_int_eq(chain.indirect, indirect);
        ck_assert_uint_eq(chain.descriptors, indirect ? 1 : count);
        ck_assert(!fake_next(&fake, 0, &chain));
        ck_assert(!vq_take(&vq, &used));
        chain.id = id;
        chain.descriptors = indirect ? 1 : count;
        fake_return(&fake, 0, &chain, count);
        ck_assert(vq_take(&vq, &used));
        ck_assert_uint_eq(used.id, id);
        ck_assert_uint_eq(used.len, count);
        ck_assert(!vq_take(&vq, &used));
        ck_assert_uint_eq(vq.free, SIZE);
        ck_assert_uint_eq(vq.out, 0);
    }
}
END_TEST

/* Chains of all lengths, returned in another order, for several turns of every counter. */
START_TEST(goes_round)
{
    struct fake_chain given[SIZE];
    uint16_t seen[SIZE] = {0}, lengths[SIZE];
    unsigned count = 0;
    uint32_t random = 1;

    open_queue(kinds[_i], SIZE);
    for (unsigned round = 0; round < 150000; round++) {
        random = random * 1103515245 + 12345;
        uint16_t len = (random >> 16) % CHAIN_MAX + 1;
        if (vq_room(&vq, len)) {
            uint16_t id = add(len, 0);
            expect(seen[id]++ == 0);
            lengths[id] = len;
            vq_offer(&vq);
        }
        while (fake_next(&fake, 0, &given[count])) {
            expect(given[count].count == lengths[given[count].id]);
            count++;
        }
        while (count > (random >> 24) % 5) {
            struct vq_used used;
            unsigned which = (random >> 8) % count;
            fake_return(&fake, 0, &given[which], round);
            expect(vq_take(&vq, &used));
            expect(used.id == given[which].id);
            expect(seen[used.id]-- == 1);
            given[which] = given[--count];
        }
        expect(vq.out == count);
    }
}
END_TEST

START_TEST(fills_up)
{
    struct fake_chain given[SIZE];
    struct vq_used used;

    open_queue(kinds[_i], SIZE);
    for (unsigned round = 0; round < 5; round++) {
        unsigned count = 0;
        while (vq_room(&vq, 1))
            add(1, 0), count++;
        ck_assert_uint_eq(count, SIZE);
        ck_assert(!vq_room(&vq, 2) && !vq_room(&vq, 3));
        vq_offer(&vq);
        for (unsigned i = 0; i < SIZE; i++)
            ck_assert(fake_next(&fake, 0, &given[i]));
        for (unsigned i = 0; i < SIZE; i++)
            fake_return(&fake, 0, &given[SIZE - 1 - i], 0);
        for (unsigned i = 0; i < SIZE; i++)
            ck_assert(vq_take(&vq, &used));
        ck_assert_uint_eq(vq.free, SIZE);
    }
    ck_assert(!vq_room(&vq, CHAIN_MAX + 1));
}
END_TEST

/* When all tables are in use, chains go without, as long as there are descriptors. */
START_TEST(runs_out_of_tables)
{
    open_queue(kinds[3], 64);
    for (unsigned i = 0; i < TABLES; i++)
        add(4, 0);
    ck_assert_uint_eq(vq.free, 64 - TABLES);
    add(4, 0);
    ck_assert_uint_eq(vq.free, 64 - TABLES - 4);
    vq_offer(&vq);
    for (unsigned i = 0; i <= TABLES; i++) {
        struct vq_used used;
        ck_assert(fake_next(&fake, 0, &chain));
        ck_assert_uint_eq(chain.count, 4);
        fake_return(&fake, 0, &chain, 0);
        ck_assert(vq_take(&vq, &used));
    }
    ck_assert_uint_eq(vq.free, 64);
    ck_assert_uint_eq(vq.free_table_count, TABLES);
}
END_TEST

START_TEST(tells_when_asked)
{
    struct vq_used used;

    open_queue(kinds[_i], SIZE);
    for (unsigned i = 0; i < 100; i++) {
        unsigned before = fake.queue[0].kicks;
        bool ask = i == 0 || i % 3 == 0;
        if (i != 0)
            fake_ask(&fake, 0, ask);
        add(1, 0);
        add(2, 0);
        vq_offer(&vq);
        ck_assert_uint_eq(fake.queue[0].kicks - before, ask);
        vq_offer(&vq); /* nothing new */
        ck_assert_uint_eq(fake.queue[0].kicks - before, ask);
        while (fake_next(&fake, 0, &chain)) {
            fake_return(&fake, 0, &chain, 0);
            ck_assert(vq_take(&vq, &used));
        }
    }
}
END_TEST

/* Not while the program runs; while it waits, if it waits for this queue. */
START_TEST(asks_for_interrupts)
{
    struct vq_used used;

    open_queue(kinds[_i], SIZE);
    vq.attached = true;
    vq.handle = 5;
    for (unsigned i = 0; i < 100; i++) {
        add(1, 0);
        vq_offer(&vq);
        ck_assert(fake_next(&fake, 0, &chain));
        vq.wanted = i & 1;
        ck_assert_uint_eq(virtio_ready(true), 0);
        fake_return(&fake, 0, &chain, 0);
        ck_assert_int_eq(fake_wants_interrupt(&fake, 0), i & 1);
        ck_assert_uint_eq(virtio_ready(false), i & 1 ? UINT64_C(1) << 5 : 0);
        ck_assert(!fake_wants_interrupt(&fake, 0));
        ck_assert(vq_take(&vq, &used));
        ck_assert_uint_eq(virtio_ready(false), 0);
    }
}
END_TEST

/* ---- Lies ----------------------------------------------------------------------------------- */

static void put_used(unsigned index, uint32_t id, uint32_t len)
{
    struct vq_used *items = (struct vq_used *)((uint16_t *)fake.queue[0].place.device + 2);
    items[index % vq.size] = (struct vq_used){id, len};
}

static void set_index(uint16_t index)
{
    ((uint16_t *)fake.queue[0].place.device)[1] = index;
}

static void expect_lie(const char *said)
{
    struct vq_used used;

    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        while (vq_take(&vq, &used))
            ;
        ck_abort_msg("believed");
    }
    ck_assert_msg(strstr(fake_said, said) != NULL, "%s", fake_said);
}

static const struct {
    uint16_t index;
    struct vq_used used[2];
    const char *said;
} split_lies[] = {
    {3, {{0, 0}}, "more than it has"},
    {0xffff, {{0, 0}}, "more than it has"},
    {0x8000, {{0, 0}}, "more than it has"},
    {1, {{SIZE, 0}}, "there is not"},
    {1, {{UINT32_MAX, 0}}, "there is not"},
    {1, {{0x10000, 0}}, "there is not"},
    {1, {{1, 0}}, "does not have"}, /* not the first of its chain */
    {1, {{9, 0}}, "does not have"},
    {2, {{0, 0}, {0, 0}}, "does not have"},
    {1, {{0, 101}}, "than there is room for"},
    {1, {{0, UINT32_MAX}}, "than there is room for"},
    {2, {{0, 100}, {2, 101}}, "than there is room for"},
};

START_TEST(split_lie)
{
    open_queue(kinds[1], SIZE);
    ck_assert_uint_eq(add(2, 100), 0);
    ck_assert_uint_eq(add(2, 100), 2);
    vq_offer(&vq);
    for (unsigned i = 0; i < 2; i++)
        put_used(i, split_lies[_i].used[i].id, split_lies[_i].used[i].len);
    set_index(split_lies[_i].index);
    expect_lie(split_lies[_i].said);
}
END_TEST

START_TEST(split_returns_and_has_none)
{
    open_queue(kinds[1], SIZE);
    put_used(0, 0, 0);
    set_index(1);
    expect_lie("more than it has");
}
END_TEST

#define USED_FLAGS 0x8080

static void put_packed(unsigned at, uint16_t id, uint32_t len, uint16_t flags)
{
    struct {
        uint64_t addr;
        uint32_t len;
        uint16_t id, flags;
    } *desc = vq.desc;
    desc[at].len = len;
    desc[at].id = id;
    desc[at].flags = flags;
}

static const struct {
    uint16_t id;
    uint32_t len;
    uint16_t flags;
    const char *said;
} packed_lies[] = {
    {SIZE, 0, USED_FLAGS, "there is not"},
    {UINT16_MAX, 0, USED_FLAGS, "there is not"},
    {3, 0, USED_FLAGS, "does not have"},
    {SIZE - 1, 101, USED_FLAGS | VQ_DESC_WRITE, "than there is room for"},
    {SIZE - 1, UINT32_MAX, USED_FLAGS | VQ_DESC_WRITE, "than there is room for"},
    {SIZE - 1, 0, 0, "what they cannot be"},
    {SIZE - 1, 0, 0x8000, "what they cannot be"},
};

START_TEST(packed_lie)
{
    open_queue(kinds[5], SIZE);
    ck_assert_uint_eq(add(2, 100), SIZE - 1);
    ck_assert_uint_eq(add(2, 100), SIZE - 2);
    vq_offer(&vq);
    put_packed(0, packed_lies[_i].id, packed_lies[_i].len, packed_lies[_i].flags);
    expect_lie(packed_lies[_i].said);
}
END_TEST

START_TEST(packed_returns_twice)
{
    open_queue(kinds[5], SIZE);
    uint16_t id = add(2, 0);
    add(2, 0);
    vq_offer(&vq);
    put_packed(0, id, 0, USED_FLAGS);
    put_packed(2, id, 0, USED_FLAGS);
    expect_lie("does not have");
}
END_TEST

START_TEST(packed_returns_and_has_none)
{
    open_queue(kinds[5], SIZE);
    put_packed(0, 0, 0, USED_FLAGS);
    expect_lie("before it had it");
}
END_TEST

START_TEST(packed_returns_too_early)
{
    open_queue(kinds[5], SIZE);
    put_packed(2, 0, 0, USED_FLAGS);
    add(2, 0);
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        add(1, 0);
        ck_abort_msg("believed");
    }
    ck_assert_msg(strstr(fake_said, "before it had it") != NULL, "%s", fake_said);
}
END_TEST

/* A length that nobody asks for may be anything; a packed one counts with or without its flag. */
START_TEST(lengths_that_do_not_matter)
{
    struct vq_used used;

    open_queue(kinds[1], SIZE);
    uint16_t id = add(1, 0);
    vq_offer(&vq);
    put_used(0, id, UINT32_MAX);
    set_index(1);
    ck_assert(vq_take(&vq, &used));

    open_queue(kinds[5], SIZE);
    id = add(1, 100);
    put_packed(0, id, 99, USED_FLAGS);
    ck_assert(vq_take(&vq, &used));
    ck_assert_uint_eq(used.len, 99);
}
END_TEST

/* What the device writes over descriptors does not come back. */
START_TEST(keeps_its_own)
{
    struct vq_used used;

    open_queue(kinds[1], SIZE);
    uint16_t first = add(4, 0), second = add(3, 0);
    vq_offer(&vq);
    memset(vq.desc, 0xff, SIZE * 16);
    put_used(0, second, 0);
    put_used(1, first, 0);
    set_index(2);
    ck_assert(vq_take(&vq, &used) && vq_take(&vq, &used) && !vq_take(&vq, &used));
    for (unsigned i = 0; i < SIZE; i++)
        add(1, 0);
}
END_TEST

/* ---- Sizes ---------------------------------------------------------------------------------- */

static const struct {
    bool legacy;
    uint16_t max, size; /* 0: refused */
} sizes[] = {
    {false, 256, 256},    {false, 300, 256},    {false, 1024, 1024}, {false, 32768, 1024},
    {false, 65535, 1024}, {false, 1, 1},        {false, 0, 0},       {true, 256, 256},
    {true, 4096, 4096},   {true, 32768, 32768}, {true, 300, 0},      {true, 0, 0},
};

START_TEST(chooses_sizes)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_BLOCK, sizes[_i].legacy ? 0 : FAKE_BIT(VIRTIO_F_VERSION_1));
    fake.queue_max = sizes[_i].max;
    ck_assert(fake.dev.transport->negotiate(&fake.dev, VQ_FEATURES, 0));
    vq = (struct virtqueue){0};
    ck_assert_int_eq(vq_open(&vq, &fake.dev, 0, CHAIN_MAX, 0), sizes[_i].size != 0);
    ck_assert_int_eq(fake.dev.failed, sizes[_i].size == 0);
    ck_assert_uint_eq(vq.size, sizes[_i].size);
}
END_TEST

START_TEST(is_refused)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_BLOCK, FAKE_BIT(VIRTIO_F_VERSION_1));
    fake.refuses_queue = true;
    ck_assert(fake.dev.transport->negotiate(&fake.dev, VQ_FEATURES, 0));
    vq = (struct virtqueue){0};
    ck_assert(!vq_open(&vq, &fake.dev, 0, CHAIN_MAX, 0));
    ck_assert_ptr_null(vq_all.queues);
}
END_TEST

/* The queue of a device that was left, with a request under way, may be the next one's. */
START_TEST(opens_again)
{
    struct fake next;

    open_queue(kinds[_i], SIZE);
    add(2, 100);
    vq_offer(&vq);
    vq_leave(&fake.dev);
    ck_assert_uint_eq(fake.resets, 1);
    ck_assert(fake.dev.failed);
    ck_assert_ptr_null(vq_all.queues);
    fake_init(&next, VIRTIO_TYPE_BLOCK, kinds[_i] | FAKE_BIT(VIRTIO_F_VERSION_1));
    ck_assert(next.dev.transport->negotiate(&next.dev, VQ_FEATURES, 0));
    ck_assert(vq_open(&vq, &next.dev, 0, CHAIN_MAX, TABLES));
    ck_assert_ptr_eq(vq_all.queues, &vq);
    ck_assert_ptr_null(vq.next);
    ck_assert_uint_eq(vq.out, 0);
    ck_assert_uint_eq(vq.free, vq.size);
    add(2, 100);
    vq_offer(&vq);
    ck_assert(fake_next(&next, 0, &chain));
    chain.descriptors = 2;
    fake_return(&next, 0, &chain, 1);
    struct vq_used used;
    ck_assert(vq_take(&vq, &used));
    ck_assert(!vq_take(&vq, &used));
}
END_TEST

/* The program's end waits for what is to be done, and no longer than a second. */
static void return_all(void)
{
    while (fake_next(&fake, 0, &chain))
        fake_return(&fake, 0, &chain, 0);
}

START_TEST(finishes)
{
    open_queue(kinds[_i], SIZE);
    vq.last = vq.attached = true;
    add(1, 0);
    vq_offer(&vq);
    fake_while_waiting = return_all;
    virtio_finish();
    ck_assert_uint_eq(vq.out, 0);

    open_queue(kinds[_i], SIZE);
    vq.last = vq.attached = true;
    add(1, 0);
    vq_offer(&vq);
    virtio_finish();
    ck_assert_uint_eq(vq.out, 1);
    ck_assert_uint_ge(fake_now, 1000000000);
    ck_assert_uint_lt(fake_now, 1100000000);
    virtio_finish();
    ck_assert_uint_lt(fake_now, 1100000000);
}
END_TEST

/* What a device that is left and cannot be reset does is told when it may: it has a request. */
START_TEST(is_left_as_it_is)
{
    open_queue(kinds[_i / 2], SIZE);
    fake.refuses_reset = true;
    add(2, 100);
    vq_offer(&vq);
    if (_i & 1) {
        struct vq_used used;
        ck_assert(fake_next(&fake, 0, &chain));
        fake_return(&fake, 0, &chain, 1);
        ck_assert(vq_take(&vq, &used));
    }
    vq_leave(&fake.dev);
    ck_assert_uint_eq(fake.resets, 1);
    ck_assert(fake.dev.failed);
    ck_assert_ptr_null(vq_all.queues);
    ck_assert_str_eq(fake_said, _i & 1 ? "" : "it does not come out of reset");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtqueue");
    TCase *tc = tcase_create("virtqueue");

    tcase_add_loop_test(tc, gives_and_takes_back, 0, COUNT(kinds));
    tcase_add_loop_test(tc, goes_round, 0, COUNT(kinds));
    tcase_add_loop_test(tc, fills_up, 0, COUNT(kinds));
    tcase_add_test(tc, runs_out_of_tables);
    tcase_add_loop_test(tc, tells_when_asked, 0, COUNT(kinds));
    tcase_add_loop_test(tc, asks_for_interrupts, 0, COUNT(kinds));
    tcase_add_loop_test(tc, split_lie, 0, COUNT(split_lies));
    tcase_add_test(tc, split_returns_and_has_none);
    tcase_add_loop_test(tc, packed_lie, 0, COUNT(packed_lies));
    tcase_add_test(tc, packed_returns_twice);
    tcase_add_test(tc, packed_returns_and_has_none);
    tcase_add_test(tc, packed_returns_too_early);
    tcase_add_test(tc, lengths_that_do_not_matter);
    tcase_add_test(tc, keeps_its_own);
    tcase_add_loop_test(tc, chooses_sizes, 0, COUNT(sizes));
    tcase_add_test(tc, is_refused);
    tcase_add_loop_test(tc, opens_again, 0, COUNT(kinds));
    tcase_add_loop_test(tc, is_left_as_it_is, 0, 2 * COUNT(kinds));
    tcase_add_loop_test(tc, finishes, 0, COUNT(kinds));
    suite_add_tcase(suite, tc);
    return suite;
}
