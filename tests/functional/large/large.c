/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A heap that may be in two pieces of the machine's memory, one below 4 GiB and one above: it is
 * one for the program, and for a disk whose requests lie across the place where the second begins,
 * which is a multiple of 2 MiB before the hole for devices, at 2 or 3 GiB. Its own data needs more
 * than a small machine has.
 */
#include "test.h"

#define MIB     UINT64_C(0x100000)
#define STEP    (2 * MIB)
#define REQUEST 4096
#define LOOKS   32

static volatile uint8_t needed[4 * MIB];
static solo5_handle_t disk;
static unsigned requests;

static void check_request(uintptr_t boundary, uint64_t capacity)
{
    uint64_t *words = (uint64_t *)(boundary - REQUEST / 2);
    uint64_t offset = (uint64_t)requests * REQUEST % capacity;
    for (unsigned i = 0; i < REQUEST / sizeof *words; i++)
        words[i] = boundary + i;
    EXPECT(solo5_block_write(disk, offset, (uint8_t *)words, REQUEST) == SOLO5_R_OK);
    for (unsigned i = 0; i < REQUEST / sizeof *words; i++)
        words[i] = 0;
    EXPECT(solo5_block_read(disk, offset, (uint8_t *)words, REQUEST) == SOLO5_R_OK);
    for (unsigned i = 0; i < REQUEST / sizeof *words; i++)
        EXPECT(words[i] == boundary + i);
    requests++;
}

int solo5_app_main(const struct solo5_start_info *start)
{
    uintptr_t end = start->heap_start + start->heap_size - solo5_stack_reserve(start->heap_size);
    struct solo5_block_info info;

    needed[sizeof needed - 1] = 1;
    say("heap ");
    say_hex(start->heap_start);
    say(" size ");
    say_number(start->heap_size);
    say("\n");
    uint64_t step = (end - start->heap_start) / LOOKS & ~(STEP - 1);
    for (uint64_t i = 0; i < LOOKS; i++) {
        volatile uint64_t *word = (uint64_t *)(start->heap_start + i * step);
        EXPECT(*word == 0);
        *word = i + 1;
    }
    EXPECT(solo5_block_acquire("storage", &disk, &info) == SOLO5_R_OK);
    for (uint64_t hole = 2048 * MIB; hole <= 3072 * MIB; hole += 1024 * MIB)
        for (uint64_t at = hole - 32 * MIB; at <= hole; at += STEP)
            if (at + STEP < end)
                check_request(at, info.capacity);
    for (uint64_t i = 0; i < LOOKS; i++)
        EXPECT(*(volatile uint64_t *)(start->heap_start + i * step) == i + 1);
    say_number(requests);
    say(" requests\n");
    return test_success();
}
