/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Random numbers, with and without those of the processor and of the tender. Each test is a process
 * of its own, so a run of the program.
 */
#include <errno.h>
#include <string.h>

#include "libc/arch_random.h"
#include "libc/siphash.h"
#include "runtime_fake.h"
#include "unit.h"

int rt_getentropy(void *buf, size_t size);

static bool has_processor;

bool arch_random(uint64_t *out)
{
    if (has_processor)
        *out = 0x0123456789abcdef; /* the worst one: always the same */
    return has_processor;
}

/* The value of the specification's appendix A is for 15 bytes; this one, of the 16 bytes 00 to 0f,
 * is the next in its authors' list of test vectors. */
START_TEST(known_answer)
{
    const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

    ck_assert_uint_eq(siphash(key, 0x0706050403020100, 0x0f0e0d0c0b0a0908), 0x3f2acc7f57c29bdb);
}
END_TEST

START_TEST(processor_alone)
{
    has_processor = true;
    unsigned char buf[256];

    ck_assert_int_eq(rt_getentropy(buf, sizeof buf), 0);
    ck_assert_uint_eq(fake.console_len, 0);
}
END_TEST

/* The clock stands still, and the processor has none: the key and the count make the numbers. */
START_TEST(tender_alone)
{
    uint64_t a[2][2], key_a, key_b;

    fake.has_seed = true;
    fake.seed[0] = 1;
    fake.seed[1] = 2;
    ck_assert_int_eq(rt_getentropy(a[0], sizeof a[0]), 0);
    ck_assert_int_eq(rt_getentropy(a[1], sizeof a[1]), 0);
    ck_assert_uint_eq(fake.console_len, 0);
    ck_assert_mem_ne(a[0], a[1], sizeof a[0]);
    ck_assert_uint_ne(a[0][0], a[0][1]);
    key_a = siphash(fake.seed, 0, 0);
    fake.seed[1] = 3; /* the other half counts, too */
    key_b = siphash(fake.seed, 0, 0);
    ck_assert_uint_eq(a[0][0], key_a);
    ck_assert_uint_ne(a[0][0], key_b);
}
END_TEST

START_TEST(neither)
{
    unsigned char buf[9] = {0};

    ck_assert_int_eq(rt_getentropy(buf, 8), 0);
    ck_assert_uint_eq(buf[8], 0);
    ck_assert_ptr_nonnull(strstr(fake.console, "can be guessed"));
    size_t len = fake.console_len;
    ck_assert_int_eq(rt_getentropy(buf, sizeof buf), 0);
    ck_assert_uint_eq(fake.console_len, len); /* said once */
}
END_TEST

START_TEST(too_much)
{
    unsigned char buf[257];

    errno = 0;
    ck_assert_int_eq(rt_getentropy(buf, sizeof buf), -1);
    ck_assert_int_eq(errno, EIO);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("entropy");
    TCase *tc = tcase_create("getentropy");

    tcase_add_test(tc, known_answer);
    tcase_add_test(tc, processor_alone);
    tcase_add_test(tc, tender_alone);
    tcase_add_test(tc, neither);
    tcase_add_test(tc, too_much);
    suite_add_tcase(suite, tc);
    return suite;
}
