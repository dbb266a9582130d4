/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The smallest program: it starts, prints and ends.
 */
#include "test.h"

int solo5_app_main(const struct solo5_start_info *info)
{
    EXPECT(info != NULL);
    EXPECT(info->cmdline != NULL);
    say("Hello\n");
    return test_success();
}
