/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console of the first moments (bindings/machine/console.c): where it is found, and how long a
 * port that does not get on is waited for. Each test is a process of its own, so a machine.
 */
#include <string.h>

#include "fake.h"
#include "machine.h"
#include "unit.h"

enum { DEBUG = 0xe9, COM1 = 0x3f8, STATUS = COM1 + 5, SCRATCH = COM1 + 7 };
enum { EMPTY = 0x60, WAITS = 100000 };

static uint8_t nothing;  /* what a port reads as that nobody has */
static bool debug, com1; /* what there is */
static unsigned busy;    /* readings until a character has left */
static unsigned leaves, reads;
static uint8_t scratch;
static char output[64];

static uint64_t in(uint64_t port, unsigned width)
{
    ck_assert_uint_eq(width, 1);
    reads++;
    if (port == DEBUG && debug)
        return DEBUG;
    if (port == STATUS && com1) {
        leaves -= leaves != 0;
        return leaves != 0 ? 0 : EMPTY;
    }
    return port == SCRATCH && com1 ? scratch : nothing;
}

static void out(uint64_t port, unsigned width, uint64_t value)
{
    ck_assert_uint_eq(width, 1);
    if (port == SCRATCH)
        scratch = (uint8_t)value;
    if (port != (debug ? DEBUG : COM1) || !(debug || com1))
        return;
    ck_assert_uint_lt(strlen(output) + 1, sizeof output);
    output[strlen(output)] = (char)value;
    leaves = busy;
}

static void say(const char *text)
{
    fake.read = in;
    fake.write = out;
    reads = 0;
    machine_console_write(text, strlen(text));
}

START_TEST(debug_port)
{
    debug = com1 = true;
    say("Hello\n");
    ck_assert_str_eq(output, "Hello\n");
    ck_assert_uint_eq(reads, 1);
}
END_TEST

/* Idle, and with a character to send at each moment that it is looked at. */
START_TEST(serial_port)
{
    com1 = true;
    nothing = 0xff;
    busy = leaves = _i ? 100 : 0;
    say("Hello\n");
    say("you\n");
    ck_assert_str_eq(output, "Hello\r\nyou\r\n");
}
END_TEST

START_TEST(neither)
{
    nothing = _i ? 0xff : 0;
    for (unsigned i = 0; i < 3; i++) {
        say("Hello\n");
        ck_assert_uint_lt(reads, 4);
    }
}
END_TEST

/* As long as it is stuck it is waited for once; when it gets on it is waited for again. */
START_TEST(stuck)
{
    com1 = true;
    busy = leaves = UINT32_MAX;
    say("Hello\n");
    ck_assert_uint_ge(reads, WAITS);
    ck_assert_uint_lt(reads, WAITS + 100);
    say("you\n");
    ck_assert_uint_lt(reads, 100);
    busy = leaves = 0;
    say("now\n");
    busy = 100;
    say("again\n");
    ck_assert_uint_ge(reads, 600);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("machine_console");
    TCase *tc = tcase_create("console");
    tcase_add_test(tc, debug_port);
    tcase_add_loop_test(tc, serial_port, 0, 2);
    tcase_add_loop_test(tc, neither, 0, 2);
    tcase_add_test(tc, stuck);
    suite_add_tcase(suite, tc);
    return suite;
}
