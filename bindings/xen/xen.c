/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The xen target.
 */
#include "arch.h"
#include "machine.h"
#include "hardware.h"

DECLARE_ABI1_NOTE(XEN_ABI_TARGET, 1);

void target_init(const void *arg, struct boot *boot)
{
    (void)arg;
    machine_init(boot);
}

void target_console_write(const char *buf, size_t size)
{
    machine_console_write(buf, size);
}

solo5_time_t target_clock_monotonic(void)
{
    return machine_clock_monotonic();
}

solo5_time_t target_clock_wall(void)
{
    return machine_clock_wall();
}

solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    while (machine_clock_monotonic() < deadline)
        __builtin_ia32_pause();
    return 0;
}

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    (void)handle;
    (void)dev;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    (void)handle;
    (void)dev;
    (void)buf;
    (void)size;
    *read_size = 0;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size)
{
    (void)handle;
    (void)dev;
    (void)offset;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size)
{
    (void)handle;
    (void)dev;
    (void)offset;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)handle;
    (void)dev;
    return NULL;
}

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)handle;
    (void)dev;
    return NULL;
}

void target_exit(int status, const struct trap_frame *cookie)
{
    (void)cookie;
    port_out8(0x501, (uint8_t)status);
    for (;;)
        __asm__ volatile("cli; hlt");
}
