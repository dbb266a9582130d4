/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The start of a tender: relocates it, sets the stack canary, calls main. What the start-up of a
 * whole C library does besides, such as asking the processor for all its features, which takes
 * longer in a virtual machine than all the rest of a tender, is not needed for the few functions in
 * this folder.
 */
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "syscall.h"

int main(int argc, char **argv);
void start(uintptr_t *stack) __attribute__((noreturn, visibility("hidden")));
void __stack_chk_fail(void) __attribute__((noreturn));

uintptr_t __stack_chk_guard;

/* By the linker: where the program lies; link.h has _DYNAMIC, its dynamic section. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

static void end(int status) __attribute__((noreturn));
static void end(int status)
{
    for (;;)
        raw_syscall(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

/* ELF gABI, dynamic section. A static program that lies anywhere has relative relocations only. */
static void relocate(void)
{
    uintptr_t base = (uintptr_t)__ehdr_start;
    const ElfW(Rela) *rela = NULL;
    size_t size = 0;

    for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag != DT_NULL; d++) {
        if (d->d_tag == DT_RELA)
            rela = (const ElfW(Rela) *)(base + d->d_un.d_ptr);
        if (d->d_tag == DT_RELASZ)
            size = d->d_un.d_val;
    }
    for (size_t i = 0; i < size / sizeof *rela; i++)
        *(uintptr_t *)(base + rela[i].r_offset) = base + (uintptr_t)rela[i].r_addend;
}

/* The auxiliary vector follows the arguments and the environment, each ended by a 0. */
static void set_canary(const uintptr_t *after_arguments)
{
    const uintptr_t *p = after_arguments;

    while (*p++ != 0)
        ;
    for (; p[0] != AT_NULL; p += 2)
        if (p[0] == AT_RANDOM)
            memcpy(&__stack_chk_guard, (const void *)p[1], sizeof __stack_chk_guard);
    /* The lowest byte stays 0, so that a string that is too long cannot copy it. */
    __stack_chk_guard &= ~(uintptr_t)0xff;
}

__attribute__((no_stack_protector)) void start(uintptr_t *stack)
{
    int argc = (int)stack[0];

    relocate();
    set_canary(stack + 1 + argc + 1);
    end(main(argc, (char **)(stack + 1)));
}

void __stack_chk_fail(void)
{
    static const char text[] = "tender: internal error, please report it: stack smashed\n";

    raw_syscall(SYS_write, 2, (long)text, sizeof text - 1, 0, 0, 0);
    end(1);
}
