/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The loader of images (tenders/common/image.c): a good one, each fault alone, and what is odd but
 * legal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image.h"
#include "image_file.h"
#include "memory.h"
#include "range.h"
#include "unit.h"

#define MEM_SIZE UINT64_C(0x400000)
#define TOP      UINT64_MAX

static const struct tender tender = {.name = "solo5-hvt",
                                     .abi_target = HVT_ABI_TARGET,
                                     .abi_version = 2,
                                     .image_base = 0x100000,
                                     .mem_max_mb = 4096};
static struct image_file file;
static struct image image;
static struct error error;
static char path[] = "/tmp/quintet-image-XXXXXX";

/* Writes the first (len) bytes of the file and opens them as an image. */
static int open_image(size_t len)
{
    char *name = strdup(path);
    int fd = mkstemp(name), result;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, &file, len), (ssize_t)len);
    close(fd);
    memset(&image, 0x55, sizeof image);
    result = image_open(&image, name, &tender, MEM_SIZE, &error);
    if (result != 0) {
        ck_assert_int_eq(strncmp(error.text, name, strlen(name)), 0);
        memmove(error.text, error.text + strlen(name) + 2, strlen(error.text) - strlen(name) - 1);
    }
    unlink(name);
    free(name);
    return result;
}

START_TEST(good)
{
    image_file_make(&file, HVT_ABI_TARGET);
    ck_assert_msg(open_image(sizeof file) == 0, "%s", error.text);
    ck_assert_uint_eq(image.entry, IMAGE_TEXT);
    ck_assert_uint_eq(image.end, page_up(IMAGE_DATA + IMAGE_BSS));
    ck_assert_uint_eq(image.segment_count, 3);
    ck_assert(image.has_ext1);
    ck_assert_uint_eq(image_mft(&image)->entries, 2);
    ck_assert_str_eq(image_mft(&image)->e[1].name, "service");
    close(image.fd);
}
END_TEST

#define H    file.header
#define S(n) file.segment[SEGMENT_##n]
#define BAD(name, ...)     \
    static void name(void) \
    {                      \
        __VA_ARGS__;       \
    }

BAD(no_magic, H.e_ident[0] = 0)
BAD(class_32, H.e_ident[EI_CLASS] = ELFCLASS32)
BAD(big_endian, H.e_ident[EI_DATA] = ELFDATA2MSB)
BAD(other_machine, H.e_machine = EM_AARCH64)
BAD(unknown_machine, H.e_machine = EM_MIPS)
BAD(dynamic, H.e_type = ET_DYN)
BAD(no_segments, H.e_phnum = 0)
BAD(many_segments, H.e_phnum = 65)
BAD(other_segments, H.e_phentsize = 32)
BAD(segments_behind, H.e_phoff = sizeof file - 100)
BAD(segments_far, H.e_phoff = TOP - 8)
BAD(entry_null, H.e_entry = 0)
BAD(entry_in_data, H.e_entry = IMAGE_DATA)
BAD(entry_after_text, H.e_entry = IMAGE_TEXT + sizeof file.text)
BAD(entry_top, H.e_entry = TOP)
BAD(unaligned, S(DATA).p_vaddr += 8)
BAD(below, S(TEXT).p_vaddr = 0xff000)
BAD(wraps, S(DATA).p_vaddr = TOP - 4095)
BAD(size_wraps, S(DATA).p_memsz = TOP)
BAD(size_to_the_top, S(DATA).p_memsz = TOP - IMAGE_DATA)
BAD(larger_in_file, S(RODATA).p_memsz = 4095)
BAD(beyond_file, S(DATA).p_offset += 4096)
BAD(offset_far, S(DATA).p_offset = TOP - 255)
BAD(one_byte_short, S(DATA).p_filesz++)
BAD(write_execute, S(TEXT).p_flags |= PF_W)
BAD(overlap, S(RODATA).p_vaddr = IMAGE_TEXT + 0x1000)
BAD(same_page, S(TEXT).p_memsz = 0x2001)
BAD(out_of_order, S(DATA).p_vaddr = IMAGE_TEXT - 0x1000 + 0x1000)
BAD(too_large, S(DATA).p_memsz = MEM_SIZE)
BAD(no_room, S(DATA).p_memsz = MEM_SIZE - IMAGE_DATA - 15 * PAGE_SIZE)
BAD(no_abi, file.abi.n_type++)
BAD(no_notes, file.abi.n_type = file.mft.note.n_type = 0)
BAD(other_owner, file.abi.n_name[0] = 's')
BAD(other_target, file.abi.desc.abi_target = SPT_ABI_TARGET)
BAD(without_runner, file.abi.desc.abi_target = MUEN_ABI_TARGET)
BAD(unknown_target, file.abi.desc.abi_target = 7)
BAD(target_zero, file.abi.desc.abi_target = 0)
BAD(target_huge, file.abi.desc.abi_target = 0xffffffff)
BAD(other_version, file.abi.desc.abi_version = 3)
BAD(abi_short, file.abi.n_descsz = 12)
BAD(abi_long, file.abi.n_descsz = 17)
BAD(abi_huge, file.abi.n_descsz = 0xffffffff)
BAD(name_huge, file.abi.n_namesz = 0xffffffff)
BAD(abi_twice, S(EXT) = S(ABI))
BAD(note_behind, S(ABI).p_offset = sizeof file - 8)
BAD(note_large, S(ABI).p_filesz = 8193)
BAD(no_mft, file.mft.note.n_type++)
BAD(mft_twice, S(EXT) = S(MFT))
BAD(mft_version, file.mft.version = 2)
BAD(mft_entries, file.mft.entries = 3)
BAD(mft_empty, file.mft.note.n_descsz = 3)
BAD(mft_tiny, file.mft.note.n_descsz = 4)
BAD(mft_attached, file.mft.entry[1].attached = true)
BAD(ext_twice, S(ABI) = S(EXT))
BAD(ext_short, file.ext.n_descsz = 31)
BAD(offer_odd, file.ext.desc.offer++)
BAD(offer_in_text, file.ext.desc.offer = IMAGE_TEXT)
BAD(offer_at_end, file.ext.desc.offer = IMAGE_DATA + IMAGE_BSS - 312)
BAD(offer_small, file.ext.desc.size = 319)
BAD(offer_huge, file.ext.desc.size = 0xfffffff8)
BAD(trap_in_data, file.ext.desc.trap = IMAGE_DATA)
BAD(trap_top, file.ext.desc.trap = TOP)

static const struct {
    void (*change)(void);
    const char *text; /* how the message begins */
} faults[] = {
    {no_magic, "not an ELF file; give the linked unikernel"},
    {class_32, "not a 64-bit little-endian ELF file"},
    {big_endian, "not a 64-bit little-endian ELF file"},
    {other_machine, "image is for aarch64, and this is a tender for x86_64"},
    {unknown_machine, "image is for another machine, and this is a tender for x86_64"},
    {dynamic, "not a static executable at a fixed address (ELF type 3); link it with"},
    {no_segments, "0 program headers of 56 bytes; a unikernel has 1 to 64 of 56"},
    {many_segments, "65 program headers of 56 bytes"},
    {other_segments, "6 program headers of 32 bytes"},
    {segments_behind, "its program headers lie beyond the end of the file, which is truncated"},
    {segments_far, "its program headers lie beyond the end of the file, which is truncated"},
    {entry_null, "entry point 0x0 is not in an executable segment"},
    {entry_in_data, "entry point 0x103000 is not in an executable segment"},
    {entry_after_text, "entry point 0x102000 is not in an executable segment"},
    {entry_top, "entry point 0xffffffffffffffff is not in an executable segment"},
    {unaligned, "segment 2: address 0x103008 is not page aligned"},
    {below, "segment 0: address 0xff000 is below 0x100000, the lowest for an image"},
    {wraps, "segment 2: wraps around the end of the address space"},
    {size_wraps, "segment 2: wraps around the end of the address space"},
    {size_to_the_top, "segment 2: wraps around the end of the address space"},
    {larger_in_file, "segment 1: larger in the file than in memory"},
    {beyond_file, "segment 2: lies beyond the end of the file, which is truncated"},
    {offset_far, "segment 2: lies beyond the end of the file, which is truncated"},
    {one_byte_short, "segment 2: lies beyond the end of the file, which is truncated"},
    {write_execute, "segment 0: both writable and executable"},
    {overlap, "segment 1: overlaps the one before it, or is out of order"},
    {same_page, "segment 1: overlaps the one before it, or is out of order"},
    {out_of_order, "segment 2: overlaps the one before it, or is out of order"},
    {too_large, "does not fit into 4 MB of memory; give it at least --mem=6"},
    {no_room, "does not fit into 4 MB of memory; give it at least --mem=5"},
    {no_abi,
     "not a unikernel: it has no Solo5 ABI note; link it with the toolchain wrappers and -z "
     "solo5-abi=hvt, not for the stub"},
    {other_owner, "not a unikernel: it has no Solo5 ABI note; link it with the toolchain wrappers"},
    {no_notes,
     "not a unikernel: it has no Solo5 ABI note; link it with the toolchain wrappers and -z "
     "solo5-abi=hvt"},
    {other_target, "image is for spt, not for hvt; run it with solo5-spt, or link it with -z "
                   "solo5-abi=hvt"},
    {without_runner, "image is for muen, not for hvt; link it with -z solo5-abi=hvt"},
    {unknown_target, "image is for target 7, which is unknown"},
    {target_zero, "image is for target 0, which is unknown"},
    {target_huge, "image is for target 4294967295, which is unknown"},
    {other_version, "image has version 3 of the hvt ABI, solo5-hvt knows version 2"},
    {abi_short, "ABI note has 12 bytes; it must have 16"},
    {abi_long, "a note is longer than its segment"},
    {abi_huge, "a note is longer than its segment"},
    {name_huge, "a note is longer than its segment"},
    {abi_twice, "image has two ABI notes"},
    {note_behind, "a note segment lies beyond the end of the file, which is truncated"},
    {note_large, "a note segment has 8193 bytes; a unikernel's has at most 8192"},
    {no_mft, "image has no manifest; link it with the object that"},
    {mft_twice, "image has two manifests"},
    {mft_version, "manifest is of an unknown version, not version 1; generate it again"},
    {mft_entries, "manifest is not as long as its number of entries requires"},
    {mft_empty, "manifest note has 3 bytes; it can have"},
    {mft_tiny, "manifest is shorter than its own header"},
    {mft_attached, "manifest has a device that is marked as attached"},
    {ext_twice, "image has two extension notes"},
    {ext_short, "extension note has 31 bytes; it must have 32"},
    {offer_odd, "extension note: the offer at 0x103041, 320 bytes, is not in the image's data"},
    {offer_in_text, "extension note: the offer at 0x100000, 320 bytes, is not in"},
    {offer_at_end, "extension note: the offer at 0x104fc8, 320 bytes, is not in"},
    {offer_small, "extension note: the offer at 0x103040, 319 bytes, is not in"},
    {offer_huge, "extension note: the offer at 0x103040, 4294967288 bytes, is not in"},
    {trap_in_data, "extension note: the trap handler at 0x103000 is not in the image's text"},
    {trap_top, "extension note: the trap handler at 0xffffffffffffffff is not in"},
};

/* A machine has its own share, grown by the tables that translate it, and one for each device. */
START_TEST(least)
{
    struct tender machine = tender;

    image_file_make(&file, HVT_ABI_TARGET);
    ck_assert_int_eq(open_image(sizeof file), 0);
    ck_assert_uint_eq(image_least_mb(&image, &tender), 2);
    machine.machine_kib = 1024;
    ck_assert_uint_eq(image_least_mb(&image, &machine), 3);
    image.end = 0x1fe000;
    ck_assert_uint_eq(image_least_mb(&image, &machine), 3);
    image.end = 0x1ff000;
    ck_assert_uint_eq(image_least_mb(&image, &machine), 4);
    machine.net_kib = machine.block_kib = 2048;
    ck_assert_uint_eq(image_least_mb(&image, &machine), 6);
    close(image.fd);
}
END_TEST

START_TEST(bad)
{
    image_file_make(&file, HVT_ABI_TARGET);
    faults[_i].change();
    ck_assert_int_eq(open_image(sizeof file), -1);
    ck_assert_msg(strncmp(error.text, faults[_i].text, strlen(faults[_i].text)) == 0,
                  "%s\ninstead of: %s", error.text, faults[_i].text);
}
END_TEST

BAD(last_room, S(DATA).p_memsz = MEM_SIZE - IMAGE_DATA - 16 * PAGE_SIZE)
BAD(empty_segment, S(RODATA).p_memsz = S(RODATA).p_filesz = S(RODATA).p_vaddr = 0)
BAD(execute_only, S(TEXT).p_flags = PF_X)
BAD(no_ext, file.ext.n_type++)
BAD(later_ext, file.ext.desc.version = 2; file.ext.desc.offer = 1)
BAD(long_ext, file.ext.desc.size = 384)
BAD(no_trap, file.ext.desc.trap = 0)
BAD(offer_last, file.ext.desc.offer = IMAGE_DATA + IMAGE_BSS - 320)
BAD(entry_last, H.e_entry = IMAGE_TEXT + sizeof file.text - 101)
BAD(odd_offset, S(RODATA).p_offset += 8; S(RODATA).p_filesz -= 8)
BAD(headers_elsewhere, H.e_phoff = sizeof file - 256 - 4096 - 2048;
    memcpy((char *)&file + H.e_phoff, file.segment, sizeof file.segment); S(RODATA).p_type = 0)

static void (*const oddities[])(void) = {
    last_room, empty_segment, execute_only, no_ext,     later_ext,         long_ext,
    no_trap,   offer_last,    entry_last,   odd_offset, headers_elsewhere,
};

START_TEST(odd)
{
    image_file_make(&file, HVT_ABI_TARGET);
    oddities[_i]();
    ck_assert_msg(open_image(sizeof file) == 0, "%s", error.text);
    ck_assert_int_eq(image.has_ext1, oddities[_i] != no_ext && oddities[_i] != later_ext);
    close(image.fd);
}
END_TEST

/* However many of its bytes are there. */
START_TEST(truncated)
{
    size_t len;

    image_file_make(&file, HVT_ABI_TARGET);
    for (len = 0; len < sizeof file; len += len < 512 ? 1 : 97)
        ck_assert_int_eq(open_image(len), -1);
    ck_assert_int_eq(open_image(sizeof file - 1), -1);
    ck_assert_str_eq(error.text, "segment 2: lies beyond the end of the file, which is truncated");
}
END_TEST

START_TEST(no_image)
{
    ck_assert_int_eq(image_open(&image, "/quintet-none", &tender, MEM_SIZE, &error), -1);
    ck_assert_str_eq(error.text, "/quintet-none: No such file or directory");
    ck_assert_int_eq(image_open(&image, "/tmp", &tender, MEM_SIZE, &error), -1);
    ck_assert_str_eq(error.text, "/tmp: not a regular file; give the file of a unikernel");
    ck_assert_int_eq(image_open(&image, "/dev/null", &tender, MEM_SIZE, &error), -1);
    ck_assert_str_eq(error.text, "/dev/null: not a regular file; give the file of a unikernel");
}
END_TEST

static void check_bytes(const struct gmem *gmem, uint64_t addr, uint64_t len, int value)
{
    const uint8_t *at = gmem_at(gmem, addr, len);

    ck_assert_ptr_nonnull(at);
    for (uint64_t i = 0; i < len; i++)
        if (at[i] != value)
            ck_abort_msg("0x%llx is %02x, not %02x", (unsigned long long)(addr + i), at[i], value);
}

/* From the file's pages, or copied: small data, large data, a segment at an odd offset. */
static void (*const layouts[])(void) = {no_ext, odd_offset, execute_only};

START_TEST(loaded)
{
    struct gmem gmem;

    image_file_make(&file, HVT_ABI_TARGET);
    layouts[_i]();
    ck_assert_msg(open_image(sizeof file) == 0, "%s", error.text);
    ck_assert_int_eq(gmem_map(&gmem, 0, MEM_SIZE, 0, false, &error), 0);
    ck_assert_int_eq(image_load(&image, &gmem, true, "image", &error), 0);
    close(image.fd);
    check_bytes(&gmem, IMAGE_TEXT, sizeof file.text - 100, 0xcc);
    check_bytes(&gmem, IMAGE_DATA, sizeof file.data, 0xdd);
    check_bytes(&gmem, IMAGE_DATA + sizeof file.data, MEM_SIZE - IMAGE_DATA - sizeof file.data, 0);
    *(uint8_t *)gmem_at(&gmem, IMAGE_DATA, 1) = 1;
}
END_TEST

/* The last page of a large data segment goes on in the file, and must not in memory. */
START_TEST(tail_is_cleared)
{
    struct gmem gmem;

    image_file_make(&file, HVT_ABI_TARGET);
    S(TEXT).p_flags = PF_R | PF_W;
    S(TEXT).p_filesz = S(TEXT).p_memsz = 5 * PAGE_SIZE;
    S(TEXT).p_offset = 0;
    S(TEXT).p_filesz = 4 * PAGE_SIZE + 100;
    S(RODATA).p_vaddr = 0x200000;
    S(RODATA).p_flags = PF_R | PF_X;
    S(DATA).p_vaddr = 0x300000;
    H.e_entry = 0x200000;
    file.ext.n_type++;
    ck_assert_msg(open_image(sizeof file) == 0, "%s", error.text);
    ck_assert_int_eq(gmem_map(&gmem, 0, MEM_SIZE, 0, false, &error), 0);
    ck_assert_int_eq(image_load(&image, &gmem, true, "image", &error), 0);
    close(image.fd);
    check_bytes(&gmem, IMAGE_TEXT + 4 * PAGE_SIZE, 100, 0xdd);
    check_bytes(&gmem, IMAGE_TEXT + 4 * PAGE_SIZE + 100, PAGE_SIZE - 100, 0);
}
END_TEST

START_TEST(places)
{
    image_file_make(&file, HVT_ABI_TARGET);
    ck_assert_int_eq(open_image(sizeof file), 0);
    close(image.fd);
    ck_assert(image_contains(&image, IMAGE_DATA, IMAGE_BSS, PROT_WRITE));
    ck_assert(!image_contains(&image, IMAGE_DATA, IMAGE_BSS + 1, PROT_READ));
    ck_assert(!image_contains(&image, IMAGE_DATA - 1, 2, PROT_READ));
    ck_assert(!image_contains(&image, IMAGE_DATA, 1, PROT_EXEC));
    ck_assert(image_writable(&image, IMAGE_DATA, MEM_SIZE - IMAGE_DATA));
    ck_assert(image_writable(&image, IMAGE_TEXT - 10, 10));
    ck_assert(!image_writable(&image, IMAGE_TEXT - 10, 11));
    ck_assert(!image_writable(&image, IMAGE_DATA - 1, 1));
    ck_assert(!image_writable(&image, IMAGE_TEXT + sizeof file.text - 1, 1));
    ck_assert(!image_writable(&image, 0, MEM_SIZE));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *tests = tcase_create("image");

    tcase_add_test(tests, good);
    tcase_add_test(tests, least);
    tcase_add_loop_test(tests, bad, 0, COUNT(faults));
    tcase_add_loop_test(tests, odd, 0, COUNT(oddities));
    tcase_add_test(tests, truncated);
    tcase_add_test(tests, no_image);
    tcase_add_loop_test(tests, loaded, 0, COUNT(layouts));
    tcase_add_test(tests, tail_is_cleared);
    tcase_add_test(tests, places);
    suite_add_tcase(suite, tests);
    return suite;
}
