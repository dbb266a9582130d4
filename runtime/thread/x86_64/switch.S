/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The context switch, see thread.h. What a call preserves: System V ABI, AMD64, 3.2.1; the control
 * bits of MXCSR and the x87 control word are among it.
 */

    .text
    .globl arch_switch
    .type arch_switch, @function
arch_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size arch_switch, . - arch_switch

/* arch_stack_prepare(top, entry): the frame that arch_switch pops, with (entry) in rbx, and
 * enter_thread as its return address, above which the stack is aligned as after a call's arguments.
 * The frame pointer of the first frame is 0, which ends a backtrace. */
    .globl arch_stack_prepare
    .type arch_stack_prepare, @function
arch_stack_prepare:
    lea -64(%rdi), %rax
    stmxcsr (%rax)
    fnstcw 4(%rax)
    movq $0, 8(%rax)
    movq $0, 16(%rax)
    movq $0, 24(%rax)
    movq $0, 32(%rax)
    mov %rsi, 40(%rax)
    movq $0, 48(%rax)
    lea enter_thread(%rip), %rdx
    mov %rdx, 56(%rax)
    ret
    .size arch_stack_prepare, . - arch_stack_prepare

    .type enter_thread, @function
enter_thread:
    call *%rbx
    ud2
    .size enter_thread, . - enter_thread

    .section .note.GNU-stack, "", @progbits
