/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Entering the guest: see enter.h. System V ABI for x86-64, 3.2 and 3.4: at the entry of a function
 * the stack is 8 bytes off a multiple of 16, and the direction flag is clear.
 */
#include <asm/prctl.h>
#include <sys/syscall.h>

    .text
    .globl spt_enter
    .hidden spt_enter
    .type spt_enter, @function
spt_enter:
    movq %rdi, %rbx
    movq %rsi, %rbp
    movq %rdx, %rsp
    movq 16(%rcx), %r12
    movq 24(%rcx), %r13
    movq (%rcx), %rdi
    movq 8(%rcx), %rsi
    movl $SYS_munmap, %eax
    syscall
    testq %rax, %rax
    jnz 1f
    movq %r12, %rdi
    movq %r13, %rsi
    movl $SYS_munmap, %eax
    syscall
    testq %rax, %rax
    jnz 1f
    movl $ARCH_SET_FS, %edi
    xorl %esi, %esi
    movl $SYS_arch_prctl, %eax
    syscall
    pushq %rbx
    movq %rbp, %rdi
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    pxor %xmm0, %xmm0
    pxor %xmm1, %xmm1
    pxor %xmm2, %xmm2
    pxor %xmm3, %xmm3
    pxor %xmm4, %xmm4
    pxor %xmm5, %xmm5
    pxor %xmm6, %xmm6
    pxor %xmm7, %xmm7
    pxor %xmm8, %xmm8
    pxor %xmm9, %xmm9
    pxor %xmm10, %xmm10
    pxor %xmm11, %xmm11
    pxor %xmm12, %xmm12
    pxor %xmm13, %xmm13
    pxor %xmm14, %xmm14
    pxor %xmm15, %xmm15
    cld
    /* The entry, which leaves the stack as it was given. */
    ret
1:  movl $1, %edi
    movl $SYS_exit_group, %eax
    syscall
    ud2
    .size spt_enter, . - spt_enter

    .section .note.GNU-stack, "", @progbits
