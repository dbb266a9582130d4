/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Finds the notes of owner "Solo5" in the PT_NOTE segments of an image. The first
 * of a type counts. Limits keep a hostile image from costing more time than a
 * unikernel's few short notes do.
 */
#include "elf_notes.h"

#include <elf.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEGMENTS   256
#define MAX_NOTE_BYTES 65536 /* of one PT_NOTE segment */

static const char owner[] = "Solo5";

/* A note that is looked for: its type, and what to call it in a fault. */
struct note_kind {
    uint32_t type;
    const char *what;
};

/* What came of the search in one segment; FAULTY: the fault is set, there is no going on. */
enum outcome { FOUND, ABSENT, DAMAGED, FAULTY };

/* A note's descriptor; the bytes belong to libelf and live as long as the Elf. */
struct note {
    const unsigned char *bytes;
    size_t size;
};

const char *elf_notes_target_name(uint32_t target)
{
    static const char *const names[] = {
        [HVT_ABI_TARGET] = "hvt",   [SPT_ABI_TARGET] = "spt",       [VIRTIO_ABI_TARGET] = "virtio",
        [MUEN_ABI_TARGET] = "muen", [GENODE_ABI_TARGET] = "genode", [XEN_ABI_TARGET] = "xen",
    };

    return target < sizeof names / sizeof names[0] ? names[target] : NULL;
}

static int check_image(Elf *elf, size_t *segments, struct fault *fault)
{
    GElf_Ehdr header;
    const char *ident;

    if (elf_kind(elf) != ELF_K_ELF)
        return fault_set(fault, "not an ELF file; give the linked unikernel");
    ident = elf_getident(elf, NULL);
    if (ident == NULL || ident[EI_CLASS] != ELFCLASS64)
        return fault_set(fault, "not a 64-bit ELF file; give the linked unikernel");
    if (ident[EI_DATA] != ELFDATA2LSB)
        return fault_set(fault, "not a little-endian ELF file; give the linked unikernel");
    if (gelf_getehdr(elf, &header) == NULL)
        return fault_set(fault, "damaged ELF header: %s", elf_errmsg(-1));
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return fault_set(fault, "not linked yet (ELF type %u); give the linked unikernel",
                         (unsigned)header.e_type);
    if (elf_getphdrnum(elf, segments) != 0)
        return fault_set(fault, "damaged program headers: %s", elf_errmsg(-1));
    if (*segments == 0)
        return fault_set(fault, "no program headers; give the linked unikernel");
    if (*segments > MAX_SEGMENTS)
        return fault_set(fault, "%zu program headers; a unikernel has at most %d", *segments,
                         MAX_SEGMENTS);
    return 0;
}

/*
 * Looks for the note in one segment's bytes.
 */
static enum outcome find_in_data(Elf_Data *data, const struct note_kind *kind, struct note *note)
{
    const unsigned char *bytes = data->d_buf;
    size_t offset = 0;

    while (offset < data->d_size) {
        size_t name, desc;
        GElf_Nhdr header;

        offset = gelf_getnote(data, offset, &header, &name, &desc);
        if (offset == 0)
            return DAMAGED;
        if (header.n_type == kind->type && header.n_namesz == sizeof owner &&
            memcmp(bytes + name, owner, sizeof owner) == 0) {
            note->bytes = bytes + desc;
            note->size = header.n_descsz;
            return FOUND;
        }
    }
    return ABSENT;
}

/*
 * The notes are read with padding to 4 bytes whatever the segment's alignment is:
 * the manifest's own padding is part of its descriptor (ELF gABI, note section).
 */
static enum outcome find_in_segment(Elf *elf, const GElf_Phdr *segment,
                                    const struct note_kind *kind, struct note *note,
                                    struct fault *fault)
{
    Elf_Data *data = NULL;

    if (segment->p_type != PT_NOTE || segment->p_filesz == 0)
        return ABSENT;
    if (segment->p_filesz > MAX_NOTE_BYTES) {
        fault_set(fault, "a note segment of %llu bytes; a unikernel's has at most %d",
                  (unsigned long long)segment->p_filesz, MAX_NOTE_BYTES);
        return FAULTY;
    }
    if (segment->p_offset <= INT64_MAX)
        data = elf_getdata_rawchunk(elf, (int64_t)segment->p_offset, segment->p_filesz, ELF_T_NHDR);
    if (data == NULL) {
        fault_set(fault,
                  "truncated: a note segment at offset %llu lies outside the file; "
                  "link the unikernel again",
                  (unsigned long long)segment->p_offset);
        return FAULTY;
    }
    return find_in_data(data, kind, note);
}

static int find_note(Elf *elf, const struct note_kind *kind, struct note *note, struct fault *fault)
{
    bool damaged = false;
    size_t segments;

    if (check_image(elf, &segments, fault) != 0)
        return -1;
    for (size_t i = 0; i < segments; i++) {
        GElf_Phdr segment;

        if (gelf_getphdr(elf, (int)i, &segment) == NULL)
            return fault_set(fault, "damaged program headers: %s", elf_errmsg(-1));
        switch (find_in_segment(elf, &segment, kind, note, fault)) {
        case FOUND:
            return 0;
        case ABSENT:
            break;
        case DAMAGED:
            damaged = true;
            break;
        case FAULTY:
            return -1;
        }
    }
    if (damaged)
        return fault_set(fault, "no Solo5 %s, and notes that are damaged; link the unikernel again",
                         kind->what);
    return fault_set(fault, "no Solo5 %s; give a unikernel that a toolchain wrapper has linked",
                     kind->what);
}

struct mft *elf_notes_manifest(Elf *elf, struct fault *fault)
{
    static const struct note_kind kind = {MFT1_NOTE_TYPE, "manifest"};
    const size_t padding = offsetof(struct mft1_note, m) - sizeof(struct mft1_nhdr);
    const char *reason;
    struct note note;
    struct mft *mft;
    size_t size;

    if (find_note(elf, &kind, &note, fault) != 0)
        return NULL;
    if (note.size < padding || note.size > MFT1_NOTE_MAX_SIZE) {
        fault_set(fault, "manifest note has %zu bytes; it can have %zu to %zu", note.size,
                  MFT1_NOTE_DESC_SIZE(1), MFT1_NOTE_MAX_SIZE);
        return NULL;
    }

    /* A copy, because a note in the file need not be aligned. */
    size = note.size - padding;
    mft = calloc(1, mft_size(MFT_MAX_ENTRIES));
    if (mft == NULL) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    memcpy(mft, note.bytes + padding, size);
    if (mft_validate(mft, size, &reason) != 0) {
        fault_set(fault, "%s; generate the manifest and link again", reason);
        free(mft);
        return NULL;
    }
    return mft;
}

int elf_notes_abi(Elf *elf, struct abi1_info *abi, struct fault *fault)
{
    static const struct note_kind kind = {ABI1_NOTE_TYPE, "ABI note"};
    struct note note;

    if (find_note(elf, &kind, &note, fault) != 0)
        return -1;
    if (note.size != sizeof *abi)
        return fault_set(fault, "ABI note has %zu bytes; it must have %zu", note.size, sizeof *abi);
    memcpy(abi, note.bytes, sizeof *abi);
    if (elf_notes_target_name(abi->abi_target) == NULL)
        return fault_set(fault, "ABI note names target %u, which is unknown", abi->abi_target);
    return 0;
}
