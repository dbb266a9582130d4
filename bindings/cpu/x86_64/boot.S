/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where a boot loader enters an image that owns a whole machine, by whichever of three protocols:
 *
 *   _start           64 bits, boot_params in RSI: Linux, Documentation/x86/boot, "64-bit boot protocol"
 *   pvh_entry        32 bits without paging, hvm_start_info in EBX: Xen, docs/misc/pvh, found by note
 *   multiboot_entry  32 bits without paging, information in EBX: multiboot 0.6.96, found by header
 *
 * All arrive in machine_enter with the first 4 GiB mapped to themselves, on a small stack, with SSE on
 * and no interrupts; start then runs on the stack that machine_enter returns the top of.
 */
#define ENTRY_LINUX     1 /* enum machine_entry, machine.h */
#define ENTRY_PVH       2
#define ENTRY_MULTIBOOT 3
#define ENTRY_FIVE      4

#define SEL_CODE64 0x08
#define SEL_DATA   0x10

#define CR0_NEEDED 0x80010023 /* PG, WP, NE, MP, PE */
#define CR0_REFUSED 0x6000000c /* CD, NW, TS, EM */
#define CR4_NEEDED 0x00000620 /* OSXMMEXCPT, OSFXSR, PAE */
#define CR4_PAE    0x00000020
#define CR4_LA57   0x00001000 /* tables have five levels */

#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

#define MULTIBOOT_MAGIC        0x1badb002
#define MULTIBOOT_LOADER_MAGIC 0x2badb002
#define MULTIBOOT_FLAGS        0x00010002 /* the fields with addresses count; a memory map is wanted */
#define MULTIBOOT_OFFSET       0xfd0

#define PVH_NOTE_TYPE 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

/*
 * Builds the first tables and turns their address into CR3: 4 GiB in pages of 2 MiB, all of which may
 * be written and executed, for as long as machine_enter needs. The tables are zero before. Assembles
 * to the same in 32 and in 64 bits; uses EAX and EDI.
 */
.macro first_tables
    movl $boot_pdpt + 3, boot_pml4
    movl $boot_pd + 3, boot_pdpt
    movl $boot_pd + 0x1003, boot_pdpt + 8
    movl $boot_pd + 0x2003, boot_pdpt + 16
    movl $boot_pd + 0x3003, boot_pdpt + 24
    movl $boot_pd, %edi
    movl $0x83, %eax
1:  movl %eax, (%edi)
    addl $8, %edi
    addl $0x200000, %eax
    jnc 1b
    movl $boot_pml4, %eax
.endm

    .section .text.entry, "ax", @progbits
    .code64
    .globl _start
    .type _start, @function
_start:
    cli
    cld
    movq %cr4, %rax
    testl $CR4_LA57, %eax
    jnz five_levels
    first_tables
    movq %rax, %cr3
    movl $ENTRY_LINUX, %ebp
    movq %rsi, %rbx
    jmp enter64
/* Ours would be misread, and nothing changes that while there is paging (SDM vol. 3, 4.1.1): machine_enter
 * says so on the loader's. */
five_levels:
    movl $boot_stack_top, %esp
    movl $ENTRY_FIVE, %edi
    xorl %ebp, %ebp
    call machine_enter
    ud2
    .size _start, . - _start

    .code32
    .globl pvh_entry
pvh_entry:
    movl $ENTRY_PVH, %ebp
    jmp enter32

multiboot_entry:
    movl $ENTRY_MULTIBOOT, %ebp
    cmpl $MULTIBOOT_LOADER_MAGIC, %eax
    je enter32
    movl %eax, %ebx
    xorl %ebp, %ebp /* ENTRY_UNKNOWN */
enter32:
    cli
    cld
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    first_tables
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000001, %eax
    movl %eax, %cr0
    lgdt boot_gdt_register
    ljmp $SEL_CODE64, $long_mode

    .code64
long_mode:
    movl %ebx, %ebx
/* EBP: how we came here; RBX: the loader's structure. */
enter64:
    lgdt boot_gdt_register
    movl $SEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movl $boot_stack_top, %esp
    movq %cr0, %rax
    andl $~CR0_REFUSED, %eax
    orl $CR0_NEEDED, %eax
    movq %rax, %cr0
    movl $CR4_NEEDED, %eax
    movq %rax, %cr4
    fninit
    ldmxcsr boot_mxcsr
    movl %ebp, %edi
    movq %rbx, %rsi
    xorl %ebp, %ebp
    call machine_enter
    movq %rax, %rsp
    xorl %edi, %edi
    call start
    ud2

    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* code: present, 64-bit, ring 0, accessed */
    .quad 0x00cf93000000ffff /* data: present, writable, ring 0, accessed */
boot_gdt_register:
    .word boot_gdt_register - boot_gdt - 1
    .quad boot_gdt
boot_mxcsr:
    .long 0x1f80 /* as after a reset: no exceptions, to nearest */

/*
 * A loader looks for this in the first 8 KiB of the file, of which text has the second half. It
 * stands at the end of them, since QEMU, which gives up 16 bytes earlier, does better by PVH: there it
 * does not put the file's name before the command line. The addresses let loaders that know no 64-bit
 * ELF load the file as one piece.
 */
    .org MULTIBOOT_OFFSET
multiboot_header:
    .long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
    .long multiboot_header, _stext, _edata, _end, multiboot_entry

    /* The last note of the image: Firecracker and others look at the last segment of notes only. */
    .section .note.solo5.extension.pvh, "a", @note
    .balign 4
    .long 4, 4, PVH_NOTE_TYPE
    .asciz "Xen"
    .long pvh_entry

    .bss
    .balign 4096
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
boot_pd:
    .skip 4 * 4096
    .skip 8192
boot_stack_top:
    .section .note.GNU-stack, "", @progbits
