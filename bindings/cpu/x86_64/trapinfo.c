/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a trap frame says, in words: SDM vol. 3, 6.15, "Exception and Interrupt Reference".
 */
#include "bindings.h"

#include "arch.h"

#define VECTOR_PAGE_FAULT 14

/* SDM vol. 3, 4.7: error code of a page fault. */
#define FAULT_WRITE 0x02
#define FAULT_FETCH 0x10

static const char *const names[] = {
    [0] = "division error",
    [1] = "debug exception",
    [2] = "non-maskable interrupt",
    [3] = "breakpoint",
    [4] = "overflow",
    [5] = "bound range exceeded",
    [6] = "invalid instruction",
    [7] = "no floating point unit",
    [8] = "double fault",
    [10] = "invalid task state",
    [11] = "segment not present",
    [12] = "stack segment fault",
    [13] = "general protection: a non-canonical address or a privileged instruction",
    [14] = "page fault",
    [16] = "x87 floating point error",
    [17] = "unaligned access",
    [18] = "machine check",
    [19] = "SSE floating point error",
};

bool arch_trap_access(const struct trap_frame *frame, struct trap_access *access)
{
    if (frame->regs.vector != VECTOR_PAGE_FAULT)
        return false;
    access->addr = frame->regs.cr2;
    /* A fetch may be told from a read only by the address where no bit says so. */
    if (frame->regs.error & FAULT_WRITE)
        access->kind = TRAP_WRITE;
    else if ((frame->regs.error & FAULT_FETCH) || frame->regs.cr2 == frame->regs.rip)
        access->kind = TRAP_EXECUTE;
    else
        access->kind = TRAP_READ;
    return true;
}

const char *arch_trap_name(const struct trap_frame *frame)
{
    if (frame->regs.vector < sizeof names / sizeof names[0] && names[frame->regs.vector] != NULL)
        return names[frame->regs.vector];
    return "unknown exception";
}

void arch_trap_registers(const struct trap_frame *frame)
{
    typedef unsigned long long ull;
    log_write(LOG_ERROR, "%s (vector %u), error code 0x%llx", arch_trap_name(frame),
              (unsigned)frame->regs.vector, (ull)frame->regs.error);
    log_write(LOG_ERROR, "rip %llx rsp %llx rflags %llx cr2 %llx", (ull)frame->regs.rip,
              (ull)frame->regs.rsp, (ull)frame->regs.rflags, (ull)frame->regs.cr2);
    log_write(LOG_ERROR, "rax %llx rbx %llx rcx %llx rdx %llx", (ull)frame->regs.rax,
              (ull)frame->regs.rbx, (ull)frame->regs.rcx, (ull)frame->regs.rdx);
    log_write(LOG_ERROR, "rsi %llx rdi %llx rbp %llx r8  %llx", (ull)frame->regs.rsi,
              (ull)frame->regs.rdi, (ull)frame->regs.rbp, (ull)frame->regs.r8);
    log_write(LOG_ERROR, "r9  %llx r10 %llx r11 %llx r12 %llx", (ull)frame->regs.r9,
              (ull)frame->regs.r10, (ull)frame->regs.r11, (ull)frame->regs.r12);
    log_write(LOG_ERROR, "r13 %llx r14 %llx r15 %llx", (ull)frame->regs.r13, (ull)frame->regs.r14,
              (ull)frame->regs.r15);
}
