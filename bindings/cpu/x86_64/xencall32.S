/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A call of Xen from 32-bit code (xen/include/public/arch-x86/xen-x86_32.h: number in EAX, arguments
 * in EBX, ECX), for what Xen does only when it sees a guest change its width.
 *
 *     void xencall_from_32_bits(bool vmmcall, uint32_t number, uint32_t a, const void *b)
 *
 * The stack, which may lie above 4 GiB, is not used in between, and no register is counted on that
 * the processor may change with its mode (SDM vol. 1, 3.4.1.1).
 */
#define SEL_CODE64 0x08
#define SEL_CODE32 0x18

    .text
    .code64
    .globl xencall_from_32_bits
    .type xencall_from_32_bits, @function
xencall_from_32_bits:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $16, %rsp
    sgdt (%rsp)
    movq %rsp, stack
    lgdt gdt_register
    movl %esi, %eax
    movl %edx, %ebx
    pushq $SEL_CODE32
    pushq $1f
    lretq
    .code32
1:  testl %edi, %edi
    jz 2f
    vmmcall
    jmp 3f
2:  vmcall
3:  ljmp $SEL_CODE64, $4f
    .code64
4:  movq stack, %rsp
    lgdt (%rsp)
    addq $16, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .size xencall_from_32_bits, . - xencall_from_32_bits

    .section .rodata, "a", @progbits
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x00cf9b000000ffff
gdt_register:
    .word gdt_register - gdt - 1
    .quad gdt

    .bss
    .balign 8
stack:
    .skip 8
    .section .note.GNU-stack, "", @progbits
