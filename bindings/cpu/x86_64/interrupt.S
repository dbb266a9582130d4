/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The handler of all interrupts: they have done all that they are for when the processor is awake.
 * It acknowledges at the local APIC, by the register in memory at arch_irq_eoi or, where that is 0,
 * by the model-specific register (SDM vol. 3, 11.8.5), and returns with interrupts off.
 */
#define MSR_X2APIC_EOI 0x80b
#define RFLAGS_IF      0x200

    .section .bss.arch_timer_set, "aw", @nobits
    .balign 8
    .globl arch_timer_set
    .type arch_timer_set, @object
arch_timer_set:
    .zero 8
    .size arch_timer_set, 8

/* The one of a timer that tells by its interrupt that it is not set any more. */
    .section .text.arch_irq_timer, "ax", @progbits
    .globl arch_irq_timer
    .type arch_irq_timer, @function
arch_irq_timer:
    movq $0, arch_timer_set
    jmp arch_irq
    .size arch_irq_timer, . - arch_irq_timer

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
    .section .note.GNU-stack, "", @progbits
