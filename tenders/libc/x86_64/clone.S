/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * long thread_clone(unsigned long flags, void *stack_end, void *(*start)(void *), void *arg)
 *
 * clone(2), "C library/kernel differences": the new thread returns from the call as this one does,
 * on its own stack, which has what to call there.
 */
#include <sys/syscall.h>

    .text
    .globl thread_clone
    .hidden thread_clone
    .type thread_clone, @function
thread_clone:
    subq $16, %rsi
    movq %rdx, (%rsi)
    movq %rcx, 8(%rsi)
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    movl $SYS_clone, %eax
    syscall
    testq %rax, %rax
    jz 1f
    ret
1:  xorl %ebp, %ebp
    popq %rax
    popq %rdi
    call *%rax
    ud2
    .size thread_clone, . - thread_clone

    .section .note.GNU-stack, "", @progbits
