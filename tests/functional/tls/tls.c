/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Thread-local variables: initial values, zeroes, alignment; two blocks that are
 * switched between keep their own values; refused arguments change nothing.
 */
#include "test.h"

#define BLOCK_SIZE 16384

static __thread uint64_t initialised = 0x1122334455667788;
static __thread uint32_t zeroed[5];
static __thread uint8_t text[7] = "threads";
static __thread uint64_t aligned __attribute__((aligned(64))) = 64;

static uint8_t blocks[2][BLOCK_SIZE] __attribute__((aligned(64)));

static void use(uint8_t *block)
{
    EXPECT(solo5_set_tls_base(solo5_tls_tp_offset((uintptr_t)block)) == SOLO5_R_OK);
    __asm__ volatile("" : : : "memory");
}

static bool lies_in(const volatile void *variable, const uint8_t *block)
{
    uintptr_t address = (uintptr_t)variable;
    return address >= (uintptr_t)block && address < (uintptr_t)block + solo5_tls_size();
}

__attribute__((noinline)) static void check_fresh(const uint8_t *block)
{
    volatile uint64_t *word = &initialised;
    volatile uint32_t *zeroes = zeroed;

    EXPECT(*word == 0x1122334455667788);
    for (size_t i = 0; i < 5; i++) {
        EXPECT(zeroes[i] == 0);
    }
    EXPECT(memcmp(text, "threads", sizeof text) == 0);
    EXPECT(((uintptr_t)&aligned & 63) == 0 && aligned == 64);
    EXPECT(lies_in(word, block) && lies_in(zeroes + 4, block));
    EXPECT(lies_in(text + 6, block) && lies_in(&aligned, block));
}

__attribute__((noinline)) static void set(uint64_t value)
{
    initialised = value;
    zeroed[4] = (uint32_t)value;
}

__attribute__((noinline)) static bool is(uint64_t value)
{
    return initialised == value && zeroed[4] == (uint32_t)value;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    (void)info;
    EXPECT(solo5_tls_size() >= 8 + 8 + 5 * 4 + 7 + sizeof(void *));
    EXPECT(solo5_tls_size() <= BLOCK_SIZE);

    for (size_t i = 0; i < 2; i++) {
        memset(blocks[i], 0xa5, BLOCK_SIZE);
        EXPECT(solo5_tls_init((uintptr_t)blocks[i]) == SOLO5_R_OK);
        EXPECT(blocks[i][solo5_tls_size()] == 0xa5);
        use(blocks[i]);
        check_fresh(blocks[i]);
        set(i + 1);
    }
    use(blocks[0]);
    EXPECT(is(1));
    EXPECT(solo5_tls_init(0) == SOLO5_R_EINVAL);
    EXPECT(solo5_tls_init((uintptr_t)blocks[1] + 1) == SOLO5_R_EINVAL);
    /* Not canonical: the processor could not take it. */
    EXPECT(solo5_set_tls_base((uintptr_t)1 << 62) == SOLO5_R_EINVAL);
    EXPECT(is(1));
    use(blocks[1]);
    EXPECT(is(2));
    return test_success();
}
