/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The stub target: every public function, none of which does anything. Build systems link against
 * it to see whether a program links at all; the image runs nowhere.
 */
#include "elf_abi.h"
#include "solo5_io.h"

uintptr_t __stack_chk_guard;

static void stop(void) __attribute__((noreturn));
static void stop(void)
{
    for (;;)
        continue;
}

void _start(const void *arg);
void __stack_chk_fail(void) __attribute__((noreturn));

static const char interp[] __attribute__((section(".interp"), used)) = ELF_INTERP_NAME;

__attribute__((section(".text.entry"))) void _start(const void *arg)
{
    (void)arg;
    static const struct solo5_start_info info = {.cmdline = ""};
    solo5_exit(solo5_app_main(&info));
}

void __stack_chk_fail(void)
{
    stop();
}

void solo5_exit(int status)
{
    (void)status;
    stop();
}

void solo5_abort(void)
{
    stop();
}

size_t solo5_tls_size(void)
{
    return sizeof(uintptr_t);
}

uintptr_t solo5_tls_tp_offset(uintptr_t tls)
{
    return tls;
}

solo5_result_t solo5_tls_init(uintptr_t tls)
{
    (void)tls;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_set_tls_base(uintptr_t base)
{
    (void)base;
    return SOLO5_R_EUNSPEC;
}

solo5_time_t solo5_clock_monotonic(void)
{
    return 0;
}

solo5_time_t solo5_clock_wall(void)
{
    return 0;
}

void solo5_yield(solo5_time_t deadline, solo5_handle_set_t *ready_set)
{
    (void)deadline;
    if (ready_set != NULL)
        *ready_set = 0;
}

void solo5_console_write(const char *buf, size_t size)
{
    (void)buf;
    (void)size;
}

solo5_result_t solo5_net_acquire(const char *name, solo5_handle_t *handle,
                                 struct solo5_net_info *info)
{
    (void)name;
    (void)handle;
    (void)info;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_net_write(solo5_handle_t handle, const uint8_t *buf, size_t size)
{
    (void)handle;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_net_read(solo5_handle_t handle, uint8_t *buf, size_t size, size_t *read_size)
{
    (void)handle;
    (void)buf;
    (void)size;
    (void)read_size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_block_acquire(const char *name, solo5_handle_t *handle,
                                   struct solo5_block_info *info)
{
    (void)name;
    (void)handle;
    (void)info;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_block_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *buf,
                                 size_t size)
{
    (void)handle;
    (void)offset;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_block_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf,
                                size_t size)
{
    (void)handle;
    (void)offset;
    (void)buf;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_mem_guard(uintptr_t addr, size_t size)
{
    (void)addr;
    (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_random_seed(uint64_t seed[2])
{
    (void)seed;
    return SOLO5_R_EUNSPEC;
}

uint64_t solo5_net_features(solo5_handle_t handle)
{
    (void)handle;
    return 0;
}

size_t solo5_net_frame_max(solo5_handle_t handle)
{
    (void)handle;
    return 0;
}

size_t solo5_net_depth(solo5_handle_t handle)
{
    (void)handle;
    return 0;
}

solo5_result_t solo5_net_send(solo5_handle_t handle, const struct solo5_packet *packets,
                              size_t count, size_t *sent)
{
    (void)handle;
    (void)packets;
    (void)count;
    *sent = 0;
    return SOLO5_R_EUNSPEC;
}

size_t solo5_net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    (void)handle;
    (void)cookies;
    (void)max;
    return 0;
}

solo5_result_t solo5_net_post(solo5_handle_t handle, const struct solo5_packet *buffers,
                              size_t count, size_t *posted)
{
    (void)handle;
    (void)buffers;
    (void)count;
    *posted = 0;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_net_receive(solo5_handle_t handle, struct solo5_received *packets, size_t max,
                                 size_t *count)
{
    (void)handle;
    (void)packets;
    (void)max;
    *count = 0;
    return SOLO5_R_EUNSPEC;
}

uint64_t solo5_block_features(solo5_handle_t handle)
{
    (void)handle;
    return 0;
}

size_t solo5_block_depth(solo5_handle_t handle)
{
    (void)handle;
    return 0;
}

solo5_result_t solo5_block_submit(solo5_handle_t handle, const struct solo5_block_request *requests,
                                  size_t count, size_t *submitted)
{
    (void)handle;
    (void)requests;
    (void)count;
    *submitted = 0;
    return SOLO5_R_EUNSPEC;
}

size_t solo5_block_complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                            size_t max)
{
    (void)handle;
    (void)completions;
    (void)max;
    return 0;
}

void solo5_io_wait(solo5_time_t deadline, solo5_handle_set_t *ready_set)
{
    solo5_yield(deadline, ready_set);
}
