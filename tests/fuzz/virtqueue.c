/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver's side of virtqueues, split and packed, over a hostile device: what is taken
 * back was given and is given once, lengths are within what was asked for, and no descriptor is
 * lost. A lie may end the program (virtio_abort), nothing else may.
 */
#include <string.h>

#include "virtio_hostile.h"

#define CHAIN_MAX 6
#define STEPS     400

static struct fake fake;
static struct hostile hostile;
static struct virtqueue vq;
static uint8_t memory[64];
static uint16_t lengths[VQ_SIZE_MAX * 2]; /* by id: descriptors of what is out */
static uint32_t limits[VQ_SIZE_MAX * 2];
static unsigned out, descriptors;

static void add(struct input *input)
{
    struct vq_piece pieces[CHAIN_MAX];
    uint8_t what = next8(input);
    uint16_t count = what % CHAIN_MAX + 1;
    uint32_t limit = what & 0x40 ? next16(input) : 0;

    if (!vq_room(&vq, count))
        return;
    for (uint16_t i = 0; i < count; i++)
        pieces[i] = vq_piece(memory + i, i + 1, i + 1 == count ? VQ_DESC_WRITE : 0);
    uint16_t before = vq.free, id = vq_add(&vq, pieces, count, limit);
    FUZZ_CHECK(id < vq.size && lengths[id] == 0 && before > vq.free);
    lengths[id] = before - vq.free;
    limits[id] = limit;
    descriptors += lengths[id];
    out++;
}

static void take(void)
{
    struct vq_used used;
    while (vq_take(&vq, &used)) {
        FUZZ_CHECK(used.id < vq.size && lengths[used.id] != 0 && out > 0);
        FUZZ_CHECK(limits[used.id] == 0 || used.len <= limits[used.id]);
        descriptors -= lengths[used.id];
        lengths[used.id] = 0;
        out--;
    }
}

static void check(void)
{
    FUZZ_CHECK(vq.out == out);
    FUZZ_CHECK(vq.free + descriptors == vq.size);
}

static void run(struct input *input)
{
    for (unsigned i = 0; i < STEPS && input->size > 0; i++) {
        uint8_t what = next8(input);
        vq.wanted = what & 0x10;
        switch (what & 3) {
        case 0:
            add(input);
            break;
        case 1:
            vq_offer(&vq);
            break;
        case 2:
            if (!fake.dev.failed)
                take();
            virtio_ready(what & 0x20);
            break;
        default:
            hostile_step(&hostile, input);
        }
        check();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};

    hostile_init(&hostile, &fake, VIRTIO_TYPE_BLOCK, &input);
    vq = (struct virtqueue){0};
    memset(lengths, 0, sizeof lengths);
    out = descriptors = 0;
    fake.dev.transport->negotiate(&fake.dev, VQ_FEATURES, 0);
    if (!vq_open(&vq, &fake.dev, 0, CHAIN_MAX, 4)) {
        FUZZ_CHECK(fake.dev.failed);
        return 0;
    }
    vq.attached = true;
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0)
        run(&input);
    fake_reset();
    return 0;
}
