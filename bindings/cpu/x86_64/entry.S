/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The entry point: boot information in RDI, stack at the top of memory. The stack is aligned as for
 * a call (System V ABI for x86-64, 3.2.2), and a zero frame pointer ends every backtrace.
 */
    .section .text.entry, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    cld
    xorl %ebp, %ebp
    andq $-16, %rsp
    call start
    ud2
    .size _start, . - _start
    .section .note.GNU-stack, "", @progbits
