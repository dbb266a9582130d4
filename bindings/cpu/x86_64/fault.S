/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A page fault: memory that is touched for the first time, after which the program goes on, or a
 * trap. The error code is on the stack; the C code uses general registers only.
 */
    .section .text.arch_fault, "ax", @progbits
    .globl arch_fault
    .type arch_fault, @function
arch_fault:
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    cld
    movq %cr2, %rdi
    call arch_fault_handle
    testb %al, %al
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    jz arch_trap_vectors + 14 * 16
    addq $8, %rsp
    iretq
    .size arch_fault, . - arch_fault
    .section .note.GNU-stack, "", @progbits
