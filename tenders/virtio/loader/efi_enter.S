/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The UEFI loader's way from 64 bits to what PVH wants.
 */
#include "segments.h"

        .text
/*
 * void efi_enter(uint32_t entry, uint32_t start, void *low): leaves 64 bits. Copied to (low), 4 KiB
 * below 4 GiB, and called there; uses the end of them as its stack.
 */
        .globl  efi_enter, efi_enter_end
efi_enter:
        cli
        leaq    4096(%rdx), %rsp
        leaq    gdt(%rip), %rax
        movq    %rax, gdt_pointer + 2(%rip)
        lgdt    gdt_pointer(%rip)
        movq    %cr4, %rax              /* PCIDE before paging is off: SDM vol. 3, 4.10.1 */
        btrq    $17, %rax
        movq    %rax, %cr4
        pushq   $CODE32
        leaq    1f(%rip), %rax
        pushq   %rax
        lretq
        .code32
1:      movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    %cr0, %eax
        andl    $0x7fffffff, %eax       /* PG */
        movl    %eax, %cr0
        movl    $0xc0000080, %ecx       /* EFER */
        xorl    %eax, %eax
        xorl    %edx, %edx
        wrmsr
        movl    %eax, %cr4
        movl    $0x11, %eax             /* ET, PE */
        movl    %eax, %cr0
        movl    %esi, %ebx
        xorl    %ebp, %ebp
        pushl   $2
        popfl
        jmp     *%edi

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      /* CODE32: 4 GiB */
        .quad   0x00cf93000000ffff      /* DATA32 */
gdt_pointer:
        .word   . - gdt - 1
        .quad   0
efi_enter_end:
        .section .note.GNU-stack, "", @progbits
