/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The BIOS loader: its first 512 bytes, which the BIOS loads, and what 16 bits have to do after
 * that; the rest is bios.c. A disk's first block holds the former alone, and the latter is read
 * from where mkimage has put it; from a CD the BIOS has loaded all of it (El Torito, no emulation).
 */
#include "segments.h"

        .code16
        .section .boot, "ax"
        .globl boot
boot:
        jmp     1f
        .byte   0x90
        .ascii  "QUINTET"               /* BIOS_MARK_OFFSET */
        .byte   0
1:      cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $boot, %sp
        ljmp    $0, $1f
1:      sti
        movb    %dl, bios_drive
        cmpw    $0, packet_count
        je      2f
        movb    $0x41, %ah              /* EDD 3.0: are there extended reads? */
        movw    $0x55aa, %bx
        int     $0x13
        movw    $no_extensions, %si
        jc      boot_error
        cmpw    $0xaa55, %bx
        jne     boot_error
        movb    $0x42, %ah
        movb    bios_drive, %dl
        movw    $packet, %si
        int     $0x13
        movw    $read_error, %si
        jc      boot_error
2:      jmp     start

boot_error:
        lodsb
        testb   %al, %al
        jz      3f
        movb    $0x0e, %ah
        movw    $7, %bx
        int     $0x10
        jmp     boot_error
3:      hlt
        jmp     3b

no_extensions:
        .asciz  "Quintet: this BIOS has no extended disk reads\r\n"
read_error:
        .asciz  "Quintet: the disk cannot be read\r\n"

        .org    0x190
packet: .byte   16, 0
packet_count:
        .word   0                       /* BIOS_LOADER_COUNT_OFFSET */
        .word   start, 0
        .quad   0                       /* BIOS_LOADER_LBA_OFFSET */
        .globl  bios_payload_lba, bios_block_shift, bios_drive
bios_payload_lba:
        .quad   0                       /* BIOS_PAYLOAD_LBA_OFFSET */
bios_block_shift:
        .long   9                       /* BIOS_BLOCK_SHIFT_OFFSET */
bios_drive:
        .byte   0
        .org    510
        .word   0xaa55

/* ---- After the first 512 bytes */

/* To 32 bits and the segments for it; EAX and EDX are lost. */
        .macro  enter_32
        lgdtl   gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $1f
        .code32
1:      call    load_data32
        .endm

        .text
start:
        cli
        enter_32
        movl    $boot, %esp
        movl    $bss, %edi
        movl    $bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        rep stosb
        call    bios_main

/* All data segments; DX is lost. */
load_data32:
        movl    $DATA32, %edx
        movl    %edx, %ds
        movl    %edx, %es
        movl    %edx, %fs
        movl    %edx, %gs
        movl    %edx, %ss
        ret

/* void bios_call(void): the interrupt bios_number of the BIOS with bios_registers in and out. */
        .globl  bios_call
bios_call:
        pushal
        movb    bios_number, %al
        movb    %al, number
        ljmpl   $CODE16, $1f
        .code16
1:      movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $~1, %al
        movl    %eax, %cr0
        ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        lidtl   real_idt
        movl    bios_registers, %eax
        movl    bios_registers + 4, %ebx
        movl    bios_registers + 8, %ecx
        movl    bios_registers + 12, %edx
        movl    bios_registers + 16, %esi
        movl    bios_registers + 20, %edi
        sti
        .byte   0xcd                    /* int */
number: .byte   0
        cli
        cld
        pushfl
        pushw   %ds
        pushl   %eax
        xorw    %ax, %ax
        movw    %ax, %ds
        popl    bios_registers
        movl    %ebx, bios_registers + 4
        movl    %ecx, bios_registers + 8
        movl    %edx, bios_registers + 12
        movl    %esi, bios_registers + 16
        movl    %edi, bios_registers + 20
        popw    %ax
        popl    bios_registers + 24
        enter_32
        popal
        ret

/* void bios_enter(uint32_t entry, const struct pvh_start *start): as PVH wants it. */
        .globl  bios_enter
bios_enter:
        movl    4(%esp), %eax
        movl    8(%esp), %ebx
        xorl    %ebp, %ebp
        pushl   $2
        popfl
        jmp     *%eax

        .section .rodata
        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      /* CODE32: 4 GiB */
        .quad   0x00cf93000000ffff      /* DATA32 */
        .quad   0x00009b000000ffff      /* CODE16: 64 KiB */
        .quad   0x000093000000ffff      /* DATA16 */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt
real_idt:
        .word   0x3ff
        .long   0
        .section .note.GNU-stack, "", @progbits
