/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Loads a unikernel: see image.h. ELF-64 Object File Format 1.5, and the notes of elf_abi.h and
 * mft_abi.h.
 */
#include "image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"
#include "mft.h"
#include "range.h"

#define MAX_PROGRAM_HEADERS 64

/* Least room between the image and the end of memory: the guest's first stack. */
#define MIN_ROOM (16 * PAGE_SIZE)

/* Up to this size what a segment has in the file is read, which is then faster than a mapping. */
#define READ_MAX (4 * PAGE_SIZE)

#define HEAD_SIZE 4096
#define NOTES_MAX 8192

/* The first bytes of the file, where the headers usually are. */
struct head {
    _Alignas(8) uint8_t bytes[HEAD_SIZE];
    uint64_t len;
};

static const struct {
    const char *name;
    const char *runner; /* NULL: none of ours */
} targets[] = {
    [HVT_ABI_TARGET] = {"hvt", "solo5-hvt"},
    [SPT_ABI_TARGET] = {"spt", "solo5-spt"},
    [VIRTIO_ABI_TARGET] = {"virtio", "solo5-virtio-run"},
    [MUEN_ABI_TARGET] = {"muen", NULL},
    [GENODE_ABI_TARGET] = {"genode", NULL},
    [XEN_ABI_TARGET] = {"xen", "solo5-xen-run"},
};

struct mft *image_mft(struct image *image)
{
    return (struct mft *)image->mft;
}

int read_all(int fd, void *to, uint64_t len, uint64_t offset)
{
    uint8_t *p = to;

    while (len != 0) {
        ssize_t got = pread(fd, p, len, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = ENODATA;
        if (got <= 0)
            return -1;
        p += got;
        len -= (uint64_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

static int open_file(struct image *image, struct error *error)
{
    struct stat st;

    if (fstat(image->fd, &st) != 0)
        return error_set(error, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(error, "not a regular file; give the file of a unikernel");
    image->file_size = (uint64_t)st.st_size;
    return 0;
}

static const char *machine_name(unsigned machine)
{
    return machine == EM_X86_64 ? "x86_64" : machine == EM_AARCH64 ? "aarch64" : "another machine";
}

static int check_header(const Elf64_Ehdr *header, struct error *error)
{
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return error_set(error, "not an ELF file; give the linked unikernel");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_ident[EI_VERSION] != EV_CURRENT)
        return error_set(error, "not a 64-bit little-endian ELF file");
    if (header->e_machine != MACHINE_ELF)
        return error_set(error, "image is for %s, and this is a tender for %s",
                         machine_name(header->e_machine), machine_name(MACHINE_ELF));
    if (header->e_type != ET_EXEC)
        return error_set(error,
                         "not a static executable at a fixed address (ELF type %u); link it "
                         "with the toolchain wrappers",
                         header->e_type);
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
        header->e_phnum > MAX_PROGRAM_HEADERS)
        return error_set(error, "%u program headers of %u bytes; a unikernel has 1 to %d of %zu",
                         header->e_phnum, header->e_phentsize, MAX_PROGRAM_HEADERS,
                         sizeof(Elf64_Phdr));
    return 0;
}

static int check_segment(const struct image *image, const Elf64_Phdr *p, unsigned index,
                         const struct tender *tender, struct error *error)
{
    unsigned long long addr = p->p_vaddr;
    uint64_t end;

    if (image->segment_count == IMAGE_MAX_SEGMENTS)
        return error_set(error, "more than %d loadable segments", IMAGE_MAX_SEGMENTS);
    if (!page_aligned(p->p_vaddr))
        return error_set(error, "segment %u: address 0x%llx is not page aligned", index, addr);
    if (p->p_vaddr < tender->image_base)
        return error_set(error,
                         "segment %u: address 0x%llx is below 0x%llx, the lowest for an "
                         "image",
                         index, addr, (unsigned long long)tender->image_base);
    if (__builtin_add_overflow(p->p_vaddr, p->p_memsz, &end) || end > UINT64_MAX - PAGE_SIZE)
        return error_set(error, "segment %u: wraps around the end of the address space", index);
    if (p->p_filesz > p->p_memsz)
        return error_set(error, "segment %u: larger in the file than in memory", index);
    if (!range_ok(p->p_offset, p->p_filesz, image->file_size))
        return error_set(error, "segment %u: lies beyond the end of the file, which is truncated",
                         index);
    if ((p->p_flags & PF_W) && (p->p_flags & PF_X))
        return error_set(error, "segment %u: both writable and executable", index);
    if (p->p_vaddr < image->end)
        return error_set(error, "segment %u: overlaps the one before it, or is out of order",
                         index);
    return 0;
}

static int add_segment(struct image *image, const Elf64_Phdr *p, unsigned index,
                       const struct tender *tender, struct error *error)
{
    struct image_segment *segment = &image->segment[image->segment_count];

    if (check_segment(image, p, index, tender, error) != 0)
        return -1;
    *segment = (struct image_segment){
        .addr = p->p_vaddr,
        .size = p->p_memsz,
        .file_size = p->p_filesz,
        .offset = p->p_offset,
        /* No processor of ours has pages that can only be written or executed. */
        .protection = ((p->p_flags & (PF_R | PF_W | PF_X)) ? PROT_READ : PROT_NONE) |
                      ((p->p_flags & PF_W) ? PROT_WRITE : 0) |
                      ((p->p_flags & PF_X) ? PROT_EXEC : 0),
    };
    image->end = page_up(p->p_vaddr + p->p_memsz);
    image->segment_count++;
    return 0;
}

static int set_target(const struct abi1_info *info, const struct tender *tender,
                      struct error *error)
{
    const size_t count = sizeof targets / sizeof targets[0];
    const char *own = targets[tender->abi_target].name;

    if (info->abi_target >= count || targets[info->abi_target].name == NULL)
        return error_set(error, "image is for target %u, which is unknown", info->abi_target);
    if (info->abi_target != tender->abi_target) {
        const char *runner = targets[info->abi_target].runner;

        return error_set(error, "image is for %s, not for %s; %s%s%slink it with -z solo5-abi=%s",
                         targets[info->abi_target].name, own, runner ? "run it with " : "",
                         runner ? runner : "", runner ? ", or " : "", own);
    }
    if (info->abi_version != tender->abi_version)
        return error_set(error,
                         "image has version %u of the %s ABI, %s knows version %u; link it "
                         "again",
                         info->abi_version, own, tender->name, tender->abi_version);
    return 0;
}

/* What the notes have said so far. */
struct notes {
    bool abi, mft;
    const struct tender *tender;
};

static int read_abi1(struct image *image, struct notes *notes, const uint8_t *desc, uint32_t len,
                     struct error *error)
{
    struct abi1_info info;

    (void)image;
    if (notes->abi)
        return error_set(error, "image has two ABI notes");
    if (len != sizeof info)
        return error_set(error, "ABI note has %u bytes; it must have %zu", len, sizeof info);
    memcpy(&info, desc, sizeof info);
    notes->abi = true;
    return set_target(&info, notes->tender, error);
}

static int read_mft1(struct image *image, struct notes *notes, const uint8_t *desc, uint32_t len,
                     struct error *error)
{
    const uint32_t padding = offsetof(struct mft1_note, m) - sizeof(struct mft1_nhdr);
    const char *reason;

    if (notes->mft)
        return error_set(error, "image has two manifests");
    if (len < padding || len > MFT1_NOTE_MAX_SIZE)
        return error_set(error, "manifest note has %u bytes; it can have %zu to %zu", len,
                         MFT1_NOTE_DESC_SIZE(1), MFT1_NOTE_MAX_SIZE);
    memcpy(image->mft, desc + padding, len - padding);
    if (mft_validate(image_mft(image), len - padding, &reason) != 0)
        return error_set(error, "%s; generate it again and link again", reason);
    notes->mft = true;
    return 0;
}

/* Kept for check_ext1: the segments that it speaks of may not be known yet. */
static int read_ext1(struct image *image, struct notes *notes, const uint8_t *desc, uint32_t len,
                     struct error *error)
{
    (void)notes;
    if (image->has_ext1)
        return error_set(error, "image has two extension notes");
    if (len < sizeof image->ext1)
        return error_set(error, "extension note has %u bytes; it must have %zu", len,
                         sizeof image->ext1);
    memcpy(&image->ext1, desc, sizeof image->ext1);
    image->has_ext1 = true;
    return 0;
}

static const struct {
    uint32_t type;
    int (*read)(struct image *, struct notes *, const uint8_t *, uint32_t, struct error *);
} note_readers[] = {
    {ABI1_NOTE_TYPE, read_abi1},
    {MFT1_NOTE_TYPE, read_mft1},
    {EXT1_NOTE_TYPE, read_ext1},
};

static int read_note(struct image *image, struct notes *notes, const Elf64_Nhdr *header,
                     const uint8_t *name, const uint8_t *desc, struct error *error)
{
    if (header->n_namesz != sizeof ABI1_NOTE_NAME ||
        memcmp(name, ABI1_NOTE_NAME, sizeof ABI1_NOTE_NAME) != 0)
        return 0;
    for (size_t i = 0; i < sizeof note_readers / sizeof note_readers[0]; i++)
        if (note_readers[i].type == header->n_type)
            return note_readers[i].read(image, notes, desc, header->n_descsz, error);
    return 0;
}

/* ELF gABI, note section: name and descriptor are each padded to 4 bytes. */
static int parse_notes(struct image *image, struct notes *notes, const uint8_t *bytes, uint64_t len,
                       struct error *error)
{
    uint64_t at = 0;

    while (len - at >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr header;
        uint64_t name = at + sizeof header, desc, end;

        memcpy(&header, bytes + at, sizeof header);
        desc = name + (((uint64_t)header.n_namesz + 3) & ~UINT64_C(3));
        end = desc + header.n_descsz;
        if (end > len)
            return error_set(error, "a note is longer than its segment");
        if (read_note(image, notes, &header, bytes + name, bytes + desc, error) != 0)
            return -1;
        end = (end + 3) & ~UINT64_C(3);
        if (end > len)
            break;
        at = end;
    }
    return 0;
}

static int read_notes(struct image *image, struct notes *notes, const Elf64_Phdr *p,
                      const struct head *head, struct error *error)
{
    _Alignas(8) uint8_t buffer[NOTES_MAX];

    if (p->p_filesz > NOTES_MAX)
        return error_set(error, "a note segment has %llu bytes; a unikernel's has at most %d",
                         (unsigned long long)p->p_filesz, NOTES_MAX);
    if (!range_ok(p->p_offset, p->p_filesz, image->file_size))
        return error_set(error, "a note segment lies beyond the end of the file, which is "
                                "truncated");
    if (range_ok(p->p_offset, p->p_filesz, head->len))
        return parse_notes(image, notes, head->bytes + p->p_offset, p->p_filesz, error);
    if (read_all(image->fd, buffer, p->p_filesz, p->p_offset) != 0)
        return error_set(error, "cannot read it: %s", strerror(errno));
    return parse_notes(image, notes, buffer, p->p_filesz, error);
}

bool image_contains(const struct image *image, uint64_t addr, uint64_t len, int protection)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];

        if (addr >= s->addr && range_ok(addr - s->addr, len, s->size) &&
            (s->protection & protection) == protection)
            return true;
    }
    return false;
}

bool image_writable(const struct image *image, uint64_t addr, uint64_t len)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];

        if (!(s->protection & PROT_WRITE) && addr < page_up(s->addr + s->size) &&
            addr + len > s->addr)
            return false;
    }
    return true;
}

static int check_ext1(struct image *image, struct error *error)
{
    const struct ext1_request *ext1 = &image->ext1;

    if (!image->has_ext1)
        return 0;
    if (ext1->version != EXT1_NOTE_VERSION) {
        /* Of a later build: it does without. */
        image->has_ext1 = false;
        return 0;
    }
    if (ext1->size < sizeof(struct ext1_offer) || ext1->offer % 8 != 0 ||
        !image_contains(image, ext1->offer, ext1->size, PROT_READ | PROT_WRITE))
        return error_set(error,
                         "extension note: the offer at 0x%llx, %u bytes, is not in the "
                         "image's data",
                         (unsigned long long)ext1->offer, ext1->size);
    if (ext1->trap != 0 && !image_contains(image, ext1->trap, 1, PROT_EXEC))
        return error_set(error,
                         "extension note: the trap handler at 0x%llx is not in the image's "
                         "text",
                         (unsigned long long)ext1->trap);
    return 0;
}

/* The least size of memory, or UINT64_MAX. Tables that translate memory grow with it: a page for
 * each 2 MiB, here twice that. */
static uint64_t least_memory(const struct image *image, const struct tender *tender)
{
    const struct mft *mft = (const struct mft *)image->mft;
    uint64_t room = MIN_ROOM, end;

    if (tender->machine_kib != 0)
        room = ((uint64_t)tender->machine_kib << 10) + image->end / 256;
    for (unsigned i = 1; i < mft->entries; i++)
        room +=
            (uint64_t)(mft->e[i].type == MFT_DEV_NET_BASIC ? tender->net_kib : tender->block_kib)
            << 10;
    return __builtin_add_overflow(image->end, room, &end) ? UINT64_MAX : end;
}

uint64_t image_least_mb(const struct image *image, const struct tender *tender)
{
    uint64_t least = least_memory(image, tender);

    return (least >> 20) + ((least & 0xfffff) != 0);
}

static int check_whole(struct image *image, const struct notes *notes, uint64_t mem_size,
                       struct error *error)
{
    uint64_t mem_max_mb = notes->tender->mem_max_mb;

    if (!notes->abi)
        return error_set(error,
                         "not a unikernel: it has no Solo5 ABI note; link it with the toolchain "
                         "wrappers and -z solo5-abi=%s%s",
                         targets[notes->tender->abi_target].name,
                         notes->mft ? ", not for the stub" : "");
    if (!notes->mft)
        return error_set(error, "image has no manifest; link it with the object that "
                                "solo5-elftool gen-manifest makes");
    if (!image_contains(image, image->entry, 1, PROT_EXEC))
        return error_set(error, "entry point 0x%llx is not in an executable segment",
                         (unsigned long long)image->entry);
    if (least_memory(image, notes->tender) > mem_size) {
        uint64_t least_mb = image_least_mb(image, notes->tender);

        if (least_mb > mem_max_mb)
            return error_set(error, "larger than any guest's memory, which has at most %llu MB",
                             (unsigned long long)mem_max_mb);
        return error_set(error, "does not fit into %llu MB of memory; give it at least --mem=%llu",
                         (unsigned long long)(mem_size >> 20), (unsigned long long)least_mb);
    }
    return check_ext1(image, error);
}

static int read_headers(struct image *image, const struct tender *tender, uint64_t mem_size,
                        struct error *error)
{
    Elf64_Phdr phdr[MAX_PROGRAM_HEADERS];
    struct notes notes = {.tender = tender};
    Elf64_Ehdr header;
    struct head head;

    head.len = image->file_size < HEAD_SIZE ? image->file_size : HEAD_SIZE;
    if (head.len < sizeof header)
        return error_set(error, "not an ELF file: it has only %llu bytes",
                         (unsigned long long)image->file_size);
    if (read_all(image->fd, head.bytes, head.len, 0) != 0)
        return error_set(error, "cannot read it: %s", strerror(errno));
    memcpy(&header, head.bytes, sizeof header);
    if (check_header(&header, error) != 0)
        return -1;
    image->entry = header.e_entry;

    uint64_t size = header.e_phnum * sizeof phdr[0];
    if (!range_ok(header.e_phoff, size, image->file_size))
        return error_set(error, "its program headers lie beyond the end of the file, which is "
                                "truncated");
    if (range_ok(header.e_phoff, size, head.len))
        memcpy(phdr, head.bytes + header.e_phoff, size);
    else if (read_all(image->fd, phdr, size, header.e_phoff) != 0)
        return error_set(error, "cannot read it: %s", strerror(errno));

    /* Notes first: that an image is for another target says more than where its segments are. */
    for (unsigned i = 0; i < header.e_phnum; i++)
        if (phdr[i].p_type == PT_NOTE && read_notes(image, &notes, &phdr[i], &head, error) != 0)
            return -1;
    for (unsigned i = 0; i < header.e_phnum; i++)
        if (phdr[i].p_type == PT_LOAD && phdr[i].p_memsz != 0 &&
            add_segment(image, &phdr[i], i, tender, error) != 0)
            return -1;
    return check_whole(image, &notes, mem_size, error);
}

int image_open(struct image *image, const char *path, const struct tender *tender,
               uint64_t mem_size, struct error *error)
{
    image->end = 0;
    image->segment_count = 0;
    image->has_ext1 = false;
    /* Not to wait for a writer when it is a fifo. */
    image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (image->fd < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    if (open_file(image, error) == 0 && read_headers(image, tender, mem_size, error) == 0)
        return 0;
    close(image->fd);
    return error_prefix(error, "%s", path);
}

/* Whole pages from the file, in place. */
static int load_mapped(const struct image *image, const struct image_segment *s, struct gmem *gmem,
                       int protection)
{
    uint64_t tail = page_up(s->file_size) - s->file_size;

    if (gmem_map_file(gmem, s->addr, s->file_size, image->fd, s->offset, protection) != 0)
        return -1;
    /* The file goes on in the last page; the segment does not. */
    if ((protection & PROT_WRITE) && tail != 0)
        memset(gmem_at(gmem, s->addr + s->file_size, tail), 0, tail);
    return 0;
}

static int load_copied(const struct image *image, const struct image_segment *s, struct gmem *gmem,
                       int protection)
{
    void *at = gmem_at(gmem, s->addr, s->file_size);

    if (at == NULL || read_all(image->fd, at, s->file_size, s->offset) != 0)
        return -1;
    if (protection == (PROT_READ | PROT_WRITE))
        return 0;
    return gmem_protect(gmem, s->addr, page_up(s->size), protection);
}

static int load_segment(const struct image *image, const struct image_segment *s, struct gmem *gmem,
                        bool protect)
{
    int protection = protect ? s->protection : PROT_READ | PROT_WRITE;
    bool clean_tail = page_up(s->file_size) == page_up(s->size) || (protection & PROT_WRITE);
    bool small_data = s->file_size <= READ_MAX && (s->protection & PROT_WRITE);

    if (page_aligned(s->offset) && s->file_size != 0 && clean_tail && !small_data)
        return load_mapped(image, s, gmem, protection);
    return load_copied(image, s, gmem, protection);
}

int image_load(const struct image *image, struct gmem *gmem, bool protect, const char *path,
               struct error *error)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];
        uint64_t end = page_up(s->addr + s->size);
        uint64_t next = i + 1 < image->segment_count ? image->segment[i + 1].addr : image->end;

        if (load_segment(image, s, gmem, protect) != 0)
            return error_set(error, "%s: cannot load it: %s", path, strerror(errno));
        if (protect && end != next && gmem_protect(gmem, end, next - end, PROT_NONE) != 0)
            return error_set(error, "%s: cannot protect it: %s", path, strerror(errno));
    }
    return 0;
}
