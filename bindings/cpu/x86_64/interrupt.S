/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The handler of all interrupts: they have done all that they are for when the processor is awake.
 * It acknowledges at the local APIC, by the register in memory at arch_irq_eoi or, where that is 0,
 * by the model-specific register (SDM vol. 3, 11.8.5), and returns with interrupts off, to where
 * the processor is awake.
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
    jmp arch_irq_spurious
    .size arch_irq, . - arch_irq

/* A spurious interrupt is not acknowledged (SDM vol. 3, 11.9).
 *
 * No interrupt should come between sti and hlt, but one does where the host left the guest just
 * there and forgot it (QEMU's emulation of SVM), or after an NMI: the processor would halt with
 * interrupts off, for ever. So hlt, an instruction of one byte, is not gone back to. */
    .globl arch_irq_spurious
    .type arch_irq_spurious, @function
arch_irq_spurious:
    andl $~RFLAGS_IF, 16(%rsp)
    cmpq $arch_halt_hlt, (%rsp)
    jne 1f
    incq (%rsp)
1:  iretq
    .size arch_irq_spurious, . - arch_irq_spurious

/* What an interrupt writes below the stack is touched first: a fault while it is delivered might
 * lose it. */
    .section .text.arch_halt, "ax", @progbits
    .globl arch_halt
    .type arch_halt, @function
arch_halt:
    movb $0, -256(%rsp)
    sti
    .globl arch_halt_hlt
arch_halt_hlt:
    hlt
    cli
    ret
    .size arch_halt, . - arch_halt
    .section .note.GNU-stack, "", @progbits
