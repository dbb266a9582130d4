/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The heap of the runtime. Its functions, and the calls here, have a t_ before their names, by -D.
 */
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libc/heap.h"
#include "quintet.h"
#include "runtime_fake.h"

#define HEAP_SIZE (1 << 20)

static char memory[HEAP_SIZE] __attribute__((aligned(4096)));

static struct rt_heap_stats stats(void)
{
    struct rt_heap_stats s;

    rt_heap_stats(&s);
    return s;
}

/* (n), of which the compiler knows nothing and so does not warn. */
static size_t hidden(size_t n)
{
    __asm__("" : "+r"(n));
    return n;
}

/* Check's own assertions are too slow for every byte. */
static void all_are(const void *p, unsigned char value, size_t size)
{
    const unsigned char *bytes = p;

    for (size_t i = 0; i < size; i++)
        if (bytes[i] != value)
            ck_abort_msg("byte %zu is %u, not %u", i, bytes[i], value);
}

static void setup(void)
{
    heap_init(memory, sizeof memory);
}

/* Every test ends with nothing allocated, and then the heap is as it was. */
static void teardown(void)
{
    ck_assert_uint_eq(stats().used, 0);
    ck_assert_uint_eq(stats().block_count, 0);
    ck_assert_uint_eq(stats().top, 0);
    ck_assert_uint_eq(stats().free, 0);
}

START_TEST(small_and_large)
{
    void *p[200];

    for (size_t i = 0; i < 200; i++) {
        p[i] = malloc(i * 7);
        ck_assert_ptr_nonnull(p[i]);
        ck_assert_uint_eq((uintptr_t)p[i] % 16, 0);
        ck_assert_uint_ge(malloc_usable_size(p[i]), i * 7);
        memset(p[i], (int)i, malloc_usable_size(p[i]));
    }
    for (size_t i = 0; i < 200; i++)
        all_are(p[i], (unsigned char)i, i * 7);
    for (size_t i = 0; i < 200; i += 2)
        free(p[i]);
    for (size_t i = 1; i < 200; i += 2)
        free(p[i]);
    free(NULL);
}
END_TEST

START_TEST(all_of_it)
{
    size_t total = stats().total;
    void *p = malloc(total - 8);

    ck_assert_ptr_nonnull(p);
    memset(p, 1, total - 8);
    errno = 0;
    ck_assert_ptr_null(malloc(0));
    ck_assert_int_eq(errno, ENOMEM);
    free(p);
    static const size_t too_much[] = {HEAP_SIZE, SIZE_MAX, SIZE_MAX - 15, PTRDIFF_MAX, 1UL << 41};
    for (size_t i = 0; i < sizeof too_much / sizeof too_much[0]; i++) {
        errno = 0;
        ck_assert_ptr_null(malloc(too_much[i]));
        ck_assert_int_eq(errno, ENOMEM);
        ck_assert_ptr_null(aligned_alloc(64, too_much[i]));
        ck_assert_ptr_null(calloc(1, too_much[i]));
    }
    ck_assert_ptr_null(calloc(hidden(SIZE_MAX / 2), 4));
}
END_TEST

START_TEST(zeroed)
{
    for (int round = 0; round < 3; round++) {
        char *keep = malloc(100);
        char *p = calloc(10, 1000);
        all_are(p, 0, 10000);
        memset(p, 0xff, malloc_usable_size(p));
        free(p);
        /* Partly above what was ever used. */
        p = calloc(1, (size_t)20000 * (size_t)(round + 1));
        all_are(p, 0, (size_t)20000 * (size_t)(round + 1));
        memset(p, 0xff, malloc_usable_size(p));
        free(p);
        free(keep);
    }
}
END_TEST

START_TEST(untouched)
{
    char *p = calloc(1, 500000);

    /* The pages in the middle were not written to: they still hold what was put there. */
    ck_assert_ptr_nonnull(p);
    free(p);
    memory[300000] = 42;
    p = malloc(500000);
    ck_assert_int_eq(memory[300000], 42);
    free(p);
    ck_assert_int_eq(memory[300000], 42);
    memory[300000] = 0;
}
END_TEST

START_TEST(resized)
{
    char *p = malloc(10);
    char *q = realloc(p, 1000); /* the top: in place */

    ck_assert_ptr_eq(p, q);
    memset(p, 'a', 1000);
    char *wall = malloc(10);
    q = realloc(p, 5000); /* moved */
    ck_assert_ptr_ne(p, q);
    all_are(q, 'a', 1000);
    free(wall);
    char *wall2 = malloc(10000);
    ck_assert_ptr_eq(realloc(q, 100), q); /* shrunk */
    char *r = realloc(q, 4000);           /* back into what it left */
    ck_assert_ptr_eq(r, q);
    all_are(r, 'a', 100);
    errno = 0;
    ck_assert_ptr_null(realloc(r, hidden(SIZE_MAX)));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_int_eq(r[99], 'a');
    free(r);
    free(wall2);
    p = realloc(NULL, 5);
    free(p);
}
END_TEST

START_TEST(aligned)
{
    void *p[64];
    size_t n = 0;

    for (size_t alignment = 8; alignment <= 65536; alignment *= 2) {
        p[n] = aligned_alloc(alignment, 100);
        ck_assert_ptr_nonnull(p[n]);
        ck_assert_uint_eq((uintptr_t)p[n] % alignment, 0);
        memset(p[n++], 1, 100);
        p[n] = malloc(24);
        memset(p[n++], 2, 24);
        ck_assert_int_eq(posix_memalign(&p[n], alignment, 4096), 0);
        ck_assert_uint_eq((uintptr_t)p[n] % alignment, 0);
        memset(p[n++], 3, 4096);
    }
    for (size_t i = 0; i < n; i++)
        free(p[i]);
    void *out = p;
    ck_assert_int_eq(posix_memalign(&out, 24, 8), EINVAL);
    ck_assert_int_eq(posix_memalign(&out, 4, 8), EINVAL);
    ck_assert_int_eq(posix_memalign(&out, 64, SIZE_MAX), ENOMEM);
    ck_assert_ptr_eq(out, p);
    ck_assert_ptr_null(memalign(48, 8));
}
END_TEST

/* What is freed is used again before the top rises. */
START_TEST(reused)
{
    void *p[100];

    for (size_t i = 0; i < 100; i++)
        p[i] = malloc(1000);
    void *wall = malloc(1);
    size_t top = stats().top;
    for (size_t i = 0; i < 100; i++)
        free(p[i]);
    for (size_t i = 0; i < 40; i++)
        p[i] = malloc(2400);
    ck_assert_uint_eq(stats().top, top);
    for (size_t i = 0; i < 40; i++)
        free(p[i]);
    ck_assert_uint_eq(stats().free, top - stats().used);
    free(wall);
}
END_TEST

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

START_TEST(random_work)
{
    enum { SLOTS = 300 };
    static struct {
        unsigned char *p;
        size_t size;
        unsigned char mark;
    } slots[SLOTS];
    unsigned seed = (unsigned)_i;

    for (int step = 0; step < 60000; step++) {
        size_t s = next_random(&seed) % SLOTS;
        size_t size = next_random(&seed) % (next_random(&seed) % 16 == 0 ? 20000 : 400);
        all_are(slots[s].p, slots[s].mark, slots[s].size);
        if (slots[s].p != NULL && next_random(&seed) % 3 != 0) {
            free(slots[s].p);
            slots[s].p = NULL;
            slots[s].size = 0;
            continue;
        }
        unsigned char *p;
        if (slots[s].p == NULL && next_random(&seed) % 8 == 0)
            p = aligned_alloc(16UL << next_random(&seed) % 8, size);
        else
            p = realloc(slots[s].p, size);
        if (p == NULL)
            continue;
        slots[s].p = p;
        slots[s].size = size;
        slots[s].mark = (unsigned char)step;
        memset(p, slots[s].mark, size);
    }
    for (size_t s = 0; s < SLOTS; s++)
        free(slots[s].p);
}
END_TEST

/* Runs free(p) and expects the end of the program with a message that has (words). */
static void free_ends(void *p, const char *words)
{
    fake.console_len = 0;
    fake.status = 0;
    if (!fake_ends())
        free(p);
    ck_assert_int_eq(fake.status, 255);
    ck_assert_msg(strstr(fake.console, words) != NULL, "%s", fake.console);
}

START_TEST(misuse)
{
    char *a = malloc(100), *b = malloc(100), *c = malloc(100);

    free(b);
    free_ends(b, "freed before");
    free_ends(a + 16, "not an allocated block");
    free_ends(a + 1, "not from malloc");
    free_ends(&a, "not from malloc");
    free_ends(memory + HEAP_SIZE / 2, "not an allocated block");
    char *d = malloc(100);
    memset(d, 'x', hidden(130)); /* into the head of c */
    free_ends(d, "wrote past the end");
    free_ends(c, "its start was written over");
}
END_TEST

START_TEST(merged_twice)
{
    char *a = malloc(100), *b = malloc(100), *c = malloc(100), *wall = malloc(1);

    /* b is swallowed by a, and its head with it. */
    free(a);
    free(b);
    free_ends(b, "freed before");
    free(c);
    free_ends(c, "freed before");
    free(wall);
    free_ends(wall, "freed before");
}
END_TEST

START_TEST(tiny_heaps)
{
    for (size_t size = 0; size < 200; size++) {
        memset(memory, 0, 256);
        heap_init(memory + 8, size);
        void *p = malloc(1);
        if (p != NULL) {
            ck_assert((char *)p + malloc_usable_size(p) <= memory + 8 + size);
            free(p);
        }
        ck_assert(p != NULL || size < 56 + 16);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("malloc");
    TCase *tc = tcase_create("use"), *wrong = tcase_create("misuse");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, small_and_large);
    tcase_add_test(tc, all_of_it);
    tcase_add_test(tc, zeroed);
    tcase_add_test(tc, untouched);
    tcase_add_test(tc, resized);
    tcase_add_test(tc, aligned);
    tcase_add_test(tc, reused);
    tcase_add_loop_test(tc, random_work, 0, 5);
    tcase_add_checked_fixture(wrong, setup, NULL);
    tcase_add_test(wrong, misuse);
    tcase_add_test(wrong, merged_twice);
    tcase_add_test(wrong, tiny_heaps);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, wrong);
    SRunner *sr = srunner_create(suite);
    srunner_set_tap(sr, "-");
    srunner_run_all(sr, CK_SILENT);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
