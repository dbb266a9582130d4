/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the driver of networks over a hostile device, by the calls of solo5.h: what is read is
 * a frame, and not longer than the place for it.
 */
#include "bindings.h"
#include "virtio_hostile.h"

#define HANDLE 1
#define STEPS  400

static struct fake fake;
static struct hostile hostile;
static uint8_t frame[70000], *place;

static void read_one(size_t max)
{
    size_t len = 0;
    if (solo5_net_read(HANDLE, place, max, &len) == SOLO5_R_OK)
        FUZZ_CHECK(len >= SOLO5_NET_HLEN && len <= max);
}

static void run(struct input *input, size_t max)
{
    for (unsigned i = 0; i < STEPS && input->size > 0; i++) {
        uint8_t what = next8(input);
        switch (what & 7) {
        case 0:
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
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0)
        run(&input, max);
    free(place);
    fake_reset();
    return 0;
}
