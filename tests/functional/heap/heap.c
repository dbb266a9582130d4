/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The heap region: aligned, zero, all of it the program's, its end the stack's;
 * its size follows the memory that the user gave. Guarded pages fault.
 */
#include "test.h"

#define MAX_LOOKS 4001 /* an emulated host is slow to give memory */

int solo5_app_main(const struct solo5_start_info *info)
{
    size_t reserve = solo5_stack_reserve(info->heap_size);
    uintptr_t stack_begin = info->heap_start + info->heap_size - reserve;
    uint64_t here = 0;

    say("heap ");
    say_hex(info->heap_start);
    say(" size ");
    say_number(info->heap_size);
    say("\n");
    EXPECT(info->heap_start % SOLO5_PAGE_SIZE == 0 && reserve % SOLO5_PAGE_SIZE == 0);
    EXPECT((uintptr_t)&here >= stack_begin);
    EXPECT((uintptr_t)&here < info->heap_start + info->heap_size);

    volatile uint64_t *words = (uint64_t *)info->heap_start;
    size_t count = (stack_begin - info->heap_start) / sizeof *words;
    size_t step = count > MAX_LOOKS ? count / MAX_LOOKS : 1;
    for (size_t i = 0; i < count; i += step) {
        EXPECT(words[i] == 0);
        words[i] = i;
    }
    for (size_t i = 0; i < count; i += step) {
        EXPECT(words[i] == i);
    }
    EXPECT(words[0] == 0 && count > 0);
    words[count - 1] = 1;

    EXPECT(solo5_mem_guard(info->heap_start + 1, SOLO5_PAGE_SIZE) == SOLO5_R_EINVAL);
    EXPECT(solo5_mem_guard(info->heap_start, 0) == SOLO5_R_EINVAL);
    EXPECT(solo5_mem_guard(info->heap_start, SIZE_MAX - 4095) == SOLO5_R_EINVAL);
    EXPECT(solo5_mem_guard(0, SOLO5_PAGE_SIZE) == SOLO5_R_EINVAL);
    EXPECT(solo5_mem_guard(info->heap_start + 2 * SOLO5_PAGE_SIZE, SOLO5_PAGE_SIZE) == SOLO5_R_OK);
    words[2 * SOLO5_PAGE_SIZE / sizeof *words - 1] = 1;
    words[3 * SOLO5_PAGE_SIZE / sizeof *words] = 1;
    if (after_word(info->cmdline, "touch-guard")) {
        words[2 * SOLO5_PAGE_SIZE / sizeof *words] = 1;
        say("FAILED: the guard page was written\n");
        return TEST_FAILED;
    }
    return test_success();
}
