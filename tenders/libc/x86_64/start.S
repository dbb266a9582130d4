/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where the kernel enters a tender, and where a signal handler returns to.
 */
#include <sys/syscall.h>

    .text
    .globl _start
    .hidden _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    movq %rsp, %rdi
    andq $-16, %rsp
    call start
    ud2
    .size _start, . - _start

    .globl signal_return
    .hidden signal_return
    .type signal_return, @function
signal_return:
    movl $SYS_rt_sigreturn, %eax
    syscall
    ud2
    .size signal_return, . - signal_return

    .section .note.GNU-stack, "", @progbits
