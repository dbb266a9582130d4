/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What loaders load (loader/payload.h), out of an image that image_open has found to be sound.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/payload.h"
#include "mkimage.h"
#include "range.h"

_Static_assert(PAYLOAD_SEGMENTS == IMAGE_MAX_SEGMENTS, "a payload has room for each segment");

#define PVH_NOTE_NAME "Xen"
#define PVH_NOTE_TYPE 18 /* Xen, public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY */
#define LIMIT_4G      (UINT64_C(1) << 32)
#define NOTES_MAX     8192

static bool read_at(const struct image *image, void *to, uint64_t size, uint64_t offset)
{
    return range_ok(offset, size, image->file_size) && read_all(image->fd, to, size, offset) == 0;
}

/* The entry's address when one of the (size) bytes of notes is PVH's; else 0. */
static uint32_t entry_in_notes(const uint8_t *notes, uint64_t size)
{
    Elf64_Nhdr header;
    uint64_t at = 0;

    while (size - at >= sizeof header) {
        uint64_t name = at + sizeof header, desc, end;
        uint32_t entry;

        memcpy(&header, notes + at, sizeof header);
        desc = name + (((uint64_t)header.n_namesz + 3) & ~UINT64_C(3));
        end = desc + (((uint64_t)header.n_descsz + 3) & ~UINT64_C(3));
        if (end > size)
            return 0;
        if (header.n_type == PVH_NOTE_TYPE && header.n_namesz == sizeof PVH_NOTE_NAME &&
            memcmp(notes + name, PVH_NOTE_NAME, sizeof PVH_NOTE_NAME) == 0 &&
            header.n_descsz >= sizeof entry) {
            memcpy(&entry, notes + desc, sizeof entry);
            return entry;
        }
        at = end;
    }
    return 0;
}

static uint32_t find_entry(const struct image *image)
{
    uint8_t notes[NOTES_MAX];
    Elf64_Ehdr header;
    uint32_t entry = 0;

    if (!read_at(image, &header, sizeof header, 0))
        return 0;
    for (unsigned i = 0; i < header.e_phnum && entry == 0; i++) {
        Elf64_Phdr p;

        if (!read_at(image, &p, sizeof p, header.e_phoff + i * sizeof p))
            return 0;
        if (p.p_type == PT_NOTE && p.p_filesz <= sizeof notes &&
            read_at(image, notes, p.p_filesz, p.p_offset))
            entry = entry_in_notes(notes, p.p_filesz);
    }
    return entry;
}

int payload_make(struct blob *blob, const struct image *image, const char *cmdline,
                 uint64_t memory_mb, struct error *error)
{
    struct payload payload = {
        .magic = PAYLOAD_MAGIC, .segment_count = image->segment_count, .memory_mb = memory_mb};
    uint64_t size = round_up(sizeof payload, PAYLOAD_ALIGN);

    payload.entry = find_entry(image);
    if (payload.entry == 0 || !image_contains(image, payload.entry, 1, PROT_EXEC))
        return error_set(error, "has no entry point for PVH; link it again");
    if (image->end > LIMIT_4G)
        return error_set(error, "reaches beyond 4 GB, where no loader can put it");
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];

        payload.segment[i] = (struct payload_segment){s->addr, s->size, s->file_size, size};
        size = round_up(size + s->file_size, PAYLOAD_ALIGN);
    }
    payload.size = size;
    memcpy(payload.cmdline, cmdline, strlen(cmdline) + 1);
    *blob = blob_new(size);
    memcpy(blob->data, &payload, sizeof payload);
    for (unsigned i = 0; i < image->segment_count; i++)
        if (!read_at(image, blob->data + payload.segment[i].offset, image->segment[i].file_size,
                     image->segment[i].offset))
            return error_set(error, "cannot read it: %s", strerror(errno));
    return 0;
}
