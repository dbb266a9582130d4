/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * On spt a program can reach the kernel of its host: every system call that the
 * contract does not name must end it (spt_abi.h). The command line says which
 * call to try.
 */
#include "test.h"

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
    NR_EPOLL_PWAIT = 281,
    NR_TIMERFD_SETTIME = 286
};

#define ARCH_SET_GS     0x1001
#define PROT_RWX        7
#define PROT_READ_EXEC  5
#define CLOCK_BOOTTIME  7
#define X32_SYSCALL_BIT 0x40000000
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
    {"epoll-other", NR_EPOLL_PWAIT, {0, 0, 1, 0, 0}},
    {"timerfd-other", NR_TIMERFD_SETTIME, {0, 0, 0, 0, 0}},
    {"pread-undeclared", NR_PREAD64, {3, 0, 512, 0, 0}},
    {"x32", NR_GETPID | X32_SYSCALL_BIT, {NO_ARGS}},
    {"negative", -1, {NO_ARGS}},
};

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
    say("FAILED: still alive\n");
    return TEST_FAILED;
}
