/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the functional tests' programs share. They are written on the bare
 * interface of solo5.h: there is no C library, so the string functions that a
 * compiler may call are here too.
 *
 * A program prints SUCCESS and ends with status 0, or says which expectation
 * did not hold and ends with TEST_FAILED, which no tender uses.
 */
#ifndef TEST_H
#define TEST_H

#include <solo5.h>
#include <solo5_io.h>

#define TEST_FAILED 3

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

#define EXPECT(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, #condition))

__attribute__((noreturn)) void test_fail(const char *file, int line, const char *condition);
int test_success(void);

void say(const char *text);
void say_number(uint64_t value);
void say_hex(uint64_t value);

/* The rest of (text) after (word) and the spaces that follow it, or NULL when it does not start
 * with that word. */
const char *after_word(const char *text, const char *word);
uint64_t number_at(const char *text);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

#endif
