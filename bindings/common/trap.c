/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The report of a processor trap: what happened in words, the registers, and a backtrace of return
 * addresses. It trusts nothing that the program may have broken: every frame pointer is checked,
 * and a trap within the report ends it.
 */
#include "bindings.h"

#include "arch.h"

#define BACKTRACE_MAX 32

/* Below this an address is a null pointer with an offset: nothing is ever mapped there. */
#define NULL_AREA 0x10000

static bool within(uintptr_t addr, uintptr_t start, uintptr_t end)
{
    return addr >= start && addr < end;
}

static const char *describe(const struct trap_access *access)
{
    const struct memory_map *m = &memory_map;
    uintptr_t addr = access->addr;
    if (addr < NULL_AREA)
        return "null pointer:";
    if (access->kind == TRAP_EXECUTE)
        return within(addr, m->text_end, m->end) ? "execute of data:" : "jump out of the image:";
    /* All of the heap is readable and writable but for the guard pages below the stacks. */
    if (within(addr, m->heap, m->end))
        return "stack overflow:";
    if (access->kind == TRAP_WRITE && within(addr, m->text, m->rodata_end))
        return "write to read-only memory:";
    return "access outside memory:";
}

static void report_access(const struct trap_frame *frame, const char *name)
{
    static const char *const kinds[] = {"read", "write", "execute"};
    struct trap_access access;
    if (arch_trap_access(frame, &access))
        log_write(LOG_ERROR, "trap: %s %s at %llx", describe(&access), kinds[access.kind],
                  (unsigned long long)access.addr);
    else
        log_write(LOG_ERROR, "trap: %s", name);
}

/* Walks the frame pointers: each points at the caller's, with the return address above it. */
static void report_backtrace(const struct trap_frame *frame)
{
    log_write(LOG_ERROR, "backtrace, for addr2line -f -e IMAGE:");
    log_write(LOG_ERROR, "  %llx", (unsigned long long)arch_trap_pc(frame));
    uintptr_t fp = arch_trap_fp(frame);
    for (unsigned i = 0; i < BACKTRACE_MAX; i++) {
        if ((fp & 7) || fp < memory_map.rodata_end || fp > memory_map.end - 2 * sizeof(uintptr_t))
            break;
        const uintptr_t *record = (const uintptr_t *)fp;
        if (!within(record[1], memory_map.text, memory_map.text_end))
            break;
        log_write(LOG_ERROR, "  %llx", (unsigned long long)record[1]);
        if (record[0] <= fp)
            break;
        fp = record[0];
    }
}

void trap_handle(const struct trap_frame *frame)
{
    static bool reporting;
    if (!reporting) {
        reporting = true;
        report_access(frame, arch_trap_name(frame));
        arch_trap_registers(frame);
        report_backtrace(frame);
    }
    target_trap_exit(frame);
}
