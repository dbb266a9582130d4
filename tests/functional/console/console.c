/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console: pieces of every size arrive whole and in order.
 */
#include "test.h"

#define LINES 400

int solo5_app_main(const struct solo5_start_info *info)
{
    static char long_line[16384];

    (void)info;
    solo5_console_write(NULL, 0);
    solo5_console_write("", 0);
    solo5_console_write("unfinished", 10);
    solo5_console_write(" line\n\0\n", 8);
    for (size_t i = 0; i < LINES; i++) {
        say("line ");
        say_number(i);
        say("\n");
    }
    memset(long_line, 'x', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\n';
    solo5_console_write(long_line, sizeof long_line);
    return test_success();
}
