/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What solo5-elftool reads from an image (tools/elftool/elf_notes.c): images made
 * here byte by byte, each then spoilt in one place.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf_notes.h"
#include "unit.h"

#define DEVICES 2

/* An image: a header, three segments, the notes behind them. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr load, abi_segment, mft_segment;
    struct __attribute__((packed)) {
        Elf64_Nhdr h;
        char name[8];
        struct abi1_info info;
    } abi;
    struct __attribute__((packed)) {
        Elf64_Nhdr h;
        char name[8];
        uint32_t padding;
        struct {
            uint32_t version;
            uint32_t entries;
            struct mft_entry e[DEVICES + 1];
        } m;
    } mft;
};

static void fill_segment(Elf64_Phdr *segment, size_t offset, size_t size)
{
    segment->p_type = PT_NOTE;
    segment->p_offset = offset;
    segment->p_filesz = size;
    segment->p_memsz = size;
    segment->p_align = 4;
}

static Elf64_Nhdr make_note(uint32_t type, size_t size)
{
    return (Elf64_Nhdr){.n_namesz = 6, .n_descsz = (uint32_t)size, .n_type = type};
}

static struct image *make_image(void)
{
    struct image *image = calloc(1, sizeof *image);

    ck_assert_ptr_nonnull(image);
    memcpy(image->header.e_ident, ELFMAG, SELFMAG);
    image->header.e_ident[EI_CLASS] = ELFCLASS64;
    image->header.e_ident[EI_DATA] = ELFDATA2LSB;
    image->header.e_ident[EI_VERSION] = EV_CURRENT;
    image->header.e_type = ET_EXEC;
    image->header.e_machine = EM_X86_64;
    image->header.e_version = EV_CURRENT;
    image->header.e_phoff = offsetof(struct image, load);
    image->header.e_ehsize = sizeof image->header;
    image->header.e_phentsize = sizeof image->load;
    image->header.e_phnum = 3;
    image->load.p_type = PT_LOAD;
    image->load.p_filesz = sizeof *image;
    fill_segment(&image->abi_segment, offsetof(struct image, abi), sizeof image->abi);
    fill_segment(&image->mft_segment, offsetof(struct image, mft), sizeof image->mft);

    image->abi.h = make_note(ABI1_NOTE_TYPE, sizeof image->abi.info);
    memcpy(image->abi.name, "Solo5", 6);
    image->abi.info = (struct abi1_info){.abi_target = SPT_ABI_TARGET, .abi_version = 2};

    image->mft.h = make_note(MFT1_NOTE_TYPE, 4 + sizeof image->mft.m);
    memcpy(image->mft.name, "Solo5", 6);
    image->mft.m.version = MFT_VERSION;
    image->mft.m.entries = DEVICES + 1;
    image->mft.m.e[0].type = MFT_RESERVED_FIRST;
    image->mft.m.e[1] = (struct mft_entry){.name = "service", .type = MFT_DEV_NET_BASIC};
    image->mft.m.e[2] = (struct mft_entry){.name = "storage", .type = MFT_DEV_BLOCK_BASIC};
    return image;
}

/* Reads both notes of the first `size` bytes; a null pointer where there was a fault. */
static struct mft *read_image(const struct image *image, size_t size, struct abi1_info *abi,
                              int *abi_result, struct fault *mft_fault, struct fault *abi_fault)
{
    char *copy = malloc(size > 0 ? size : 1);
    struct mft *mft = NULL;
    Elf *elf;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, image, size);
    elf_version(EV_CURRENT);
    elf = elf_memory(copy, size);
    if (elf != NULL) {
        mft = elf_notes_manifest(elf, mft_fault);
        *abi_result = elf_notes_abi(elf, abi, abi_fault);
        elf_end(elf);
    } else {
        *abi_result = fault_set(abi_fault, "%s", elf_errmsg(-1));
        *mft_fault = *abi_fault;
    }
    free(copy);
    return mft;
}

START_TEST(valid)
{
    struct image *image = make_image();
    struct fault mft_fault, abi_fault;
    struct abi1_info abi;
    int abi_result;
    struct mft *mft = read_image(image, sizeof *image, &abi, &abi_result, &mft_fault, &abi_fault);

    ck_assert_ptr_nonnull(mft);
    ck_assert_uint_eq(mft->entries, DEVICES + 1);
    ck_assert_str_eq(mft->e[1].name, "service");
    ck_assert_str_eq(mft->e[2].name, "storage");
    ck_assert_uint_eq(mft->e[2].type, MFT_DEV_BLOCK_BASIC);
    ck_assert_int_eq(abi_result, 0);
    ck_assert_uint_eq(abi.abi_target, SPT_ABI_TARGET);
    ck_assert_uint_eq(abi.abi_version, 2);
    free(mft);
    free(image);
}
END_TEST

/* Notes of both owners in one segment, and alignment 8 where the notes are padded to 4. */
START_TEST(notes_share_a_segment)
{
    struct image *image = make_image();
    struct fault mft_fault, abi_fault;
    struct abi1_info abi;
    int abi_result;
    struct mft *mft;

    image->abi_segment.p_filesz = sizeof image->abi + sizeof image->mft;
    image->abi_segment.p_align = 8;
    image->mft_segment.p_type = PT_NULL;
    mft = read_image(image, sizeof *image, &abi, &abi_result, &mft_fault, &abi_fault);
    ck_assert_ptr_nonnull(mft);
    ck_assert_int_eq(abi_result, 0);
    free(mft);
    free(image);
}
END_TEST

START_TEST(target_names)
{
    static const char *const names[] = {NULL,   "hvt",    "spt", "virtio",
                                        "muen", "genode", "xen", NULL};

    for (uint32_t i = 0; i < COUNT(names); i++) {
        if (names[i] == NULL)
            ck_assert_ptr_null(elf_notes_target_name(i));
        else
            ck_assert_str_eq(elf_notes_target_name(i), names[i]);
    }
    ck_assert_ptr_null(elf_notes_target_name(UINT32_MAX));
}
END_TEST

#define GIVE     "; give the linked unikernel"
#define NO_NOTE  "no Solo5 manifest; give a unikernel that a toolchain wrapper has linked"
#define DAMAGED  "no Solo5 manifest, and notes that are damaged; link the unikernel again"
#define GENERATE "; generate the manifest and link again"

/* A change of `size` bytes at `offset` of the image, and what is then said of the manifest. */
static const struct {
    size_t offset, size;
    uint64_t value;
    const char *fault;
} spoilt[] = {
#define FIELD(f) offsetof(struct image, f), sizeof(((struct image *)0)->f)
    /* the file */
    {0, 1, 0, "not an ELF file" GIVE},
    {EI_CLASS, 1, ELFCLASS32, "not a 64-bit ELF file" GIVE},
    {EI_DATA, 1, ELFDATA2MSB, "not a little-endian ELF file" GIVE},
    {FIELD(header.e_type), ET_REL, "not linked yet (ELF type 1)" GIVE},
    {FIELD(header.e_type), ET_CORE, "not linked yet (ELF type 4)" GIVE},
    {FIELD(header.e_phnum), 0, "no program headers" GIVE},
    {FIELD(header.e_phoff), 0, "no program headers" GIVE},
    /* the segments */
    {FIELD(mft_segment.p_type), PT_NULL, NO_NOTE},
    {FIELD(mft_segment.p_filesz), 0, NO_NOTE},
    {FIELD(mft_segment.p_filesz), 65537,
     "a note segment of 65537 bytes; a unikernel's has at most 65536"},
    {FIELD(mft_segment.p_filesz), UINT64_MAX,
     "a note segment of 18446744073709551615 bytes; a unikernel's has at most 65536"},
    {FIELD(mft_segment.p_filesz), 65536,
     "truncated: a note segment at offset 268 lies outside the file; link the unikernel again"},
    {FIELD(mft_segment.p_offset), 4096,
     "truncated: a note segment at offset 4096 lies outside the file; link the unikernel again"},
    {FIELD(mft_segment.p_offset), UINT64_MAX,
     "truncated: a note segment at offset 18446744073709551615 lies outside the file; link the "
     "unikernel again"},
    {FIELD(mft_segment.p_offset), INT64_MAX,
     "truncated: a note segment at offset 9223372036854775807 lies outside the file; link the "
     "unikernel again"},
    /* the note */
    {FIELD(mft_segment.p_filesz), 11, DAMAGED},
    {FIELD(mft_segment.p_filesz), sizeof(((struct image *)0)->mft) - 4, DAMAGED},
    {FIELD(mft.h.n_namesz), UINT32_MAX, DAMAGED},
    {FIELD(mft.h.n_namesz), 0x7fffffff, DAMAGED},
    {FIELD(mft.h.n_descsz), UINT32_MAX, DAMAGED},
    {FIELD(mft.h.n_descsz), 4 + 8 + 4 * 104, DAMAGED},
    {FIELD(mft.h.n_namesz), 5, NO_NOTE},
    {FIELD(mft.name[0]), 's', NO_NOTE},
    {FIELD(mft.name[5]), '6', NO_NOTE},
    {FIELD(mft.h.n_type), ABI1_NOTE_TYPE, NO_NOTE},
    /* the manifest */
    {FIELD(mft.h.n_descsz), 3, "manifest note has 3 bytes; it can have 116 to 6668"},
    {FIELD(mft.h.n_descsz), 4, "manifest is shorter than its own header" GENERATE},
    {FIELD(mft.h.n_descsz), 4 + 8 + 2 * 104,
     "manifest is not as long as its number of entries requires" GENERATE},
    {FIELD(mft.m.version), 0, "manifest is of an unknown version, not version 1" GENERATE},
    {FIELD(mft.m.entries), 2, "manifest is not as long as its number of entries requires" GENERATE},
    {FIELD(mft.m.entries), UINT32_MAX, "manifest has more than 64 entries" GENERATE},
    {FIELD(mft.m.e[2].attached), 2, "manifest has a device that is marked as attached" GENERATE},
};

START_TEST(manifest_spoilt)
{
    struct image *image = make_image();
    struct fault mft_fault = {.text = ""}, abi_fault;
    struct abi1_info abi;
    int abi_result;

    memcpy((char *)image + spoilt[_i].offset, &spoilt[_i].value, spoilt[_i].size);
    ck_assert_ptr_null(read_image(image, sizeof *image, &abi, &abi_result, &mft_fault, &abi_fault));
    ck_assert_str_eq(mft_fault.text, spoilt[_i].fault);
    ck_assert_uint_eq(mft_fault.line, 0);
    free(image);
}
END_TEST

static const struct {
    size_t offset, size;
    uint64_t value;
    const char *fault;
} spoilt_abi[] = {
    {FIELD(abi.h.n_descsz), 12, "ABI note has 12 bytes; it must have 16"},
    {FIELD(abi.h.n_descsz), 0, "ABI note has 0 bytes; it must have 16"},
    {FIELD(abi.info.abi_target), 0, "ABI note names target 0, which is unknown"},
    {FIELD(abi.info.abi_target), 7, "ABI note names target 7, which is unknown"},
    {FIELD(abi.info.abi_target), UINT32_MAX, "ABI note names target 4294967295, which is unknown"},
    {FIELD(abi.h.n_type), 0,
     "no Solo5 ABI note; give a unikernel that a toolchain wrapper has linked"},
};

START_TEST(abi_spoilt)
{
    struct image *image = make_image();
    struct fault mft_fault, abi_fault;
    struct abi1_info abi;
    int abi_result;

    memcpy((char *)image + spoilt_abi[_i].offset, &spoilt_abi[_i].value, spoilt_abi[_i].size);
    free(read_image(image, sizeof *image, &abi, &abi_result, &mft_fault, &abi_fault));
    ck_assert_int_eq(abi_result, -1);
    ck_assert_str_eq(abi_fault.text, spoilt_abi[_i].fault);
    free(image);
}
END_TEST

/* However little there is of an image, it is read without harm, and refused. */
START_TEST(cut_short)
{
    struct image *image = make_image();

    for (size_t size = 0; size < offsetof(struct image, mft) + sizeof image->mft; size++) {
        struct fault mft_fault = {.text = ""}, abi_fault;
        struct abi1_info abi;
        int abi_result;

        ck_assert_ptr_null(read_image(image, size, &abi, &abi_result, &mft_fault, &abi_fault));
        ck_assert_str_ne(mft_fault.text, "");
    }
    free(image);
}
END_TEST

/* Every byte set to each of a few values: never a crash, and never a manifest that is none. */
START_TEST(any_byte_changed)
{
    static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct image *image = make_image();
    unsigned char *bytes = (unsigned char *)image;

    for (size_t i = 0; i < sizeof *image; i++) {
        unsigned char kept = bytes[i];

        for (size_t v = 0; v < COUNT(values); v++) {
            struct fault mft_fault, abi_fault;
            struct abi1_info abi;
            const char *reason;
            struct mft *mft;
            int abi_result;

            bytes[i] = values[v];
            mft = read_image(image, sizeof *image, &abi, &abi_result, &mft_fault, &abi_fault);
            if (mft != NULL)
                ck_assert_int_eq(mft_validate(mft, mft_size(mft->entries), &reason), 0);
            free(mft);
        }
        bytes[i] = kept;
    }
    free(image);
}
END_TEST

START_TEST(too_many_segments)
{
    const size_t count = 257;
    const size_t size = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);
    struct image *image = make_image();
    char *bytes = calloc(1, size);
    struct fault fault;
    Elf *elf;

    ck_assert_ptr_nonnull(bytes);
    image->header.e_phnum = count;
    memcpy(bytes, &image->header, sizeof image->header);
    elf_version(EV_CURRENT);
    elf = elf_memory(bytes, size);
    ck_assert_ptr_null(elf_notes_manifest(elf, &fault));
    ck_assert_str_eq(fault.text, "257 program headers; a unikernel has at most 256");
    elf_end(elf);
    free(bytes);
    free(image);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("elf_notes");
    TCase *tests = tcase_create("elf_notes");

    tcase_add_test(tests, valid);
    tcase_add_test(tests, notes_share_a_segment);
    tcase_add_test(tests, target_names);
    tcase_add_loop_test(tests, manifest_spoilt, 0, COUNT(spoilt));
    tcase_add_loop_test(tests, abi_spoilt, 0, COUNT(spoilt_abi));
    tcase_add_test(tests, cut_short);
    tcase_add_test(tests, any_byte_changed);
    tcase_add_test(tests, too_many_segments);
    suite_add_tcase(suite, tests);
    return suite;
}
