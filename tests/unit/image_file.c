/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A small image: see image_file.h.
 */
#include "image_file.h"

#include <stddef.h>
#include <string.h>

static Elf64_Phdr segment(uint32_t type, uint32_t flags, uint64_t offset, uint64_t addr,
                          uint64_t file_size, uint64_t size)
{
    return (Elf64_Phdr){.p_type = type,
                        .p_flags = flags,
                        .p_offset = offset,
                        .p_vaddr = addr,
                        .p_paddr = addr,
                        .p_filesz = file_size,
                        .p_memsz = size,
                        .p_align = 4096};
}

static void make_notes(struct image_file *file, uint32_t target)
{
    file->abi.n_namesz = sizeof ABI1_NOTE_NAME;
    file->abi.n_descsz = sizeof file->abi.desc;
    file->abi.n_type = ABI1_NOTE_TYPE;
    memcpy(file->abi.n_name, ABI1_NOTE_NAME, sizeof ABI1_NOTE_NAME);
    file->abi.desc = (struct abi1_info){.abi_target = target, .abi_version = 2};

    file->ext.n_namesz = sizeof ABI1_NOTE_NAME;
    file->ext.n_descsz = sizeof file->ext.desc;
    file->ext.n_type = EXT1_NOTE_TYPE;
    memcpy(file->ext.n_name, ABI1_NOTE_NAME, sizeof ABI1_NOTE_NAME);
    file->ext.desc = (struct ext1_request){.version = EXT1_NOTE_VERSION,
                                           .size = sizeof(struct ext1_offer),
                                           .offer = IMAGE_DATA + 64,
                                           .trap = IMAGE_TEXT + 16};

    file->mft.note =
        (struct mft1_nhdr){sizeof MFT1_NOTE_NAME, sizeof file->mft - sizeof file->mft.note,
                           MFT1_NOTE_TYPE, MFT1_NOTE_NAME};
    file->mft.version = MFT_VERSION;
    file->mft.entries = 2;
    file->mft.entry[0].type = MFT_RESERVED_FIRST;
    file->mft.entry[1].type = MFT_DEV_NET_BASIC;
    strcpy(file->mft.entry[1].name, "service");
}

#define AT(member) offsetof(struct image_file, member)

void image_file_make(struct image_file *file, uint32_t target)
{
    memset(file, 0, sizeof *file);
    memcpy(file->header.e_ident, ELFMAG, SELFMAG);
    file->header.e_ident[EI_CLASS] = ELFCLASS64;
    file->header.e_ident[EI_DATA] = ELFDATA2LSB;
    file->header.e_ident[EI_VERSION] = EV_CURRENT;
    file->header.e_type = ET_EXEC;
    file->header.e_machine = EM_X86_64;
    file->header.e_version = EV_CURRENT;
    file->header.e_entry = IMAGE_TEXT;
    file->header.e_phoff = AT(segment);
    file->header.e_ehsize = sizeof file->header;
    file->header.e_phentsize = sizeof(Elf64_Phdr);
    file->header.e_phnum = SEGMENT_COUNT;
    file->segment[SEGMENT_TEXT] = segment(PT_LOAD, PF_R | PF_X, AT(text), IMAGE_TEXT,
                                          sizeof file->text - 100, sizeof file->text - 100);
    file->segment[SEGMENT_RODATA] = segment(PT_LOAD, PF_R, AT(rodata), IMAGE_RODATA, 4096, 4096);
    file->segment[SEGMENT_DATA] =
        segment(PT_LOAD, PF_R | PF_W, AT(data), IMAGE_DATA, sizeof file->data, IMAGE_BSS);
    file->segment[SEGMENT_ABI] = segment(PT_NOTE, PF_R, AT(abi), 0, sizeof file->abi, 0);
    file->segment[SEGMENT_MFT] = segment(PT_NOTE, PF_R, AT(mft), 0, sizeof file->mft, 0);
    file->segment[SEGMENT_EXT] = segment(PT_NOTE, PF_R, AT(ext), 0, sizeof file->ext, 0);
    memset(file->text, 0xcc, sizeof file->text);
    memset(file->data, 0xdd, sizeof file->data);
    make_notes(file, target);
}
