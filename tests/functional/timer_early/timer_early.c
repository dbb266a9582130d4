/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A timer that comes before its time, as one does whose host counts the time by another clock: it
 * is armed again, and nothing is slept over. The guest takes the timer from under its bindings, and
 * makes its interrupt itself: a wait for later than what was set must end nevertheless.
 */
#include "test.h"

#define MSR_DEADLINE 0x6e0
#define MSR_SELF_IPI 0x83f
#define VECTOR_RING  32
#define VECTOR_TIMER 33

static uint8_t data[4096];

static void msr_write(uint32_t msr, uint32_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"(value), "d"(0) : "memory");
}

/* Only who has a ring in use sleeps in the processor. */
static void use_ring(void)
{
    struct solo5_block_request request = {.op = SOLO5_BLOCK_READ, .buf = data};
    struct solo5_block_completion done;
    struct solo5_block_info info;
    solo5_handle_t disk;
    size_t submitted;

    EXPECT(solo5_block_acquire("storage", &disk, &info) == SOLO5_R_OK);
    request.size = info.block_size;
    EXPECT(solo5_block_submit(disk, &request, 1, &submitted) == SOLO5_R_OK);
    while (solo5_block_complete(disk, &done, 1) == 0) {
        solo5_io_wait(solo5_clock_monotonic() + NSEC_PER_SEC, NULL);
    }
}

int solo5_app_main(const struct solo5_start_info *start)
{
    solo5_time_t set = solo5_clock_monotonic() + 2 * NSEC_PER_SEC, end = set + NSEC_PER_SEC;

    (void)start;
    use_ring();
    /* Sleeps, and is woken by something else: the timer is left set. */
    msr_write(MSR_SELF_IPI, VECTOR_RING);
    solo5_io_wait(set, NULL);
    EXPECT(solo5_clock_monotonic() < set);
    msr_write(MSR_DEADLINE, 0);
    __asm__ volatile("int %0" : : "i"(VECTOR_TIMER) : "memory");
    while (solo5_clock_monotonic() < end) {
        solo5_io_wait(end, NULL);
    }
    say("armed again\n");
    return test_success();
}
