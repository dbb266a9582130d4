/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How the virtio target waits: when it sleeps, how long, and what it looks at, over devices that
 * only count.
 */
#include "irq.h"
#include "probe.h"
#include "unit.h"

#define SECOND UINT64_C(1000000000)

static struct {
    solo5_time_t now, until;
    solo5_handle_set_t ready, wakes; /* at once; after the next sleep */
    bool lost_lines;
    unsigned acknowledged, looked_at_devices, looked, slept;
} fake;

solo5_time_t target_clock_monotonic(void)
{
    return fake.now;
}

solo5_handle_set_t virtio_ready(bool before)
{
    (void)before;
    return fake.ready;
}

solo5_time_t virtio_wait_until(solo5_time_t deadline)
{
    return fake.until != 0 && fake.until < deadline ? fake.until : deadline;
}

void virtio_look(void)
{
    fake.looked++;
}

bool probe_before_sleep(void)
{
    fake.acknowledged++;
    return fake.lost_lines;
}

void probe_after_sleep(void)
{
    fake.looked_at_devices++;
}

void irq_wait(solo5_time_t deadline)
{
    ck_assert_uint_ge(deadline, fake.now);
    fake.now = deadline;
    if (fake.until == deadline)
        fake.until = 0;
    fake.ready = fake.wakes;
    fake.slept++;
}

/* Whether there is always something ready, or the program only asks: what a sleep would notice is
 * noticed, once a second. */
START_TEST(looks_around_without_sleep)
{
    fake.ready = _i;
    for (unsigned i = 0; i <= 1000; i++) {
        ck_assert_uint_eq(target_wait(_i ? UINT64_MAX : 0), _i);
        fake.now += SECOND / 100;
    }
    ck_assert_uint_eq(fake.slept, 0);
    ck_assert_uint_eq(fake.looked, 11);
    ck_assert_uint_eq(fake.acknowledged, 11);
    ck_assert_uint_eq(fake.looked_at_devices, 11);
}
END_TEST

/* A sleep ends by what is ready, by the deadline, and for the next look at the devices; that many
 * short ones where interrupts are lost. */
START_TEST(sleeps)
{
    fake.now = 5;
    fake.until = SECOND;
    ck_assert_uint_eq(target_wait(SECOND + 7), 0);
    ck_assert_uint_eq(fake.now, SECOND + 7);
    ck_assert_uint_eq(fake.slept, 2);
    fake.wakes = 4;
    ck_assert_uint_eq(target_wait(UINT64_MAX - 1), 4);
    ck_assert_uint_eq(fake.slept, 3);
    fake.ready = fake.wakes = 0;
    fake.now = fake.until = fake.slept = 0;
    fake.lost_lines = true;
    ck_assert_uint_eq(target_wait(SECOND / 100), 0);
    ck_assert_uint_eq(fake.slept, 10);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_wait");
    TCase *tc = tcase_create("virtio_wait");

    tcase_add_loop_test(tc, looks_around_without_sleep, 0, 2);
    tcase_add_test(tc, sleeps);
    suite_add_tcase(suite, tc);
    return suite;
}
