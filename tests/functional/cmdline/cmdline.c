/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Prints its command line between brackets, and its length.
 */
#include "test.h"

int solo5_app_main(const struct solo5_start_info *info)
{
    size_t len = strlen(info->cmdline);

    say("[");
    say(info->cmdline);
    say("]\nlength ");
    say_number(len);
    say("\n");
    return test_success();
}
