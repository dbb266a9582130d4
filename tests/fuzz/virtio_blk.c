/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver of disks over a hostile device, by the calls of solo5_io.h and solo5.h: a
 * cookie comes back once and only when it was submitted, and whoever waits gets an answer.
 */
#include <string.h>

#include "bindings.h"
#include "virtio_hostile.h"

#define HANDLE 1
#define STEPS  400

static struct fake fake;
static struct hostile hostile;
static struct input input;
static uint8_t memory[1 << 18];
static bool submitted[256];

static void submit(void)
{
    const struct mft_entry *entry = devices_get(HANDLE, MFT_DEV_BLOCK_BASIC);
    uint64_t block = entry->u.block_basic.block_size;
    struct solo5_block_request request = {
        .op = next8(&input) % 6,
        .offset = next16(&input) * block,
        .size = next8(&input) % 4 * block,
        .buf = memory,
        .cookie = next8(&input),
    };
    size_t count = 0;

    if (request.op == SOLO5_BLOCK_FLUSH)
        request.offset = request.size = 0;
    if (submitted[request.cookie])
        return;
    solo5_block_submit(HANDLE, &request, 1, &count);
    submitted[request.cookie] = count == 1;
}

static void complete(void)
{
    struct solo5_block_completion done[8];
    size_t count = solo5_block_complete(HANDLE, done, next8(&input) % 9);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(done[i].cookie < 256 && submitted[done[i].cookie]);
        submitted[done[i].cookie] = false;
    }
}

static void step(void)
{
    hostile_step(&hostile, &input);
}

/* The device goes on while somebody waits; when the input ends, it is silent. */
static void read_one(void)
{
    const struct mft_entry *entry = devices_get(HANDLE, MFT_DEV_BLOCK_BASIC);
    uint64_t block = entry->u.block_basic.block_size;

    fake_while_waiting = fake_at_each_look = step;
    if (next8(&input) & 1)
        solo5_block_read(HANDLE, next8(&input) * block, memory, block);
    else
        solo5_block_write(HANDLE, next8(&input) * block, memory, 2 * block);
    fake_while_waiting = fake_at_each_look = NULL;
}

static void run(void)
{
    for (unsigned i = 0; i < STEPS && input.size > 0; i++) {
        uint8_t what = next8(&input);
        switch (what & 15) {
        case 0:
        case 1:
            submit();
            break;
        case 2:
            complete();
            break;
        case 3:
            read_one();
            break;
        case 4:
            virtio_ready(what & 16);
            break;
        default:
            step();
        }
    }
    virtio_finish();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct solo5_block_info info;
    solo5_handle_t handle;
    char id[VIRTIO_BLK_ID_SIZE];

    input = (struct input){data, size};
    hostile_init(&hostile, &fake, VIRTIO_TYPE_BLOCK, &input);
    if (!virtio_blk_open(&fake.dev))
        return 0;
    memset(submitted, 0, sizeof submitted);
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0) {
        if (next8(&input) & 1) {
            fake_at_each_look = step;
            virtio_blk_id(&fake.dev, id);
            fake_at_each_look = NULL;
        }
        fake_attach(&fake);
        solo5_block_acquire("device", &handle, &info);
        run();
    }
    fake_reset();
    return 0;
}
