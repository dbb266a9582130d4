/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loaders, as the build has made them, in mkimage.
 */
        .section .rodata
        .globl  bios_loader, bios_loader_end, efi_loader, efi_loader_end
        .balign 16
bios_loader:
        .incbin "bios.bin"
bios_loader_end:
        .balign 16
efi_loader:
        .incbin "efi.bin"
efi_loader_end:
        .section .note.GNU-stack, "", @progbits
