/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network, "service": what must be refused is, an empty network says so,
 * frames of every size come and go. With the word "gone" its interface is taken
 * away while we wait for it.
 */
#include "echo.h"

static uint8_t frame[ECHO_MAX_MTU + SOLO5_NET_HLEN + 1];

static void check_acquire(void)
{
    struct solo5_net_info info = {.mtu = 7};
    struct solo5_block_info block;
    solo5_handle_t handle = 99;

    EXPECT(solo5_net_acquire("nothing", &handle, &info) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_acquire("serv", &handle, &info) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_acquire("services", &handle, &info) == SOLO5_R_EINVAL);
    EXPECT(solo5_block_acquire("service", &handle, &block) == SOLO5_R_EINVAL);
    EXPECT(handle == 99 && info.mtu == 7);
}

static void check_refused(const struct echo_net *net)
{
    size_t most = net->info.mtu + SOLO5_NET_HLEN;
    size_t size = 0;
    solo5_handle_t other;
    struct solo5_net_info info;

    EXPECT(solo5_net_acquire("service", &other, &info) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(net->handle, frame, 0) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(net->handle, frame, SOLO5_NET_HLEN - 1) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(net->handle, frame, most + 1) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(net->handle, frame, SIZE_MAX) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_read(net->handle, frame, most - 1, &size) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(0, frame, most) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_write(net->handle + 1, frame, most) == SOLO5_R_EINVAL);
    EXPECT(solo5_net_read(UINT64_MAX, frame, most, &size) == SOLO5_R_EINVAL);
}

static void wait_until_gone(const struct echo_net *net)
{
    solo5_time_t deadline = solo5_clock_monotonic() + 12 * NSEC_PER_SEC;
    solo5_result_t result = SOLO5_R_AGAIN;
    solo5_handle_set_t ready;
    unsigned waits = 0;
    size_t size;

    while (result != SOLO5_R_EUNSPEC) {
        solo5_yield(deadline, NULL);
        EXPECT(solo5_clock_monotonic() < deadline);
        result = solo5_net_read(net->handle, frame, sizeof frame, &size);
    }
    for (deadline = solo5_clock_monotonic() + 300 * NSEC_PER_MSEC;
         solo5_clock_monotonic() < deadline; waits++) {
        solo5_yield(deadline, &ready);
        EXPECT(ready == 0);
    }
    EXPECT(waits <= 2);
}

int solo5_app_main(const struct solo5_start_info *info)
{
    struct echo_net net;

    check_acquire();
    echo_acquire("service", &net);
    if (after_word(info->cmdline, "gone")) {
        wait_until_gone(&net);
        return test_success();
    }
    check_refused(&net);

    solo5_time_t deadline = solo5_clock_monotonic() + 12 * NSEC_PER_SEC;
    while (!net.stopped) {
        solo5_handle_set_t ready = 0;
        solo5_yield(deadline, &ready);
        EXPECT((ready & ~((solo5_handle_set_t)1 << net.handle)) == 0);
        EXPECT(solo5_clock_monotonic() < deadline); /* the driver sends long before it */
        echo_serve(&net);
    }
    return test_success();
}
