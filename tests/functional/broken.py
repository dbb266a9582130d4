# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Broken images: each function here takes a good image and gives one with one
# fault, or one that is odd and yet legal. The name of the function, with - for _, is what the table calls it.

import struct

PT_LOAD, PT_NOTE = 1, 4
PF_X, PF_W = 1, 2
NOTE_ABI, NOTE_MANIFEST, NOTE_EXTENSION = 0x31494241, 0x3154464D, 0x31545845
NOTE_HEADER = 20  # with the name "Solo5", padded
MANIFEST = NOTE_HEADER + 4
ENTRY_SIZE, NAME_SIZE = 104, 68
PAGE = 4096
TOP = 1 << 64

# Offsets in the headers of ELF64 and their formats (ELF gABI, figures 4-3 and 5-1).
HEADER = {"elf_class": (4, "B"), "data": (5, "B"), "type": (16, "<H"), "machine": (18, "<H"),
          "entry": (24, "<Q"), "phoff": (32, "<Q"), "phentsize": (54, "<H"), "phnum": (56, "<H")}
SEGMENT = {"type": (0, "<I"), "flags": (4, "<I"), "offset": (8, "<Q"), "vaddr": (16, "<Q"),
           "paddr": (24, "<Q"), "filesz": (32, "<Q"), "memsz": (40, "<Q"), "align": (48, "<Q")}
SEGMENT_SIZE = 56


class Record:
    """Fields of a structure inside an image, read and written in place."""

    def __init__(self, image, base, fields):
        self.__dict__.update(_image=image, _base=base, _fields=fields)

    def __getattr__(self, name):
        offset, form = self._fields[name]
        return struct.unpack_from(form, self._image.bytes, self._base + offset)[0]

    def __setattr__(self, name, value):
        offset, form = self._fields[name]
        struct.pack_into(form, self._image.bytes, self._base + offset, value)


class Image:
    def __init__(self, data):
        self.bytes = bytearray(data)
        self.header = Record(self, 0, HEADER)
        self.segments = [Record(self, self.header.phoff + i * SEGMENT_SIZE, SEGMENT)
                         for i in range(self.header.phnum)]
        self.loads = [s for s in self.segments if s.type == PT_LOAD]
        self.text = next(s for s in self.loads if s.flags & PF_X)
        self.data = next(s for s in self.loads if s.flags & PF_W)

    def note(self, note_type):
        for segment in self.segments:
            if segment.type == PT_NOTE and self.word(segment.offset + 8) == note_type:
                return segment
        raise LookupError(f"no note {note_type:#x}")

    def word(self, offset):
        return struct.unpack_from("<I", self.bytes, offset)[0]

    def set_word(self, offset, value):
        struct.pack_into("<I", self.bytes, offset, value)

    def abi(self, index):
        return self.note(NOTE_ABI).offset + NOTE_HEADER + 4 * index

    def entry(self, index):
        return self.note(NOTE_MANIFEST).offset + MANIFEST + 8 + index * ENTRY_SIZE

    def extension(self):
        return self.note(NOTE_EXTENSION).offset + NOTE_HEADER


def empty(image):
    image.bytes = b""


def text_file(image):
    image.bytes = b"This is not an image.\n" * 20


def cut_in_header(image):
    image.bytes = image.bytes[:40]


def cut_in_segments(image):
    image.bytes = image.bytes[:image.header.phoff + SEGMENT_SIZE + 8]


def cut_in_text(image):
    image.bytes = image.bytes[:image.text.offset + image.text.filesz - 1]


def class_32(image):
    image.header.elf_class = 1


def big_endian(image):
    image.header.data = 2


def machine_aarch64(image):
    image.header.machine = 183


def machine_i386(image):
    image.header.machine = 3


def type_shared(image):
    image.header.type = 3


def type_object(image):
    image.header.type = 1


def segments_none(image):
    image.header.phnum = 0


def segments_65535(image):
    image.header.phnum = 65535


def segments_of_other_size(image):
    image.header.phentsize = 32


def segments_after_end(image):
    image.header.phoff = len(image.bytes)


def segments_wrap(image):
    image.header.phoff = TOP - 8


def entry_0(image):
    image.header.entry = 0


def entry_in_data(image):
    image.header.entry = image.data.vaddr


def entry_after_memory(image):
    image.header.entry = TOP - 16


def write_and_execute(image):
    image.text.flags |= PF_W


def data_executable(image):
    image.data.flags |= PF_X


def data_lost(image):
    start = image.data.offset
    image.bytes[start:start + image.data.filesz] = bytes(image.data.filesz)


def overlapping(image):
    image.loads[1].vaddr = image.loads[1].paddr = image.loads[0].vaddr


def overlapping_page(image):
    image.loads[0].memsz = image.loads[1].vaddr - image.loads[0].vaddr + 1


def below_minimum(image):
    image.loads[0].vaddr = image.loads[0].paddr = 0x8000


def at_0(image):
    image.loads[0].vaddr = image.loads[0].paddr = 0


def after_memory(image):
    image.data.vaddr = image.data.paddr = 0x40000000


def vaddr_wraps(image):
    image.data.vaddr = image.data.paddr = TOP - PAGE
    image.data.memsz = 2 * PAGE


def memsz_huge(image):
    image.data.memsz = 1 << 40


def memsz_wraps(image):
    image.data.memsz = TOP - image.data.vaddr + PAGE


def filesz_over_memsz(image):
    image.data.memsz = image.data.filesz - 1


def filesz_huge(image):
    image.data.filesz = image.data.memsz = 1 << 62


def offset_after_end(image):
    image.data.offset = (len(image.bytes) + PAGE) & -PAGE


def offset_wraps(image):
    image.data.offset = TOP - PAGE


def unaligned(image):
    image.data.vaddr += 16


def abi_missing(image):
    image.set_word(image.note(NOTE_ABI).offset + 8, 0x11111111)


def abi_other_target(image):
    image.set_word(image.abi(0), 3 - image.word(image.abi(0)))


def abi_unknown_target(image):
    image.set_word(image.abi(0), 77)


def abi_other_version(image):
    image.set_word(image.abi(1), 99)


def abi_short(image):
    image.set_word(image.note(NOTE_ABI).offset + 4, 4)


def abi_huge(image):
    image.set_word(image.note(NOTE_ABI).offset + 4, 0xFFFFFFF0)


def abi_after_end(image):
    image.note(NOTE_ABI).offset = len(image.bytes) - 8


def note_name_huge(image):
    image.set_word(image.note(NOTE_ABI).offset, 0xFFFFFFFF)


def manifest_missing(image):
    image.set_word(image.note(NOTE_MANIFEST).offset + 8, 0x11111111)


def manifest_version_2(image):
    image.set_word(image.note(NOTE_MANIFEST).offset + MANIFEST, 2)


def manifest_without_entries(image):
    image.set_word(image.entry(0) - 4, 0)


def manifest_65_entries(image):
    image.set_word(image.entry(0) - 4, 65)


def manifest_size_and_entries_differ(image):
    image.set_word(image.entry(0) - 4, image.word(image.entry(0) - 4) + 1)


def manifest_entries_huge(image):
    image.set_word(image.entry(0) - 4, 0xFFFFFFFF)


def manifest_cut(image):
    image.note(NOTE_MANIFEST).filesz = MANIFEST + 20


def manifest_first_not_reserved(image):
    image.set_word(image.entry(0) + NAME_SIZE, 2)


def manifest_type_unknown(image):
    image.set_word(image.entry(1) + NAME_SIZE, 9)


def manifest_name_not_ended(image):
    image.bytes[image.entry(1):image.entry(1) + NAME_SIZE] = b"a" * NAME_SIZE


def manifest_name_empty(image):
    image.bytes[image.entry(1):image.entry(1) + NAME_SIZE] = bytes(NAME_SIZE)


def manifest_name_with_slash(image):
    image.bytes[image.entry(1):image.entry(1) + 4] = b"a/b\0"


def manifest_name_with_newline(image):
    image.bytes[image.entry(1):image.entry(1) + 4] = b"a\nb\0"


def manifest_name_doubled(image):
    first, second = image.entry(1), image.entry(2)
    image.bytes[second:second + NAME_SIZE] = image.bytes[first:first + NAME_SIZE]


def manifest_already_attached(image):
    image.bytes[image.entry(1) + 96] = 1


def extension_offer_outside(image):
    struct.pack_into("<Q", image.bytes, image.extension() + 8, TOP - 64)


def extension_offer_in_text(image):
    struct.pack_into("<Q", image.bytes, image.extension() + 8, image.text.vaddr)


def extension_offer_odd(image):
    offer = struct.unpack_from("<Q", image.bytes, image.extension() + 8)[0]
    struct.pack_into("<Q", image.bytes, image.extension() + 8, offer + 1)


def extension_offer_at_0(image):
    struct.pack_into("<Q", image.bytes, image.extension() + 8, 0)


def extension_size_huge(image):
    image.set_word(image.extension() + 4, 0xFFFFFFF8)


def extension_trap_outside(image):
    struct.pack_into("<Q", image.bytes, image.extension() + 16, TOP - 1)


def extension_version_2(image):
    """Legal: extensions of a later build are not used."""
    image.set_word(image.extension(), 2)


def empty_segment(image):
    """Legal: Solo5's own images have segments without memory, at address 0."""
    spare = image.segments[-1]  # PT_GNU_STACK
    spare.type, spare.flags = PT_LOAD, 4
    spare.offset = spare.vaddr = spare.paddr = spare.filesz = spare.memsz = 0
    spare.align = PAGE


def without_extensions(image):
    """Legal: a note that no tender knows is passed over, as Solo5's tenders do with ours."""
    image.set_word(image.note(NOTE_EXTENSION).offset + 8, 0x11111111)


# ---- Images that own a machine

MULTIBOOT = struct.pack("<I", 0x1BADB002)
MULTIBOOT_SEARCH = 8192


def multiboot_early(image):
    """The header where QEMU finds it too, which otherwise starts the image by PVH."""
    old = image.bytes.index(MULTIBOOT, 0, MULTIBOOT_SEARCH)
    new = old - 64
    image.bytes[new:new + 32] = image.bytes[old:old + 32]
    image.set_word(new + 12, image.word(old + 12) - 64)
    image.set_word(old, 0)


def pvh_as_multiboot(image):
    """A loader by PVH enters where multiboot's should."""
    entry = image.word(image.bytes.index(MULTIBOOT, 0, MULTIBOOT_SEARCH) + 28)
    image.set_word(image.bytes.rindex(b"\x12\0\0\0Xen\0") + 8, entry)


def make(name, data):
    image = Image(data)
    globals()[name.replace("-", "_")](image)
    return bytes(image.bytes)
