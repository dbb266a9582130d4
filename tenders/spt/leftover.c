/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the tender leaves behind: see leftover.h.
 */
#include "leftover.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "error.h"
#include "range.h"

/* More than the tender's calls can have put on its stack. Nothing else is mapped so near to it:
 * Linux keeps 128 MiB free below (mm/util.c, mmap_base). */
#define STACK_DEPTH (UINT64_C(1) << 20)

/* By the linker: where the program lies. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static struct leftover pages(uint64_t start, uint64_t end)
{
    return (struct leftover){page_down(start), page_up(end) - page_down(start)};
}

static struct leftover find_data(void)
{
    uint64_t base = (uintptr_t)&__ehdr_start;
    const ElfW(Phdr) *phdr = (const void *)(uintptr_t)(base + __ehdr_start.e_phoff);

    for (unsigned i = 0; i < __ehdr_start.e_phnum; i++)
        if (phdr[i].p_type == PT_LOAD && (phdr[i].p_flags & PF_W))
            return pages(base + phdr[i].p_vaddr, base + phdr[i].p_vaddr + phdr[i].p_memsz);
    CHECK(!"the program has data");
    return (struct leftover){0, 0};
}

/* Below the arguments, which are the first of the strings at the stack's top: the tables of
 * pointers to them, and the frames (Linux, fs/exec.c, fs/binfmt_elf.c; System V ABI for
 * AMD64, 3.4.1). */
static struct leftover find_stack(const char *first_argument)
{
    uint64_t frame = (uintptr_t)__builtin_frame_address(0);
    uint64_t start = page_down(frame - STACK_DEPTH);

    return (struct leftover){start, page_down((uintptr_t)first_argument) - start};
}

void leftover_find(struct leftover *leftover, char *const *argv)
{
    leftover[0] = find_data();
    leftover[1] = find_stack(argv[0]);
}

void leftover_clear_environment(int argc, char *const *argv)
{
    for (char *const *variable = argv + argc + 1; *variable != NULL; variable++)
        memset(*variable, 0, strlen(*variable));
}
