/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Two networks: each has its own handle, address and frames, and the ready set
 * tells them apart.
 */
#include "echo.h"

int solo5_app_main(const struct solo5_start_info *info)
{
    static const char *const names[] = {"service", "management"};
    struct echo_net nets[2];
    solo5_handle_set_t known = 0;

    (void)info;
    for (size_t i = 0; i < 2; i++) {
        echo_acquire(names[i], &nets[i]);
        known |= (solo5_handle_set_t)1 << nets[i].handle;
    }
    EXPECT(nets[0].handle != nets[1].handle);

    solo5_time_t deadline = solo5_clock_monotonic() + 12 * NSEC_PER_SEC;
    while (!nets[0].stopped || !nets[1].stopped) {
        solo5_handle_set_t ready = 0;
        solo5_yield(deadline, &ready);
        EXPECT((ready & ~known) == 0);
        EXPECT(solo5_clock_monotonic() < deadline); /* the driver sends long before it */
        for (size_t i = 0; i < 2; i++) {
            if (ready >> nets[i].handle & 1) {
                echo_serve(&nets[i]);
            }
        }
    }
    return test_success();
}
