/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Random numbers from a device (bindings/virtio/entropy.c): from one that gives all at once, and
 * from such as give fewer, or none. Each test is a process of its own, so a start of the program.
 */
#include <string.h>

#include "bindings.h"
#include "machine.h"
#include "probe.h"
#include "unit.h"
#include "virtio_fake.h"

#define PATIENCE_NS UINT64_C(1000000000)

static struct fake fake;
static uint8_t next;              /* the device's numbers are 1, 2, 3 ... */
static unsigned at_once, answers; /* bytes, how often; then nothing comes */
static bool lies;                 /* of how many: as many as ever, when there is no room any more */
static uint64_t added[2];
static unsigned added_count;

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

void machine_add_random(uint64_t a, uint64_t b)
{
    added[0] = a, added[1] = b;
    added_count++;
}

static void device(void)
{
    struct fake_chain chain;
    unsigned count = 0;
    if (answers == 0 || !fake_next(&fake, 0, &chain))
        return;
    answers--;
    ck_assert_uint_eq(chain.count, 1);
    while (count < at_once && count < chain.piece[0].len)
        ((uint8_t *)chain.piece[0].addr)[count++] = ++next;
    fake_return(&fake, 0, &chain, lies ? at_once : count);
}

static void run(void)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_ENTROPY, FAKE_BIT(VIRTIO_F_VERSION_1));
    fake_at_each_look = device;
    fake_expects_abort = lies;
    entropy_device(&fake.dev);
    ck_assert_uint_eq(fake.resets, 1);
    ck_assert_ptr_null(vq_all.queues);
    ck_assert_uint_lt(fake_now, PATIENCE_NS + PATIENCE_NS / 10);
}

/* The first (count) of the device's numbers. */
static void ends_with(unsigned count)
{
    uint8_t expected[sizeof added] = {0};
    for (unsigned i = 0; i < count; i++)
        expected[i] = (uint8_t)(i + 1);
    ck_assert_uint_eq(added_count, count != 0);
    ck_assert_mem_eq(added, expected, sizeof added);
    ck_assert_uint_eq(fake_said[0] != '\0', count == 0);
}

START_TEST(gives_some_at_once)
{
    at_once = (unsigned)_i, answers = 16;
    run();
    ends_with(16);
}
END_TEST

START_TEST(stops)
{
    at_once = 5, answers = (unsigned)_i;
    run();
    ends_with(5 * (unsigned)_i);
}
END_TEST

START_TEST(gives_nothing)
{
    at_once = 0, answers = 16;
    run();
    ends_with(0);
    ck_assert_uint_eq(answers, 15);
}
END_TEST

/* After some that it may. */
START_TEST(gives_more_than_it_may)
{
    at_once = 10, answers = 16, lies = true;
    if (setjmp(fake_aborted) == 0) {
        run();
        ck_abort_msg("believed");
    }
    ck_assert_uint_eq(answers, 14);
    ck_assert_uint_eq(added_count, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_entropy");
    TCase *tc = tcase_create("entropy");
    tcase_add_loop_test(tc, gives_some_at_once, 1, 17);
    tcase_add_loop_test(tc, stops, 0, 3);
    tcase_add_test(tc, gives_nothing);
    tcase_add_test(tc, gives_more_than_it_may);
    suite_add_tcase(suite, tc);
    return suite;
}
