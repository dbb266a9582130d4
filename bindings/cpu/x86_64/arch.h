/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * arch.h: what the bindings need to know of an x86_64 processor.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "hvt_abi.h"

/* The registers at a trap, in the order in which vectors.S pushes them and a core dumper reads
 * them: the same on all targets. */
struct trap_frame {
    struct hvt_trap_frame_x86_64 regs;
};

/* A trap that was an access to memory. */
enum trap_kind { TRAP_READ, TRAP_WRITE, TRAP_EXECUTE };
struct trap_access {
    uintptr_t addr;
    enum trap_kind kind;
};

/* Whether the trap was an access that failed; fills (access) in. */
bool arch_trap_access(const struct trap_frame *frame, struct trap_access *access);
const char *arch_trap_name(const struct trap_frame *frame);
void arch_trap_registers(const struct trap_frame *frame);

static inline uintptr_t arch_trap_pc(const struct trap_frame *frame)
{
    return frame->regs.rip;
}

static inline uintptr_t arch_trap_fp(const struct trap_frame *frame)
{
    return frame->regs.rbp;
}

/* Where the host, or the processor, enters the program after a trap. */
extern const char arch_trap_entry[];

static inline uint64_t arch_cycles(void)
{
    return __builtin_ia32_rdtsc();
}

/* Sets the processor's tables up so that every trap arrives at trap_handle, on a stack of its own.
 * Only where the program runs in the processor's most privileged mode. */
void arch_traps_init(void);

/* What follows takes EXT1_INTERRUPT, and arch_traps_init before. */
void arch_interrupts_init(void);

/* Sleeps until there has been an interrupt since the last sleep, or the cycle counter is (until),
 * or an earlier value that was given before. */
void arch_sleep(uint64_t until);

/* Whether the processor takes an address: the bits above the 48 that it translates repeat the last
 * of them (SDM vol. 1, 3.3.7.1). */
static inline bool arch_is_canonical(uint64_t addr)
{
    return (uint64_t)((int64_t)(addr << 16) >> 16) == addr;
}

static inline void arch_write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* (base) is canonical. */
static inline void arch_set_fs_base(uint64_t base)
{
    arch_write_msr(0xc0000100, base); /* SDM vol. 4, 2.1 */
}

#endif
