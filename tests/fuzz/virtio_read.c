/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver of networks over a hostile device, in a program without offload: what is
 * read is a frame, and not longer than the place for it, nor is what comes in a buffer that was
 * posted, which comes once.
 */
#include <string.h>

#include "bindings.h"
#include "virtio_hostile.h"

#define HANDLE 1
#define STEPS  400
#define LENT   8

static struct fake fake;
static struct hostile hostile;
static uint8_t frame[70000], *place;
static struct solo5_segment lent;
static bool posted[LENT];
static uint64_t inputs; /* so far: net_direct.c remembers what was posted before */

static void read_one(size_t max)
{
    size_t len = 0;
    if (solo5_net_read(HANDLE, place, max, &len) == SOLO5_R_OK)
        FUZZ_CHECK(len >= SOLO5_NET_HLEN && len <= max);
}

static void post_one(unsigned which)
{
    const struct solo5_packet buffer = {
        .segments = &lent, .segment_count = 1, .cookie = inputs * LENT + which};
    size_t count = 0;
    if (posted[which])
        return;
    solo5_net_post(HANDLE, &buffer, 1, &count);
    posted[which] = count == 1;
}

static void receive(size_t max)
{
    struct solo5_received received[4];
    size_t count = 0;
    solo5_net_receive(HANDLE, received, 4, &count);
    for (size_t i = 0; i < count; i++) {
        bool *mine = &posted[received[i].cookie % LENT];
        FUZZ_CHECK(received[i].len <= max);
        if (received[i].cookie / LENT != inputs)
            continue;
        FUZZ_CHECK(*mine);
        *mine = false;
    }
}

static void run(struct input *input, size_t max)
{
    for (unsigned i = 0; i < STEPS && input->size > 0; i++) {
        uint8_t what = next8(input);
        switch (what & 7) {
        case 0:
            if (what & 128)
                what & 64 ? post_one(what >> 3 & 7) : receive(max);
            else
                read_one(max);
            break;
        case 1:
            solo5_net_write(HANDLE, frame, SOLO5_NET_HLEN + next8(input) % 50);
            break;
        case 2:
            virtio_ready(what & 16);
            break;
        default:
            hostile_step(&hostile, input);
        }
    }
    virtio_finish();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct solo5_net_info info;
    solo5_handle_t handle;

    hostile_init(&hostile, &fake, VIRTIO_TYPE_NET, &input);
    if (!virtio_net_open(&fake.dev))
        return 0;
    fake_attach(&fake);
    solo5_net_acquire("device", &handle, &info);
    size_t max = (size_t)devices_get(HANDLE, MFT_DEV_NET_BASIC)->u.net_basic.mtu + SOLO5_NET_HLEN;
    place = malloc(max); /* not a byte more */
    lent = (struct solo5_segment){place, max};
    memset(posted, 0, sizeof posted);
    inputs++;
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0)
        run(&input, max);
    free(place);
    fake_reset();
    return 0;
}
