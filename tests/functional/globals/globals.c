/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Initialised and zeroed globals of every kind hold what they should, at the
 * alignment that they asked for, and those that may be written can be.
 */
#include "test.h"

#define BIG 0x40000

static const uint32_t constants[4] = {0x01020304, 0x05060708, 0, 0xffffffff};
static const char *const names[] = {"zero", "one", "two"};
static uint64_t data[3] = {1, 0x8000000000000000, 3};
static uint64_t *pointer = &data[1];
static uint8_t bss[BIG];
static uint8_t big_data[BIG] = {[BIG - 1] = 0x5a};
static uint64_t aligned_data __attribute__((aligned(4096))) = 7;
static uint64_t aligned_bss __attribute__((aligned(4096)));
uint16_t common_symbol;

static void check_constants(void)
{
    const volatile uint32_t *words = constants;

    EXPECT(words[0] == 0x01020304 && words[1] == 0x05060708);
    EXPECT(words[2] == 0 && words[3] == 0xffffffff);
    for (size_t i = 0; i < 3; i++) {
        const char *const volatile *name = &names[i];
        EXPECT(strlen(*name) == (i == 0 ? 4 : 3));
    }
}

int solo5_app_main(const struct solo5_start_info *info)
{
    (void)info;
    check_constants();

    volatile uint64_t *words = data;
    EXPECT(words[0] == 1 && words[1] == 0x8000000000000000 && words[2] == 3);
    EXPECT(*pointer == 0x8000000000000000);
    *pointer = 5;
    EXPECT(words[1] == 5);

    for (size_t i = 0; i < BIG; i++) {
        EXPECT(bss[i] == 0);
        EXPECT(big_data[i] == (i == BIG - 1 ? 0x5a : 0));
        bss[i] = big_data[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < BIG; i++) {
        EXPECT(bss[i] == (uint8_t)i && big_data[i] == (uint8_t)i);
    }

    EXPECT(((uintptr_t)&aligned_data & 4095) == 0 && aligned_data == 7);
    EXPECT(((uintptr_t)&aligned_bss & 4095) == 0 && aligned_bss == 0);
    EXPECT(common_symbol == 0);
    common_symbol = 9;
    EXPECT(common_symbol == 9);
    return test_success();
}
