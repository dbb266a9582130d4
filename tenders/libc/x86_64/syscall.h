/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A system call of Linux on x86_64: number in rax, arguments in rdi, rsi, rdx, r10, r8, r9; rcx and
 * r11 are lost; -4095 to -1 is an error. System V ABI for AMD64, A.2.1.
 */
#ifndef TENDERS_LIBC_SYSCALL_H
#define TENDERS_LIBC_SYSCALL_H

static inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#endif
