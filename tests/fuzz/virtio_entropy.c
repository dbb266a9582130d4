/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the source of random numbers over a hostile device, which gives them in any parts: it
 * is asked for the rest of them each time; they are added once, if it said that it wrote any, and
 * are what it wrote; it is reset by then. The device is left in any case, and is not waited for
 * longer than it is given.
 */
#include <string.h>

#include "bindings.h"
#include "machine.h"
#include "probe.h"
#include "virtio_hostile.h"

#define TICK_NS     UINT64_C(10000000)
#define PATIENCE_NS (UINT64_C(1000000000) + 2 * TICK_NS)

static struct fake fake;
static struct hostile hostile;
static struct input input;
static uint8_t numbers[2 * sizeof(uint64_t)]; /* that the device wrote, */
static uint32_t count;                        /* and how many it said so of */
static unsigned added;

void machine_add_random(uint64_t a, uint64_t b)
{
    const uint64_t given[] = {a, b};
    _Static_assert(sizeof given == sizeof numbers, "all are added");
    FUZZ_CHECK(fake.resets == 1);
    /* It may have said more at the last look, for which nobody waited. */
    size_t known = count < sizeof numbers ? count : sizeof numbers;
    FUZZ_CHECK(!hostile.honest || (known != 0 && memcmp(given, numbers, known) == 0));
    added++;
}

/* Writes as much as there is room for; of how much it says so may be less, or more. */
static uint32_t serve(const struct hostile *device, unsigned queue, const struct fake_chain *chain,
                      struct input *from)
{
    const struct vq_piece *piece = &chain->piece[0];
    uint8_t *to = (uint8_t *)piece->addr;

    (void)device;
    FUZZ_CHECK(queue == 0 && chain->count == 1 && piece->flags == VQ_DESC_WRITE);
    FUZZ_CHECK(piece->len != 0 && piece->len == sizeof numbers - count);
    uint32_t len = next8(from);
    for (uint32_t i = 0; i < piece->len; i++)
        to[i] = numbers[count + i] = next8(from);
    count += len;
    return len;
}

static void look(void)
{
    hostile_step(&hostile, &input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = (struct input){data, size};
    added = count = 0;
    hostile_init(&hostile, &fake, VIRTIO_TYPE_ENTROPY, &input);
    hostile.serve = serve;
    fake_tick = TICK_NS;
    fake_at_each_look = look;
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        FUZZ_CHECK(entropy_device(&fake.dev) == (added == 1));
        FUZZ_CHECK(fake.resets == 1 && fake.dev.failed);
    }
    FUZZ_CHECK(added <= 1);
    FUZZ_CHECK(fake_now <= PATIENCE_NS);
    fake_reset();
    return 0;
}
