/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The device's side of hvt's rings: what a guest of good will gets from it, and what a hostile one
 * is told.
 */
#include <check.h>
#include <string.h>
#include <sys/mman.h>

#include "image.h"
#include "memory.h"
#include "ring.h"
#include "unit.h"

#define MEM_SIZE UINT64_C(0x400000)
#define SIZE     8
#define TEXT     UINT64_C(0x200000) /* a page that is read-only */
#define DESC     UINT64_C(0x110000)
#define AVAIL    UINT64_C(0x111000)
#define USED     UINT64_C(0x112000)
#define DATA     UINT64_C(0x120000)

static struct gmem gmem;
static struct image image;
static const struct ring_memory memory = {&gmem, &image};
static struct ring ring;
static struct ring_chain chain;
static struct ring_fault fault;

static struct hvt_ring_desc *desc(void)
{
    return gmem_at(&gmem, DESC, HVT_RING_DESC_BYTES(SIZE));
}

static uint16_t *avail(void)
{
    return gmem_at(&gmem, AVAIL, HVT_RING_AVAIL_BYTES(SIZE));
}

static uint16_t *used(void)
{
    return gmem_at(&gmem, USED, HVT_RING_USED_BYTES(SIZE));
}

static struct hvt_ring_used *used_item(unsigned i)
{
    return (struct hvt_ring_used *)(used() + 2) + i;
}

static const struct hvt_hc_ring_setup good = {
    .size = SIZE, .desc = DESC, .avail = AVAIL, .used = USED};

static void setup(void)
{
    struct error error;

    ck_assert_int_eq(gmem_map(&gmem, 0, MEM_SIZE, 0, false, &error), 0);
    gmem_seal(&gmem, HVT_BOOT_INFO_BASE);
    image = (struct image){.segment_count = 1};
    image.segment[0] =
        (struct image_segment){.addr = TEXT, .size = 4096, .protection = PROT_READ | PROT_EXEC};
    fault.text = "";
    ck_assert(ring_init(&ring, &memory, &good, &fault));
}

static void teardown(void)
{
    gmem_seal(&gmem, 0);
    munmap(gmem_at(&gmem, 0, MEM_SIZE), MEM_SIZE);
}

static void set(unsigned i, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next)
{
    desc()[i] = (struct hvt_ring_desc){addr, len, flags, next};
}

/* Makes the chain from (head) available. */
static void offer(uint16_t head)
{
    avail()[2 + avail()[1] % SIZE] = head;
    avail()[1]++;
}

static enum ring_state next(void)
{
    return ring_next(&ring, &memory, &chain, &fault);
}

START_TEST(takes_and_returns)
{
    ck_assert_int_eq(next(), RING_EMPTY);
    set(3, DATA, 12, HVT_RING_DESC_NEXT, 5);
    set(5, DATA + 100, 50, HVT_RING_DESC_NEXT | HVT_RING_DESC_WRITE, 1);
    set(1, DATA + 200, 1, HVT_RING_DESC_WRITE, 77);
    offer(3);
    ck_assert_int_eq(next(), RING_CHAIN);
    ck_assert_uint_eq(chain.head, 3);
    ck_assert_uint_eq(chain.out_count, 1);
    ck_assert_uint_eq(chain.in_count, 2);
    ck_assert_uint_eq(chain.out_len, 12);
    ck_assert_uint_eq(chain.in_len, 51);
    ck_assert_ptr_eq(chain.iov[1].iov_base, gmem_at(&gmem, DATA + 100, 50));
    ck_assert_uint_eq(chain.iov[2].iov_len, 1);
    ck_assert_int_eq(next(), RING_CHAIN); /* still there */
    ring_return(&ring, &chain, 51);
    ck_assert_uint_eq(used()[1], 0); /* not told yet */
    ck_assert(ring_tell(&ring));
    ck_assert_uint_eq(used()[1], 1);
    ck_assert_uint_eq(used_item(0)->id, 3);
    ck_assert_uint_eq(used_item(0)->len, 51);
    ck_assert_int_eq(next(), RING_EMPTY);
    ck_assert(!ring_tell(&ring));
}
END_TEST

/* All positions are of 16 bits and wrap around. */
START_TEST(goes_round)
{
    for (unsigned i = 0; i < 200000; i++) {
        set(i % SIZE, DATA, 1, 0, 0);
        offer((uint16_t)(i % SIZE));
        ck_assert_int_eq(next(), RING_CHAIN);
        ck_assert_uint_eq(chain.head, i % SIZE);
        ring_return(&ring, &chain, 0);
        ring_tell(&ring);
        ck_assert_uint_eq(used()[1], (uint16_t)(i + 1));
    }
}
END_TEST

START_TEST(a_full_ring_is_legal)
{
    for (unsigned i = 0; i < SIZE; i++) {
        set(i, DATA, 1, 0, 0);
        offer((uint16_t)i);
    }
    for (unsigned i = 0; i < SIZE; i++) {
        ck_assert_int_eq(next(), RING_CHAIN);
        ring_return(&ring, &chain, i);
    }
    ck_assert_int_eq(next(), RING_EMPTY);
    ring_tell(&ring);
    ck_assert_uint_eq(used()[1], SIZE);
    ck_assert_uint_eq(used_item(7)->len, 7);
}
END_TEST

/* virtio 1.2, 2.7.7: woken when the index passes the event, and for no other. */
START_TEST(wakes_when_asked)
{
    uint16_t *event = avail() + 2 + SIZE;

    *event = 2;
    for (unsigned i = 0; i < 5; i++) {
        set(0, DATA, 1, 0, 0);
        offer(0);
        ck_assert_int_eq(next(), RING_CHAIN);
        ring_return(&ring, &chain, 0);
        ck_assert_int_eq(ring_tell(&ring), i == 2);
    }
}
END_TEST

START_TEST(asks_for_notices)
{
    const uint16_t *event = used() + 2 + SIZE * 4;

    ck_assert(!ring_ask(&ring));
    ck_assert_uint_eq(*event, 0);
    set(0, DATA, 1, 0, 0);
    offer(0);
    ck_assert(ring_ask(&ring));
    ck_assert_int_eq(next(), RING_CHAIN);
    ring_return(&ring, &chain, 0);
    ck_assert(!ring_ask(&ring));
    ck_assert_uint_eq(*event, 1);
}
END_TEST

static const struct {
    struct hvt_hc_ring_setup setup;
    const char *text;
} bad_setups[] = {
    {{.size = 0, .desc = DESC, .avail = AVAIL, .used = USED}, "size"},
    {{.size = 12, .desc = DESC, .avail = AVAIL, .used = USED}, "size"},
    {{.size = 2048, .desc = DESC, .avail = AVAIL, .used = USED}, "size"},
    {{.size = UINT32_MAX, .desc = DESC, .avail = AVAIL, .used = USED}, "size"},
    {{.size = SIZE, .desc = DESC + 8, .avail = AVAIL, .used = USED}, "aligned"},
    {{.size = SIZE, .desc = DESC, .avail = AVAIL + 1, .used = USED}, "aligned"},
    {{.size = SIZE, .desc = DESC, .avail = AVAIL, .used = USED + 2}, "aligned"},
    {{.size = SIZE, .desc = TEXT, .avail = AVAIL, .used = USED}, "descriptors"},
    {{.size = SIZE, .desc = HVT_BOOT_INFO_BASE, .avail = AVAIL, .used = USED}, "descriptors"},
    {{.size = SIZE, .desc = 0, .avail = AVAIL, .used = USED}, "descriptors"},
    {{.size = SIZE, .desc = MEM_SIZE - 112, .avail = AVAIL, .used = USED}, "descriptors"},
    {{.size = SIZE, .desc = DESC, .avail = MEM_SIZE - 20, .used = USED}, "available"},
    {{.size = SIZE, .desc = DESC, .avail = TEXT - 4, .used = USED}, "available"},
    {{.size = SIZE, .desc = DESC, .avail = UINT64_MAX - 1, .used = USED}, "available"},
    {{.size = SIZE, .desc = DESC, .avail = AVAIL, .used = MEM_SIZE - 64}, "used"},
    {{.size = SIZE, .desc = DESC, .avail = AVAIL, .used = UINT64_MAX - 3}, "used"},
};

START_TEST(refuses_places)
{
    ck_assert(!ring_init(&ring, &memory, &bad_setups[_i].setup, &fault));
    ck_assert_msg(strstr(fault.text, bad_setups[_i].text) != NULL, "%s", fault.text);
}
END_TEST

/* The last place is the end of memory. */
START_TEST(takes_the_top)
{
    struct hvt_hc_ring_setup top = good;

    top.desc = MEM_SIZE - HVT_RING_DESC_BYTES(SIZE);
    ck_assert(ring_init(&ring, &memory, &top, &fault));
    top.desc = DESC;
    top.avail = MEM_SIZE - HVT_RING_AVAIL_BYTES(SIZE);
    ck_assert(ring_init(&ring, &memory, &top, &fault));
}
END_TEST

#define NEXT  HVT_RING_DESC_NEXT
#define WRITE HVT_RING_DESC_WRITE

/* Descriptors 0 and 1, of which 0 is offered. */
static const struct {
    struct hvt_ring_desc desc[2];
    const char *text;
} bad_chains[] = {
    {{{DATA, 1, NEXT, 0}}, "loop"},
    {{{DATA, 1, NEXT | WRITE, 1}, {DATA, 1, NEXT | WRITE, 0}}, "loop"},
    {{{DATA, 1, NEXT, SIZE}}, "no such"},
    {{{DATA, 1, NEXT, 0xffff}}, "no such"},
    {{{DATA, 16, HVT_RING_DESC_INDIRECT, 0}}, "flags"},
    {{{DATA, 1, 0x8000, 0}}, "flags"},
    {{{MEM_SIZE - 1, 2, 0, 0}}, "in memory"},
    {{{MEM_SIZE, 1, WRITE, 0}}, "writable"},
    {{{UINT64_MAX, 2, 0, 0}}, "in memory"},
    {{{UINT64_MAX - 10, UINT32_MAX, WRITE, 0}}, "writable"},
    {{{DATA, UINT32_MAX, 0, 0}}, "in memory"},
    {{{0, 1, 0, 0}}, "in memory"},
    {{{HVT_BOOT_INFO_BASE, 1, WRITE, 0}}, "writable"},
    {{{TEXT, 1, WRITE, 0}}, "writable"},
    {{{TEXT - 1, 2, WRITE, 0}}, "writable"},
    {{{DATA, 1, NEXT | WRITE, 1}, {DATA, 1, 0, 0}}, "after it is written"},
};

START_TEST(refuses_chains)
{
    memcpy(desc(), bad_chains[_i].desc, sizeof bad_chains[_i].desc);
    offer(0);
    ck_assert_int_eq(next(), RING_BROKEN);
    ck_assert_msg(strstr(fault.text, bad_chains[_i].text) != NULL, "%s", fault.text);
}
END_TEST

START_TEST(reads_what_is_read_only)
{
    set(0, TEXT, 4096, 0, 0);
    offer(0);
    ck_assert_int_eq(next(), RING_CHAIN);
    ck_assert_uint_eq(chain.out_len, 4096);
}
END_TEST

START_TEST(refuses_heads_and_jumps)
{
    set(0, DATA, 1, 0, 0);
    offer(SIZE);
    ck_assert_int_eq(next(), RING_BROKEN);
    avail()[2] = 0;
    avail()[1] = SIZE + 1;
    ck_assert_int_eq(next(), RING_BROKEN);
    ck_assert_ptr_nonnull(strstr(fault.text, "jumped"));
    avail()[1] = 0xffff;
    ck_assert_int_eq(next(), RING_BROKEN);
    avail()[1] = SIZE;
    ck_assert_int_eq(next(), RING_CHAIN);
}
END_TEST

/* What the guest writes into the used ring does not come back. */
START_TEST(keeps_its_own_positions)
{
    used()[1] = 4711;
    set(0, DATA, 1, 0, 0);
    offer(0);
    ck_assert_int_eq(next(), RING_CHAIN);
    ring_return(&ring, &chain, 0);
    ring_tell(&ring);
    ck_assert_uint_eq(used()[1], 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("ring");
    TCase *tc = tcase_create("ring");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, takes_and_returns);
    tcase_add_test(tc, goes_round);
    tcase_add_test(tc, a_full_ring_is_legal);
    tcase_add_test(tc, wakes_when_asked);
    tcase_add_test(tc, asks_for_notices);
    tcase_add_loop_test(tc, refuses_places, 0, sizeof bad_setups / sizeof bad_setups[0]);
    tcase_add_test(tc, takes_the_top);
    tcase_add_loop_test(tc, refuses_chains, 0, sizeof bad_chains / sizeof bad_chains[0]);
    tcase_add_test(tc, reads_what_is_read_only);
    tcase_add_test(tc, refuses_heads_and_jumps);
    tcase_add_test(tc, keeps_its_own_positions);
    suite_add_tcase(suite, tc);
    return suite;
}
