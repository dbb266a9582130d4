/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What Xen's disk driver says of a backend that lies, lie by lie; that one which does not gets
 * through, and that one which goes away leaves errors.
 */
#include <check.h>
#include <string.h>

#include "fake.h"

#include <xen/io/blkif.h>

#include "unit.h"

#define RING 32

static struct mft_entry entry;
static blkif_sring_t *ring;
static unsigned grants_before; /* free */

static void open_disk(void)
{
    fake_reset();
    fake_node("sectors", "64");
    fake_node("sector-size", "512");
    fake_node("mode", "w");
    fake_device.driver = &blkfront;
    grant_init(4000);
    grants_before = grant_free_count();
    ck_assert(blkfront.set_up(&fake_device));
    ck_assert(blkfront.start(&fake_device, &entry));
    ring = (blkif_sring_t *)fake_granted((uint32_t)fake_written("ring-ref"), true);
    ck_assert_ptr_nonnull(ring);
}

/* Asks for a block to be read; returns the request. */
static blkif_request_t read_block(uint8_t *to)
{
    struct solo5_block_request request = {
        .op = SOLO5_BLOCK_READ, .offset = 1024, .size = 512, .buf = to, .cookie = 42};
    size_t submitted;
    uint32_t at = ring->req_prod;
    ck_assert_int_eq(blkfront_io(&fake_device)->submit(1, &entry, &request, 1, &submitted),
                     SOLO5_R_OK);
    ck_assert_uint_eq(ring->req_prod, at + 1);
    return ring->ring[at % RING].req;
}

static void answers(uint64_t id, uint8_t operation, int16_t status)
{
    ring->ring[ring->rsp_prod++ % RING].rsp = (blkif_response_t){id, operation, status};
}

static size_t complete(struct solo5_block_completion *completion)
{
    return blkfront_io(&fake_device)->complete(1, completion, 1);
}

static const char *complete_says(void)
{
    struct solo5_block_completion completion;
    if (setjmp(fake_end) == 0)
        complete(&completion);
    return fake_lie;
}

START_TEST(test_reads)
{
    static const struct {
        int16_t status;
        solo5_result_t result;
    } rows[] = {{BLKIF_RSP_OKAY, SOLO5_R_OK},
                {BLKIF_RSP_ERROR, SOLO5_R_EUNSPEC},
                {BLKIF_RSP_EOPNOTSUPP, SOLO5_R_EUNSPEC}};
    struct solo5_block_completion completion;
    open_disk();
    ck_assert_uint_eq(entry.u.block_basic.capacity, 64 * 512);
    uint8_t *page = fake_memory(XEN_PAGE);
    for (size_t i = 0; i < COUNT(rows); i++) {
        blkif_request_t request = read_block(page + 512);
        ck_assert_uint_eq(request.operation, BLKIF_OP_READ);
        ck_assert_uint_eq(request.sector_number, 2);
        ck_assert_uint_eq(request.nr_segments, 1);
        ck_assert_uint_eq(request.seg[0].first_sect, 1);
        ck_assert_uint_eq(request.seg[0].last_sect, 1);
        ck_assert_ptr_eq(fake_granted(request.seg[0].gref, true), page);
        ck_assert_uint_eq(complete(&completion), 0);
        answers(request.id, BLKIF_OP_READ, rows[i].status);
        ck_assert_uint_eq(complete(&completion), 1);
        ck_assert_uint_eq(completion.cookie, 42);
        ck_assert_int_eq(completion.result, rows[i].result);
        ck_assert_ptr_null(fake_granted(request.seg[0].gref, true));
    }
}
END_TEST

START_TEST(test_lies)
{
    static const struct {
        uint64_t id; /* to be changed by this */
        uint8_t operation;
        int16_t status;
        const char *text;
    } rows[] = {
        {1, BLKIF_OP_READ, 0, "dev0 answers a request that was not made"},
        {UINT64_C(1) << 32, BLKIF_OP_READ, 0, "dev0 answers a request that was not made"},
        {UINT64_MAX, BLKIF_OP_READ, 0, "dev0 answers a request that was not made"},
        {0, BLKIF_OP_WRITE, 0, "dev0 answers another request than was made"},
        {0, BLKIF_OP_INDIRECT, 0, "dev0 answers another request than was made"},
        {0, BLKIF_OP_READ, 1, "dev0 answers with a status that there is not"},
        {0, BLKIF_OP_READ, -3, "dev0 answers with a status that there is not"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_disk();
        blkif_request_t request = read_block(fake_memory(XEN_PAGE));
        answers(request.id ^ rows[i].id, rows[i].operation, rows[i].status);
        ck_assert_str_eq(complete_says(), rows[i].text);
    }
    open_disk();
    read_block(fake_memory(XEN_PAGE));
    ring->rsp_prod = 2;
    ck_assert_str_eq(complete_says(), "dev0 answers more than was asked");
    open_disk();
    ring->rsp_prod = UINT32_MAX;
    ck_assert_str_eq(complete_says(), "dev0 answers more than was asked");
    open_disk();
    blkif_request_t request = read_block(fake_memory(XEN_PAGE));
    answers(request.id, BLKIF_OP_READ, 0);
    answers(request.id, BLKIF_OP_READ, 0);
    ck_assert_str_eq(complete_says(), "dev0 answers more than was asked");
    open_disk();
    request = read_block(fake_memory(XEN_PAGE));
    fake_use_grant(request.seg[0].gref);
    answers(request.id, BLKIF_OP_READ, 0);
    ck_assert_str_eq(complete_says(), "dev0 says that it is done with a page, and has it still");
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        const char *key, *value;
    } rows[] = {
        {"sectors", "0"},       {"sectors", "many"},     {"sectors", "18446744073709551615"},
        {"sector-size", "256"}, {"sector-size", "8192"}, {"sector-size", "1000"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_disk();
        fake_node(rows[i].key, rows[i].value);
        ck_assert(!blkfront.start(&fake_device, &entry));
    }
}
END_TEST

/* With a backend that is gone, or given up, what it was granted is the program's alone again. */
START_TEST(test_gone)
{
    struct solo5_block_completion completion;
    uint8_t *page;
    open_disk();
    page = fake_memory(XEN_PAGE);
    blkif_request_t request = read_block(page);
    bus_lose(&fake_device, "is gone");
    ck_assert_ptr_null(fake_granted(request.seg[0].gref, false));
    ck_assert_uint_eq(grant_free_count(), grants_before);
    answers(request.id, BLKIF_OP_READ, 0); /* too late */
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_EUNSPEC);
    ck_assert_int_eq(blkfront_move(&fake_device, SOLO5_BLOCK_READ, 0, page, 512), SOLO5_R_EUNSPEC);
    ck_assert_int_eq(blkfront_move(&fake_device, SOLO5_BLOCK_WRITE, 0, page, 512), SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(complete(&completion), 0);
    ck_assert(blkfront.finished(&fake_device));
    ck_assert_uint_eq(ring->req_prod, 1);
}
END_TEST

static uint32_t used_grant;

static void let_go(void)
{
    if (fake_now > UINT64_C(2000000000))
        fake_end_use(used_grant);
}

/* A backend that is gone and uses a page still is waited for; for one that keeps it, the program
 * ends: the memory could change at any time. */
START_TEST(test_gone_with_a_page)
{
    struct solo5_block_completion completion;
    open_disk();
    used_grant = read_block(fake_memory(XEN_PAGE)).seg[0].gref;
    fake_use_grant(used_grant);
    fake_while_waiting = let_go;
    bus_lose(&fake_device, "is gone");
    ck_assert_ptr_null(fake_granted(used_grant, false));
    ck_assert_uint_gt(fake_now, 2000000000);
    ck_assert_uint_lt(fake_now, 2100000000);
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_EUNSPEC);

    open_disk();
    fake_use_grant(read_block(fake_memory(XEN_PAGE)).seg[0].gref);
    if (setjmp(fake_end) == 0)
        bus_lose(&fake_device, "is gone");
    ck_assert_str_eq(fake_lie, "dev0 has the program's memory and does not let go of it");
    ck_assert_uint_lt(fake_now, 31000000000);
}
END_TEST

static uint64_t asked_id;

static void answer_late(void)
{
    if (fake_now > 2000000000 && ring->rsp_prod == 0)
        answers(asked_id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
}

/* One that is about to go answers what it was asked, or not: half a minute is enough. */
START_TEST(test_going)
{
    struct solo5_block_completion completion;
    open_disk();
    asked_id = read_block(fake_memory(XEN_PAGE)).id;
    fake_while_waiting = answer_late;
    blkfront.drain(&fake_device);
    ck_assert_uint_lt(fake_now, 2100000000);
    bus_lose(&fake_device, "is gone");
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_OK);

    open_disk();
    read_block(fake_memory(XEN_PAGE));
    blkfront.drain(&fake_device);
    ck_assert_uint_lt(fake_now, 31000000000);
    bus_lose(&fake_device, "is gone");
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(grant_free_count(), grants_before);
}
END_TEST

/* One that never answers fails the disk after half a minute, for who waits for a request. */
START_TEST(test_silent)
{
    open_disk();
    uint8_t *page = fake_memory(XEN_PAGE);
    ck_assert_int_eq(blkfront_move(&fake_device, SOLO5_BLOCK_READ, 0, page, 512), SOLO5_R_EUNSPEC);
    ck_assert_str_eq(fake_lost, "does not answer");
    ck_assert_uint_lt(fake_now, 32000000000);
    ck_assert_uint_eq(grant_free_count(), grants_before);
    ck_assert_int_eq(blkfront_move(&fake_device, SOLO5_BLOCK_READ, 0, page, 512), SOLO5_R_EUNSPEC);
}
END_TEST

/* It does not fail one that answers one of many requests every five seconds, for whoever has to
 * wait until it has got to his. */
static void answer_slowly(void)
{
    const blkif_request_t asked = ring->ring[ring->rsp_prod % RING].req;
    if (fake_now / UINT64_C(5000000000) > ring->rsp_prod)
        answers(asked.id, asked.operation, BLKIF_RSP_OKAY);
}

START_TEST(test_slow)
{
    static const struct solo5_block_request zeroes = {
        .op = SOLO5_BLOCK_WRITE_ZEROES,
        .size = 2 * RING * BLKIF_MAX_SEGMENTS_PER_REQUEST * XEN_PAGE};
    struct solo5_block_completion completion;
    size_t submitted;
    open_disk();
    uint8_t *page = fake_memory(XEN_PAGE);
    ck_assert_int_eq(blkfront_io(&fake_device)->submit(1, &entry, &zeroes, 1, &submitted),
                     SOLO5_R_OK);
    fake_while_waiting = answer_slowly;
    ck_assert_int_eq(blkfront_move(&fake_device, SOLO5_BLOCK_READ, 0, page, 512), SOLO5_R_OK);
    ck_assert_str_eq(fake_lost, "");
    ck_assert_uint_gt(fake_now, 300000000000);
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_OK);
}
END_TEST

/* A silent one fails too for who has submitted one and waits as target_wait does, however long, or
 * only asks, since something else is always ready. A guest that was stopped for an hour meanwhile
 * has waited for five seconds. */
START_TEST(test_silent_when_submitted)
{
    struct solo5_block_completion completion;
    open_disk();
    ck_assert(!blkfront.ready(&fake_device, true));
    ck_assert_uint_eq(blkfront.wait_until(&fake_device, UINT64_MAX), UINT64_MAX);
    fake_now += 3600 * UINT64_C(1000000000);
    read_block(fake_memory(XEN_PAGE));
    ck_assert(!blkfront.ready(&fake_device, true));
    fake_now += 3600 * UINT64_C(1000000000);
    uint64_t begin = fake_now;
    while (!blkfront.ready(&fake_device, _i == 0)) {
        ck_assert_uint_lt(fake_now - begin, 31000000000);
        fake_now = blkfront.wait_until(&fake_device, UINT64_MAX);
    }
    ck_assert_uint_ge(fake_now - begin, 24000000000);
    ck_assert_str_eq(fake_lost, "does not answer");
    ck_assert_uint_eq(complete(&completion), 1);
    ck_assert_int_eq(completion.result, SOLO5_R_EUNSPEC);
    ck_assert_uint_eq(grant_free_count(), grants_before);
    ck_assert(!blkfront.ready(&fake_device, true));
    ck_assert_uint_eq(blkfront.wait_until(&fake_device, UINT64_MAX), UINT64_MAX);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("xen_blk_lies");
    TCase *tests = tcase_create("xen_blk_lies");
    tcase_add_test(tests, test_reads);
    tcase_add_test(tests, test_lies);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_gone);
    tcase_add_test(tests, test_gone_with_a_page);
    tcase_add_test(tests, test_going);
    tcase_add_test(tests, test_silent);
    tcase_add_test(tests, test_slow);
    tcase_add_loop_test(tests, test_silent_when_submitted, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
