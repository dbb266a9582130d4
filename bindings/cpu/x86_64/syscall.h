/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Linux system calls (System V ABI for x86-64, A.2.1): numbers, and one call of up to five
 * arguments.
 */
#ifndef SYSCALL_H
#define SYSCALL_H

enum {
    SYS_read = 0,
    SYS_write = 1,
    SYS_mprotect = 10,
    SYS_pread64 = 17,
    SYS_pwrite64 = 18,
    SYS_readv = 19,
    SYS_writev = 20,
    SYS_fdatasync = 75,
    SYS_arch_prctl = 158,
    SYS_clock_gettime = 228,
    SYS_exit_group = 231,
    SYS_epoll_ctl = 233,
    SYS_epoll_pwait = 281,
    SYS_fallocate = 285,
    SYS_timerfd_settime = 286,
    SYS_io_uring_enter = 426
};

/* Returns the result, or minus an errno. */
static inline long syscall5(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long syscall_set_tls(unsigned long base)
{
    const long arch_set_fs = 0x1002;
    return syscall5(SYS_arch_prctl, arch_set_fs, (long)base, 0, 0, 0);
}

/* Repeats a trap of the given vector, so that its signal ends the process. */
static inline void trap_again(unsigned long vector)
{
    switch (vector) {
    case 0:  /* division, */
    case 16: /* x87 */
    case 19: /* and SSE errors are one signal, SIGFPE */
        __asm__ volatile("divl %0" : : "r"(0), "a"(0), "d"(0));
        break;
    case 3:
        __asm__ volatile("int3");
        break;
    case 6:
        __asm__ volatile("ud2");
        break;
    default:
        *(volatile char *)0 = 0;
    }
}

#endif
