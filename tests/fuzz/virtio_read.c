/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver of networks over a hostile device, in a program without offload: what is
 * read is a frame, and not longer than the place for it, nor is what comes in a buffer that was
 * posted, which comes once.
 */
#include <string.h>

#include "virtio_hostile_net.h"

#define LENT 8

static struct fake fake;
static struct hostile hostile;
static uint8_t frame[70000];
static struct solo5_segment place; /* for a frame, and not a byte more */
static bool posted[LENT];
static uint64_t inputs; /* so far: net_direct.c remembers what was posted before */

static void read_one(void)
{
    size_t len = 0;
    if (solo5_net_read(HANDLE, place.base, place.len, &len) == SOLO5_R_OK)
        FUZZ_CHECK(len >= SOLO5_NET_HLEN && len <= place.len);
}

static void post_one(unsigned which)
{
    const struct solo5_packet buffer = {
        .segments = &place, .segment_count = 1, .cookie = inputs * LENT + which};
    size_t count = 0;
    if (posted[which])
        return;
    solo5_net_post(HANDLE, &buffer, 1, &count);
    posted[which] = count == 1;
}

static void receive(void)
{
    struct solo5_received received[4];
    size_t count = 0;
    solo5_net_receive(HANDLE, received, 4, &count);
    for (size_t i = 0; i < count; i++) {
        bool *mine = &posted[received[i].cookie % LENT];
        FUZZ_CHECK(received[i].len <= place.len);
        if (received[i].cookie / LENT != inputs)
            continue;
        FUZZ_CHECK(*mine);
        *mine = false;
    }
}

static void step(struct input *input)
{
    uint8_t what = next8(input);
    switch (what & 7) {
    case 0:
        if (what & 128)
            what & 64 ? post_one(what >> 3 & 7) : receive();
        else
            read_one();
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};

    if (!hostile_net_begin(&hostile, &fake, &input))
        return 0;
    place.len = devices_get(HANDLE, MFT_DEV_NET_BASIC)->u.net_basic.mtu + SOLO5_NET_HLEN;
    place.base = malloc(place.len);
    memset(posted, 0, sizeof posted);
    inputs++;
    hostile_net_run(&input, step);
    free(place.base);
    return 0;
}
