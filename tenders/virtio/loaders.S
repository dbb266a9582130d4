/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loaders, as the build has made them, in mkimage.
 */
        .section .rodata
        .globl  bios_loader, bios_loader_size, efi_loader, efi_loader_size
        .balign 16
bios_loader:
        .incbin "bios.bin"
        .balign 4
bios_loader_size:
        .long   . - bios_loader
        .balign 16
efi_loader:
        .incbin "efi.bin"
        .balign 4
efi_loader_size:
        .long   . - efi_loader
        .section .note.GNU-stack, "", @progbits
