/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ways to end: a status by return or by solo5_exit, and abort; and not to
 * end by itself, computing.
 */
#include "test.h"

int solo5_app_main(const struct solo5_start_info *info)
{
    const char *argument;

    if (after_word(info->cmdline, "abort")) {
        solo5_abort();
    }
    if (after_word(info->cmdline, "spin")) {
        for (volatile unsigned turns = 0;; turns++) {
        }
    }
    if ((argument = after_word(info->cmdline, "exit")) != NULL) {
        solo5_exit((int)number_at(argument));
    }
    argument = after_word(info->cmdline, "return");
    EXPECT(argument != NULL);
    return (int)number_at(argument);
}
