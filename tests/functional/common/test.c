/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See test.h.
 */
#include "test.h"

void say(const char *text)
{
    solo5_console_write(text, strlen(text));
}

static void say_base(uint64_t value, unsigned base)
{
    char digits[24];
    char *at = digits + sizeof digits;

    *--at = '\0';
    do {
        *--at = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    say(at);
}

void say_number(uint64_t value)
{
    say_base(value, 10);
}

void say_hex(uint64_t value)
{
    say("0x");
    say_base(value, 16);
}

void test_fail(const char *file, int line, const char *condition)
{
    say("FAILED ");
    say(file);
    say(":");
    say_number((uint64_t)line);
    say(": ");
    say(condition);
    say("\n");
    solo5_exit(TEST_FAILED);
}

int test_success(void)
{
    say("SUCCESS\n");
    return SOLO5_EXIT_SUCCESS;
}

const char *after_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < len; i++) {
        if (text[i] != word[i]) {
            return NULL;
        }
    }
    text += len;
    if (*text != '\0' && *text != ' ') {
        return NULL;
    }
    while (*text == ' ') {
        text++;
    }
    return text;
}

uint64_t number_at(const char *text)
{
    uint64_t value = 0;

    while (*text >= '0' && *text <= '9') {
        value = value * 10 + (uint64_t)(*text++ - '0');
    }
    return value;
}

/* The volatile accesses keep the compiler from making these functions call themselves. */
void *memcpy(void *to, const void *from, size_t size)
{
    volatile unsigned char *out = to;
    const unsigned char *in = from;

    while (size-- > 0) {
        *out++ = *in++;
    }
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    volatile unsigned char *out = to;

    while (size-- > 0) {
        *out++ = (unsigned char)byte;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *left = a;
    const unsigned char *right = b;

    for (; size > 0; size--, left++, right++) {
        if (*left != *right) {
            return *left - *right;
        }
    }
    return 0;
}

size_t strlen(const char *text)
{
    const volatile char *end = text;

    while (*end != '\0') {
        end++;
    }
    return (size_t)(end - text);
}
