/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where the processor arrives after an exception: one stub of 16 bytes a vector, which completes the
 * frame of arch.h (struct trap_frame) and calls trap_handle. Nothing returns from there.
 */
    .text
    .balign 16
    .globl arch_trap_vectors
arch_trap_vectors:
    .set vector, 0
    .rept 32
    .balign 16
    /* These push an error code (SDM vol. 3, 6.15); for the others a zero takes its place. */
    .if vector != 8 && vector != 10 && vector != 11 && vector != 12 && vector != 13 && vector != 14 && vector != 17 && vector != 21 && vector != 29 && vector != 30
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

    .globl arch_trap_entry
arch_trap_entry:
trap_common:
    cld
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %cr2, %rax
    pushq %rax
    movq %rsp, %rdi
    xorl %ebp, %ebp
    andq $-16, %rsp
    call trap_handle
    ud2
    .section .note.GNU-stack, "", @progbits
