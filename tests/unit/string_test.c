/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The string functions of runtime/libc/x86_64 against loops that are plainly right. They are
 * compiled with an rt_ before their names, by -D, and so is this file.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BUFFER   4096
#define MAX_SIZE 300
#define ALIGNS   32

static const size_t large_sizes[] = {511, 512, 513, 1000, 1024, 2047, 3000};

static unsigned char a[BUFFER], b[BUFFER], want[BUFFER];

static void fill(unsigned char *p, unsigned seed)
{
    for (size_t i = 0; i < BUFFER; i++) {
        seed = seed * 1103515245 + 12345;
        p[i] = (unsigned char)(seed >> 16);
    }
}

static void same(const unsigned char *p, const unsigned char *q)
{
    for (size_t i = 0; i < BUFFER; i++)
        if (p[i] != q[i])
            ck_abort_msg("byte %zu is %u, not %u", i, p[i], q[i]);
}

static void copy_one(size_t to, size_t from, size_t n)
{
    fill(a, 1);
    fill(b, 2);
    for (size_t i = 0; i < BUFFER; i++)
        want[i] = i >= to && i < to + n ? a[i - to + from] : b[i];
    ck_assert_ptr_eq(memcpy(b + to, a + from, n), b + to);
    same(b, want);
}

START_TEST(copies)
{
    for (size_t to = 0; to < ALIGNS; to++) {
        for (size_t n = 0; n <= MAX_SIZE; n++)
            copy_one(to, (to * 7 + n) % ALIGNS, n);
        for (size_t i = 0; i < sizeof large_sizes / sizeof large_sizes[0]; i++)
            copy_one(to, (to * 5) % ALIGNS, large_sizes[i]);
    }
}
END_TEST

static void move_one(size_t to, size_t from, size_t n)
{
    fill(a, 3);
    for (size_t i = 0; i < BUFFER; i++)
        want[i] = i >= to && i < to + n ? a[i - to + from] : a[i];
    ck_assert_ptr_eq(memmove(a + to, a + from, n), a + to);
    same(a, want);
}

START_TEST(moves)
{
    for (size_t distance = 0; distance < 80; distance++) {
        for (size_t n = 0; n <= MAX_SIZE; n += n < 140 ? 1 : 7) {
            move_one(100 + distance, 100, n);
            move_one(100, 100 + distance, n);
        }
        for (size_t i = 0; i < sizeof large_sizes / sizeof large_sizes[0]; i++) {
            move_one(distance, 5, large_sizes[i]);
            move_one(5, distance, large_sizes[i]);
        }
    }
    move_one(0, 2000, 2000);
    move_one(2000, 0, 2000);
    move_one(1000, 0, 2000);
    move_one(0, 1000, 2000);
}
END_TEST

static void set_one(size_t to, int c, size_t n)
{
    fill(a, 4);
    for (size_t i = 0; i < BUFFER; i++)
        want[i] = i >= to && i < to + n ? (unsigned char)c : a[i];
    ck_assert_ptr_eq(memset(a + to, c, n), a + to);
    same(a, want);
}

START_TEST(sets)
{
    for (size_t to = 0; to < ALIGNS; to++) {
        for (size_t n = 0; n <= MAX_SIZE; n++)
            set_one(to, (int)(n + 0x1f0), n);
        for (size_t i = 0; i < sizeof large_sizes / sizeof large_sizes[0]; i++)
            set_one(to, -1, large_sizes[i]);
    }
}
END_TEST

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

START_TEST(compares)
{
    for (size_t n = 0; n <= MAX_SIZE; n++) {
        size_t at = n % ALIGNS, bt = n * 3 % ALIGNS;
        memset(a, 0x80, sizeof a);
        memset(b, 0x80, sizeof b);
        a[at + n] = 1; /* just beyond */
        ck_assert_int_eq(memcmp(a + at, b + bt, n), 0);
        for (size_t i = 0; i < n; i++) {
            b[bt + i] = 0x7f;
            ck_assert_int_eq(sign(memcmp(a + at, b + bt, n)), 1);
            ck_assert_int_eq(sign(memcmp(b + bt, a + at, n)), -1);
            b[bt + i] = 0x80;
        }
    }
}
END_TEST

/* The end of a page after which nothing can be read. */
static char *page_end(void)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert(pages != MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0);
    return pages + 4096;
}

START_TEST(lengths)
{
    char *end = page_end();

    memset(end - 4096, 'x', 4096);
    end[-1] = '\0';
    for (size_t n = 0; n <= MAX_SIZE; n++) {
        const char *s = end - 1 - n;
        ck_assert_uint_eq(strlen(s), n);
        for (size_t max = 0; max <= n + 1; max++)
            ck_assert_uint_eq(strnlen(s, max), max < n ? max : n);
    }
    end[-1] = 'x';
    for (size_t n = 0; n <= MAX_SIZE; n++)
        ck_assert_uint_eq(strnlen(end - n, n), n);
    /* A zero before the string, in the same aligned piece. */
    end[-20] = '\0';
    end[-3] = '\0';
    ck_assert_uint_eq(strlen(end - 19), 16);
}
END_TEST

START_TEST(searches)
{
    char *end = page_end();

    memset(end - 4096, 'x', 4096);
    for (size_t n = 0; n <= MAX_SIZE; n++) {
        char *s = end - n;
        ck_assert_ptr_null(memchr(s, 'y', n));
        for (size_t i = 0; i < n; i++) {
            s[i] = 'y';
            ck_assert_ptr_eq(memchr(s, 'y', n), s + i);
            ck_assert_ptr_null(memchr(s, 'y', i));
            s[i] = 'x';
        }
        if (n == 0)
            continue;
        end[-1] = '\0';
        ck_assert_ptr_null(strchr(s, 'y'));
        ck_assert_ptr_eq(strchr(s, '\0'), end - 1);
        for (size_t i = 0; i + 1 < n; i++) {
            s[i] = 'y';
            ck_assert_ptr_eq(strchr(s, 'y'), s + i);
            s[i] = 'x';
        }
        end[-1] = 'x';
    }
    ck_assert_ptr_null(memchr(end, 'x', 0));
    /* A size so large that adding it to the address overflows. */
    ck_assert_ptr_eq(memchr(end - 3, 'x', SIZE_MAX), end - 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("string");
    TCase *tc = tcase_create("string");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, copies);
    tcase_add_test(tc, moves);
    tcase_add_test(tc, sets);
    tcase_add_test(tc, compares);
    tcase_add_test(tc, lengths);
    tcase_add_test(tc, searches);
    suite_add_tcase(suite, tc);
    SRunner *sr = srunner_create(suite);
    srunner_set_tap(sr, "-");
    srunner_run_all(sr, CK_SILENT);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
