/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The spt target: the program is a process, and every call to the host one of the few system calls
 * that its filter lets through (spt_abi.h).
 */
#include "spt_abi.h"

#include "arch.h"
#include "bindings.h"
#include "block_uring.h"
#include "spt.h"
#include "syscall.h"

/* From the kernel's interface: linux/errno.h, linux/time.h. */
#define EINTR           4
#define CLOCK_REALTIME  0
#define CLOCK_MONOTONIC 1
#define CONSOLE_FD      1

DECLARE_ABI1_NOTE(SPT_ABI_TARGET, SPT_ABI_VERSION);

struct spt_host host;

void target_init(const void *arg, struct boot *boot)
{
    const struct spt_boot_info *info = arg;
    host.epollfd = info->epollfd;
    host.timerfd = info->timerfd;
    host.mft = (const struct mft *)info->mft;
    *boot = (struct boot){
        .cmdline = (const char *)info->cmdline,
        .mft = host.mft,
        .mem_size = info->mem_size,
    };
}

void target_console_write(const char *buf, size_t size)
{
    while (size > 0) {
        long n = syscall5(SYS_write, CONSOLE_FD, (long)buf, (long)size, 0, 0);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return;
        buf += n, size -= (size_t)n;
    }
}

static solo5_time_t clock_read(int clock)
{
    struct timespec ts;
    syscall5(SYS_clock_gettime, clock, (long)&ts, 0, 0, 0);
    return (uint64_t)ts.sec * NS_PER_S + (uint64_t)ts.nsec;
}

solo5_time_t target_clock_monotonic(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

solo5_time_t target_clock_wall(void)
{
    return clock_read(CLOCK_REALTIME);
}

solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size)
{
    (void)handle;
    long n = syscall5(SYS_pwrite64, dev->b.hostfd, (long)buf, (long)size, (long)offset, 0);
    return n == (long)size ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size)
{
    (void)handle;
    long n = syscall5(SYS_pread64, dev->b.hostfd, (long)buf, (long)size, (long)offset, 0);
    return n == (long)size ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)handle;
    (void)dev;
    if (!EXT1_HAS(ext_offer.features, EXT1_URING))
        return NULL;
    host.poll_disks = block_uring_poll;
    return block_uring(host.mft);
}

solo5_result_t target_mem_guard(uintptr_t addr, size_t size)
{
    const long prot_none = 0;
    long error = syscall5(SYS_mprotect, (long)addr, (long)size, prot_none, 0, 0);
    return error == 0 ? SOLO5_R_OK : SOLO5_R_EINVAL;
}

solo5_result_t target_set_tls_base(uintptr_t base)
{
    return syscall_set_tls(base) == 0 ? SOLO5_R_OK : SOLO5_R_EINVAL;
}

void target_exit(int status, const struct trap_frame *cookie)
{
    (void)cookie;
    for (;;)
        syscall5(SYS_exit_group, status, 0, 0, 0, 0);
}

void target_trap_exit(const struct trap_frame *frame)
{
    /* The signal that brought us here now has its default action: to end the process. */
    trap_again(frame->regs.vector);
    target_exit(SOLO5_EXIT_ABORT, NULL);
}
