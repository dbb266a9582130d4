/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Core files: ELF gABI, and core(5). One note with the registers, one segment with all of guest
 * memory, of which pages that are zero are holes in the file.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "debug.h"
#include "machine.h"
#include "range.h"

/* What is before the memory, which begins at the next page. */
struct head {
    Elf64_Ehdr header;
    Elf64_Phdr notes, memory;
    Elf64_Nhdr note;
    char name[8]; /* "CORE", padded */
    uint8_t status[DEBUG_REGISTERS_SIZE];
};
_Static_assert(sizeof(struct head) <= PAGE_SIZE, "memory begins at the second page");

static void make_head(struct head *head, struct vm *vm, uint64_t cookie)
{
    const uint64_t note_at = offsetof(struct head, note);
    const uint64_t start = vm->gmem.start, size = vm->gmem.end - start;
    /* In the file it is aligned to 4 bytes only. */
    uint64_t status[DEBUG_REGISTERS_SIZE / sizeof(uint64_t)];
    size_t status_size = debug_prstatus(vm, cookie, (int)getpid(), status);

    memset(head, 0, sizeof *head);
    memcpy(head->status, status, status_size);
    memcpy(head->header.e_ident, ELFMAG, SELFMAG);
    head->header.e_ident[EI_CLASS] = ELFCLASS64;
    head->header.e_ident[EI_DATA] = ELFDATA2LSB;
    head->header.e_ident[EI_VERSION] = EV_CURRENT;
    head->header.e_type = ET_CORE;
    head->header.e_machine = MACHINE_ELF;
    head->header.e_version = EV_CURRENT;
    head->header.e_phoff = offsetof(struct head, notes);
    head->header.e_ehsize = sizeof head->header;
    head->header.e_phentsize = sizeof head->notes;
    head->header.e_phnum = 2;
    head->notes = (Elf64_Phdr){.p_type = PT_NOTE,
                               .p_offset = note_at,
                               .p_filesz = offsetof(struct head, status) - note_at + status_size,
                               .p_align = 4};
    head->memory = (Elf64_Phdr){.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_W,
                                .p_offset = PAGE_SIZE,
                                .p_vaddr = start,
                                .p_paddr = start,
                                .p_filesz = size,
                                .p_memsz = size,
                                .p_align = PAGE_SIZE};
    head->note = (Elf64_Nhdr){5, (Elf64_Word)status_size, NT_PRSTATUS};
    memcpy(head->name, "CORE", 5);
}

static int write_memory(int fd, const struct gmem *gmem)
{
    static const uint8_t zero[PAGE_SIZE];

    for (uint64_t addr = gmem->start; addr < gmem->end; addr += PAGE_SIZE) {
        const void *page = gmem_at(gmem, addr, PAGE_SIZE);

        if (memcmp(page, zero, sizeof zero) != 0 &&
            pwrite(fd, page, PAGE_SIZE, (off_t)(PAGE_SIZE + addr - gmem->start)) !=
                (ssize_t)PAGE_SIZE)
            return -1;
    }
    return ftruncate(fd, (off_t)(PAGE_SIZE + gmem->end - gmem->start));
}

void core_write(struct vm *vm, const char *dir, uint64_t cookie)
{
    const char *slash = strrchr(vm->options.image, '/');
    struct error message = {""};
    struct head head;
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/core.%s.%d", dir, slash ? slash + 1 : vm->options.image,
             (int)getpid());
    make_head(&head, vm, cookie);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || pwrite(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        write_memory(fd, &vm->gmem) != 0)
        error_set(&message, "%s: cannot write it: %s", path, strerror(errno));
    else
        error_set(&message, "%s: the guest's core; look at it with: gdb %s %s", path,
                  vm->options.image, path);
    error_print(vm->tender->name, message.text);
    if (fd >= 0)
        close(fd);
}
