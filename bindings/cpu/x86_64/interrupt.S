/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What returns to the program. The handler of all interrupts (irq.h) acknowledges at the local APIC,
 * by the register in memory at arch_irq_eoi or, where that is 0, by the model-specific register, and
 * returns with interrupts off.
 */
#define MSR_X2APIC_EOI 0x80b
#define RFLAGS_IF      0x200

    .section .text.arch_irq, "ax", @progbits
    .globl arch_irq
    .type arch_irq, @function
arch_irq:
    pushq %rax
    pushq %rcx
    pushq %rdx
    movq arch_irq_eoi, %rcx
    xorl %eax, %eax
    testq %rcx, %rcx
    jz 1f
    movl %eax, (%rcx)
    jmp 2f
1:  movl $MSR_X2APIC_EOI, %ecx
    xorl %edx, %edx
    wrmsr
2:  popq %rdx
    popq %rcx
    popq %rax
    andl $~RFLAGS_IF, 16(%rsp)
    iretq
    .size arch_irq, . - arch_irq

/* A spurious interrupt is not acknowledged (SDM vol. 3, 11.9). */
    .globl arch_irq_spurious
    .type arch_irq_spurious, @function
arch_irq_spurious:
    andl $~RFLAGS_IF, 16(%rsp)
    iretq
    .size arch_irq_spurious, . - arch_irq_spurious
/*
 * A page fault: memory that is touched for the first time, after which the program goes on, or a trap.
 * The error code is on the stack; the C code uses general registers only.
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
