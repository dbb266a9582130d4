/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * An image of 12 MiB, all of which must be where it belongs and what it was: firmware keeps things
 * in the first 16 MiB of a machine.
 */
#include "test.h"

#define WORD_COUNT (12 * 0x100000 / 4)
#define WORD       0x51756931

#define TEXT(x)   #x
#define STRING(x) TEXT(x)
/* clang-format off */
__asm__(".pushsection .data\n"
        ".balign 4\n"
        "words: .fill " STRING(WORD_COUNT) ", 4, " STRING(WORD) "\n"
        ".popsection\n");
/* clang-format on */
extern uint32_t words[WORD_COUNT];

int solo5_app_main(const struct solo5_start_info *start)
{
    (void)start;
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        EXPECT(words[i] == WORD);
        words[i] = i;
    }
    for (unsigned i = 0; i < WORD_COUNT; i++)
        EXPECT(words[i] == i);
    return test_success();
}
