/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The spt target: the program is a process, and every call to the host one of the few system calls
 * that its filter lets through (spt_abi.h).
 */
#include "spt_abi.h"

#include "arch.h"
#include "bindings.h"
#include "syscall.h"

/* From the kernel's interface: linux/errno.h, linux/time.h, linux/eventpoll.h, linux/timerfd.h. */
#define EINTR           4
#define EAGAIN          11
#define CLOCK_REALTIME  0
#define CLOCK_MONOTONIC 1
#define TIMER_ABSTIME   1
#define CONSOLE_FD      1
#define NS_PER_S        UINT64_C(1000000000)

struct timespec {
    int64_t sec, nsec;
};

struct epoll_event {
    uint32_t events;
    uint64_t data;
} __attribute__((packed));

DECLARE_ABI1_NOTE(SPT_ABI_TARGET, SPT_ABI_VERSION);

static struct {
    int epollfd, timerfd;
    solo5_time_t armed; /* the deadline that the timer is set to, UINT64_MAX: none */
} host;

void target_init(const void *arg, struct boot *boot)
{
    const struct spt_boot_info *info = arg;
    host.epollfd = info->epollfd;
    host.timerfd = info->timerfd;
    host.armed = UINT64_MAX;
    *boot = (struct boot){
        .cmdline = (const char *)info->cmdline,
        .mft = (const struct mft *)info->mft,
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

/* Sets the timer to (deadline), or off; it stays so until set again, also after it has fired. */
static void arm(solo5_time_t deadline)
{
    if (deadline == host.armed)
        return;
    struct {
        struct timespec interval, value;
    } spec = {0};
    if (deadline != UINT64_MAX) {
        spec.value.sec = (int64_t)(deadline / NS_PER_S);
        spec.value.nsec = (int64_t)(deadline % NS_PER_S);
    }
    syscall5(SYS_timerfd_settime, host.timerfd, TIMER_ABSTIME, (long)&spec, 0, 0);
    host.armed = deadline;
}

solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    /* A zero time would turn the timer off; there is nothing to wait for then anyway. */
    bool poll_only = deadline == 0;
    if (!poll_only)
        arm(deadline);
    struct epoll_event events[MFT_MAX_ENTRIES + 1];
    long n = syscall5(SYS_epoll_pwait, host.epollfd, (long)events, MFT_MAX_ENTRIES + 1,
                      poll_only ? 0 : -1, 0);
    solo5_handle_set_t ready = 0;
    for (long i = 0; i < n; i++) {
        if (events[i].data < MFT_MAX_ENTRIES)
            ready |= UINT64_C(1) << events[i].data;
    }
    return ready;
}

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    (void)handle;
    long n = syscall5(SYS_write, dev->b.hostfd, (long)buf, (long)size, 0, 0);
    /* No room at the host: the frame is dropped, as on any network. */
    return n >= 0 || n == -EAGAIN ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    (void)handle;
    long n = syscall5(SYS_read, dev->b.hostfd, (long)buf, (long)size, 0, 0);
    if (n == -EAGAIN || n == 0)
        return SOLO5_R_AGAIN;
    if (n < 0)
        return SOLO5_R_EUNSPEC;
    *read_size = (size_t)n;
    return SOLO5_R_OK;
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
