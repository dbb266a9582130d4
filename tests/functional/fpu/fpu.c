/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Floating point: SSE and x87 work, start with the settings of the psABI
 * (x86-64 psABI, 3.4.1), and survive calls to the host.
 */
#include "test.h"

#define MXCSR_DEFAULT 0x1f80
#define X87_DEFAULT   0x037f

static volatile double two = 2.0;
static volatile float third = 1.0f / 3.0f;
static volatile long double big = 1.0e300L;

typedef double vector __attribute__((vector_size(16)));

static double square_root(double value)
{
    double guess = value;
    for (int i = 0; i < 60; i++) {
        guess = (guess + value / guess) / two;
    }
    return guess;
}

static void check_settings(void)
{
    uint32_t mxcsr;
    uint16_t control;

    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    __asm__ volatile("fnstcw %0" : "=m"(control));
    EXPECT((mxcsr & ~0x3fu) == MXCSR_DEFAULT); /* the low bits are sticky flags */
    EXPECT(control == X87_DEFAULT);
}

static void check_kept_over_calls(void)
{
    register vector kept __asm__("xmm7") = {1.5, -2.5};
    uint64_t low;

    __asm__ volatile("" : "+x"(kept));
    solo5_yield(0, NULL);
    solo5_clock_wall();
    EXPECT(square_root(two) > 1.41421356237309 && square_root(two) < 1.41421356237310);
    volatile double nothing = kept[0] * 0.0;
    EXPECT(nothing == 0.0);
    __asm__ volatile("movq %1, %%xmm15\n\tmovq %%xmm15, %0" : "=r"(low) : "r"(42ull) : "xmm15");
    EXPECT(low == 42);
}

int solo5_app_main(const struct solo5_start_info *info)
{
    (void)info;
    check_settings();
    check_kept_over_calls();
    EXPECT((int64_t)(third * 3000.0f) == 1000);
    EXPECT(big * 1.0e300L > 1.0e599L);
    /* A division by zero is masked: it gives an infinity, not a trap. */
    volatile double zero = 0.0;
    EXPECT(two / zero > 1.0e308);
    check_settings();
    return test_success();
}
