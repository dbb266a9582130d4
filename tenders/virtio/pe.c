/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * BOOTX64.EFI: the UEFI loader and its payload as a PE32+ program (Microsoft's PE Format). It needs
 * no relocations, so it has none.
 */
#include <string.h>

#include "mkimage.h"

#define PE_OFFSET     64
#define HEADERS_SIZE  0x400
#define FILE_ALIGN    0x200
#define MEMORY_ALIGN  0x1000
#define OPTIONAL_SIZE 240 /* with 16 directories, all empty */
#define TEXT_ADDR     0x1000

#define SECTION_TEXT    0x60000020 /* code, may be executed and read */
#define SECTION_DATA    0xc0000080 /* zeros, may be read and written */
#define SECTION_PAYLOAD 0x40000040 /* data, may be read */

static uint32_t get_le32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static void put_section(uint8_t *to, const char *name, uint32_t addr, uint32_t size,
                        uint32_t file_offset, uint32_t file_size, uint32_t flags)
{
    memcpy(to, name, strlen(name));
    put_le32(to + 8, size);
    put_le32(to + 12, addr);
    put_le32(to + 16, file_size);
    put_le32(to + 20, file_offset);
    put_le32(to + 36, flags);
}

static void put_headers(uint8_t *to, uint32_t entry, uint32_t text_size, uint32_t image_size)
{
    uint8_t *coff = to + PE_OFFSET + 4, *optional = coff + 20;

    memcpy(to, "MZ", 2);
    put_le32(to + 60, PE_OFFSET);
    memcpy(to + PE_OFFSET, "PE\0", 4);
    put_le16(coff, 0x8664); /* x86_64 */
    put_le16(coff + 2, 3);  /* sections */
    put_le16(coff + 16, OPTIONAL_SIZE);
    put_le16(coff + 18, 0x0226); /* executable, large addresses, no line numbers, no debugging */
    put_le16(optional, 0x20b);   /* PE32+ */
    put_le32(optional + 4, text_size);
    put_le32(optional + 16, entry);
    put_le32(optional + 20, TEXT_ADDR);
    put_le32(optional + 32, MEMORY_ALIGN);
    put_le32(optional + 36, FILE_ALIGN);
    put_le32(optional + 56, image_size);
    put_le32(optional + 60, HEADERS_SIZE);
    put_le16(optional + 68, 10); /* an EFI application */
    put_le32(optional + 108, 16);
}

struct blob pe_make(const struct blob *payload)
{
    uint32_t loader_size = efi_loader_size;
    uint32_t entry = get_le32(efi_loader), data_addr = get_le32(efi_loader + 4);
    uint32_t payload_addr = get_le32(efi_loader + 8);
    uint32_t text_size = (uint32_t)round_up(loader_size, FILE_ALIGN);
    uint32_t payload_offset = HEADERS_SIZE + text_size, payload_size = (uint32_t)payload->size;
    struct blob pe = blob_new(payload_offset + round_up(payload->size, FILE_ALIGN));
    uint8_t *sections = pe.data + PE_OFFSET + 24 + OPTIONAL_SIZE;

    put_headers(pe.data, entry, text_size,
                (uint32_t)round_up(payload_addr + payload->size, MEMORY_ALIGN));
    put_section(sections, ".text", TEXT_ADDR, loader_size, HEADERS_SIZE, text_size, SECTION_TEXT);
    put_section(sections + 40, ".data", data_addr, payload_addr - data_addr, 0, 0, SECTION_DATA);
    put_section(sections + 80, ".payload", payload_addr, payload_size, payload_offset,
                (uint32_t)round_up(payload_size, FILE_ALIGN), SECTION_PAYLOAD);
    memcpy(pe.data + HEADERS_SIZE, efi_loader, loader_size);
    memcpy(pe.data + payload_offset, payload->data, payload->size);
    return pe;
}
