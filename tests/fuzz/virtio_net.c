/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver of networks over a hostile device, by the calls of solo5_io.h:
 * a cookie comes back once and only when it was lent, what was sent in order, and a received packet
 * fits into its buffer.
 */
#include <string.h>

#include "virtio_hostile_net.h"

#define LENT 256

SOLO5_WANTS_NET_OFFLOAD;

static struct fake fake;
static struct hostile hostile;
static uint8_t memory[65549];
static struct solo5_segment segments[3];
static bool posted[LENT];
static uint64_t sent, reclaimed;

static void send_some(struct input *input)
{
    uint8_t what = next8(input);
    struct solo5_packet packets[4];
    size_t count = 0;

    for (unsigned i = 0; i < 4; i++)
        packets[i] = (struct solo5_packet){
            .segments = segments, .segment_count = 1 + (what >> i & 1), .cookie = sent + i};
    solo5_net_send(HANDLE, packets, what % 5, &count);
    FUZZ_CHECK(count <= what % 5u);
    sent += count;
}

static void reclaim(struct input *input)
{
    uint64_t cookies[8];
    size_t count = solo5_net_reclaim(HANDLE, cookies, next8(input) % 9);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(cookies[i] == reclaimed++);
    FUZZ_CHECK(reclaimed <= sent);
}

static void post_one(struct input *input)
{
    const struct solo5_packet buffer = {
        .segments = segments + 2, .segment_count = 1, .cookie = next8(input)};
    size_t count = 0;

    if (posted[buffer.cookie])
        return;
    solo5_net_post(HANDLE, &buffer, 1, &count);
    posted[buffer.cookie] = count == 1;
}

static void receive(struct input *input)
{
    struct solo5_received received[8];
    size_t count = 0;

    solo5_net_receive(HANDLE, received, next8(input) % 9, &count);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(received[i].cookie < LENT && posted[received[i].cookie]);
        FUZZ_CHECK(received[i].len <= sizeof memory);
        posted[received[i].cookie] = false;
    }
}

static void write_one(struct input *input)
{
    solo5_net_write(HANDLE, memory, SOLO5_NET_HLEN + next8(input) % 50);
}

static void step(struct input *input)
{
    uint8_t what = next8(input);
    switch (what & 15) {
    case 0:
        send_some(input);
        break;
    case 1:
        reclaim(input);
        break;
    case 2:
        post_one(input);
        break;
    case 3:
        receive(input);
        break;
    case 4:
        write_one(input);
        break;
    case 5:
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
    segments[0] = (struct solo5_segment){memory, 60};
    segments[1] = (struct solo5_segment){memory + 100, 8};
    segments[2] = (struct solo5_segment){memory, sizeof memory};
    memset(posted, 0, sizeof posted);
    sent = reclaimed = 0;
    hostile_net_run(&input, step);
    return 0;
}
