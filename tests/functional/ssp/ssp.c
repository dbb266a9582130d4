/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A buffer on the stack that is overrun ends the program, where the compiler
 * was told to look; one that is not overrun does not. What it is known by is
 * the host's or the processor's random number.
 */
#include "test.h"

__attribute__((noinline)) static uint8_t fill(size_t size)
{
    uint8_t buffer[16];
    volatile uint8_t *at = buffer;

    for (size_t i = 0; i < size; i++) {
        at[i] = 0x41;
    }
    return at[0];
}

int solo5_app_main(const struct solo5_start_info *info)
{
    if (after_word(info->cmdline, "smash")) {
        fill(40);
        say("FAILED: the overrun was not noticed\n");
        return TEST_FAILED;
    }
    if (after_word(info->cmdline, "seed")) {
        uint64_t seed[2] = {0, 0};
        EXPECT(solo5_random_seed(seed) == SOLO5_R_OK);
        EXPECT(seed[0] != 0 && seed[1] != 0 && seed[0] != seed[1]);
    }
    EXPECT(fill(16) == 0x41);
    return test_success();
}
