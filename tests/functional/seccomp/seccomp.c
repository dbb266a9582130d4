/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * On spt a program can reach the kernel of its host: every system call that the
 * contract does not name must end it (spt_abi.h). The command line says which
 * call to try.
 */
#include <mft_abi.h>
#include <spt_abi.h>

#include "test.h"

SOLO5_WANTS_NET_OFFLOAD;

/* Linux's numbers for x86_64 (arch/x86/entry/syscalls/syscall_64.tbl). */
enum number {
    NR_READ = 0,
    NR_WRITE = 1,
    NR_OPEN = 2,
    NR_MMAP = 9,
    NR_MPROTECT = 10,
    NR_MUNMAP = 11,
    NR_RT_SIGRETURN = 15,
    NR_PREAD64 = 17,
    NR_PWRITE64 = 18,
    NR_READV = 19,
    NR_WRITEV = 20,
    NR_GETPID = 39,
    NR_SOCKET = 41,
    NR_CLONE = 56,
    NR_EXECVE = 59,
    NR_EXIT = 60,
    NR_KILL = 62,
    NR_PTRACE = 101,
    NR_PRCTL = 157,
    NR_ARCH_PRCTL = 158,
    NR_CLOCK_GETTIME = 228,
    NR_OPENAT = 257,
    NR_EPOLL_CTL = 233,
    NR_EPOLL_PWAIT = 281,
    NR_TIMERFD_SETTIME = 286
};

#define ARCH_SET_GS     0x1001
#define PROT_RWX        7
#define PROT_READ_EXEC  5
#define CLOCK_BOOTTIME  7
#define X32_SYSCALL_BIT 0x40000000
#define EPOLL_CTL_ADD   1
#define EPOLL_CTL_DEL   2
#define STDERR          2

static uint8_t buffer[4096] __attribute__((aligned(4096)));

static long call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    long result;
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = 0;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void call_by_int80(void)
{
    long result = 20; /* getpid of the 32-bit table */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
}

#define BUFFER  ((uintptr_t)buffer)
#define NO_ARGS 0, 0, 0, 0, 0

static const struct {
    const char *name;
    long number;
    uint64_t a[5];
} calls[] = {
    {"getpid", NR_GETPID, {NO_ARGS}},
    {"read-stdin", NR_READ, {0, 0, 1}},
    {"write-stderr", NR_WRITE, {STDERR, 0, 0}},
    {"open", NR_OPEN, {0, 0, 0}},
    {"openat", NR_OPENAT, {0, 0, 0}},
    {"socket", NR_SOCKET, {2, 1, 0}},
    {"mmap", NR_MMAP, {0, 4096, PROT_RWX, 0x22, UINT64_MAX}},
    {"mprotect-exec", NR_MPROTECT, {0, 4096, PROT_READ_EXEC}},
    {"munmap", NR_MUNMAP, {0, 4096}},
    {"clone", NR_CLONE, {NO_ARGS}},
    {"execve", NR_EXECVE, {NO_ARGS}},
    {"kill", NR_KILL, {NO_ARGS}},
    {"exit", NR_EXIT, {NO_ARGS}},
    {"ptrace", NR_PTRACE, {NO_ARGS}},
    {"prctl", NR_PRCTL, {NO_ARGS}},
    {"rt-sigreturn", NR_RT_SIGRETURN, {NO_ARGS}},
    {"set-gs", NR_ARCH_PRCTL, {ARCH_SET_GS, 0}},
    {"clock-boottime", NR_CLOCK_GETTIME, {CLOCK_BOOTTIME, 0}},
    {"mprotect-low", NR_MPROTECT, {SPT_HOST_MEM_BASE, 4096, 0}},
    {"mprotect-text", NR_MPROTECT, {SPT_GUEST_MIN_BASE, 4096, 0}},
    {"mprotect-high", NR_MPROTECT, {UINT64_C(0x7f0000000000), 4096, 0}},
    {"epoll-other", NR_EPOLL_PWAIT, {0, 0, 1, 0, 0}},
    {"epoll-ctl-other", NR_EPOLL_CTL, {0, EPOLL_CTL_DEL, 0, 0, 0}},
    {"timerfd-other", NR_TIMERFD_SETTIME, {0, 0, 0, 0, 0}},
    {"pread-undeclared", NR_PREAD64, {3, 0, 512, 0, 0}},
    {"x32", NR_GETPID | X32_SYSCALL_BIT, {NO_ARGS}},
    {"negative", -1, {NO_ARGS}},
};

/* What the program may do with its own devices' descriptors, and what not. */
enum device {
    DISK = 1, /* handles, in the manifest's order */
    NET = 2
};

#define DISK_SIZE 131072
#define BLOCK     512

static const struct {
    const char *name;
    long number;
    enum device device;
    uint64_t len, offset;
    bool allowed;
} device_calls[] = {
    {"disk-read", NR_PREAD64, DISK, BLOCK, 0, true},
    {"disk-write-last", NR_PWRITE64, DISK, BLOCK, DISK_SIZE - BLOCK, true},
    {"disk-read-many", NR_PREAD64, DISK, 2 * BLOCK, 0, true},
    {"plain-net-read", NR_READ, NET, sizeof buffer, 0, true},
    {"net-readv", NR_READV, NET, 1, 0, true},
    {"net-writev", NR_WRITEV, NET, 1, 0, true},
    {"net-read", NR_READ, NET, sizeof buffer, 0, false},
    {"net-write", NR_WRITE, NET, sizeof buffer, 0, false},
    {"plain-net-readv", NR_READV, NET, 1, 0, false},
    {"plain-net-writev", NR_WRITEV, NET, 1, 0, false},
    {"disk-readv", NR_READV, DISK, 1, 0, false},
    {"disk-writev", NR_WRITEV, DISK, 1, 0, false},
    {"disk-read-after-end", NR_PREAD64, DISK, BLOCK, DISK_SIZE, false},
    {"disk-write-after-end", NR_PWRITE64, DISK, BLOCK, DISK_SIZE, false},
    {"disk-write-over-end", NR_PWRITE64, DISK, BLOCK, DISK_SIZE - BLOCK + 1, false},
    {"disk-write-many-over-end", NR_PWRITE64, DISK, 2 * BLOCK, DISK_SIZE - BLOCK, false},
    {"disk-write-far", NR_PWRITE64, DISK, BLOCK, 1ULL << 32, false},
    {"disk-read-negative", NR_PREAD64, DISK, BLOCK, 0 - (uint64_t)BLOCK, false},
    {"disk-read-huge", NR_PREAD64, DISK, 1ULL << 32, 0, false},
    {"disk-read-longer", NR_PREAD64, DISK, DISK_SIZE + 1, 0, false},
    {"disk-as-net", NR_READ, DISK, BLOCK, 0, false},
    {"net-as-disk", NR_PWRITE64, NET, BLOCK, 0, false},
};

static void call_on_device(const char *name)
{
    const struct spt_boot_info *boot = (const struct spt_boot_info *)SPT_BOOT_INFO_BASE;
    const struct mft *mft = (const struct mft *)boot->mft;

    for (size_t i = 0; i < sizeof device_calls / sizeof device_calls[0]; i++) {
        if (after_word(name, device_calls[i].name)) {
            uint64_t fd = (uint64_t)mft->e[device_calls[i].device].b.hostfd;
            call(device_calls[i].number, fd, BUFFER, device_calls[i].len, device_calls[i].offset,
                 0);
            if (device_calls[i].allowed) {
                solo5_exit(test_success());
            }
        }
    }
}

/* Waiting with a signal mask would be deafness to the signals that end the program. */
static void call_epoll(const char *name)
{
    const struct spt_boot_info *boot = (const struct spt_boot_info *)SPT_BOOT_INFO_BASE;
    uint64_t fd = (uint64_t)boot->epollfd;

    if (after_word(name, "epoll-no-mask") && call(NR_EPOLL_PWAIT, fd, BUFFER, 1, 0, 0) >= 0) {
        solo5_exit(test_success());
    }
    if (after_word(name, "epoll-add")) {
        call(NR_EPOLL_CTL, fd, EPOLL_CTL_ADD, 1, BUFFER, 0);
    }
    if (after_word(name, "epoll-mask")) {
        call(NR_EPOLL_PWAIT, fd, BUFFER, 1, 0, BUFFER);
    }
}

int solo5_app_main(const struct solo5_start_info *info)
{
    if (after_word(info->cmdline, "allowed")) {
        /* The write that the console makes. */
        EXPECT(call(NR_WRITE, 1, BUFFER, 0, 0, 0) == 0);
        return test_success();
    }
    say("about to call\n");
    if (after_word(info->cmdline, "int80")) {
        call_by_int80();
    }
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (after_word(info->cmdline, calls[i].name)) {
            const uint64_t *a = calls[i].a;
            call(calls[i].number, a[0], a[1], a[2], a[3], a[4]);
        }
    }
    call_on_device(info->cmdline);
    call_epoll(info->cmdline);
    say("FAILED: still alive\n");
    return TEST_FAILED;
}
