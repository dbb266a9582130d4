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
#include "processor.h"

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

/* Makes (handler) the processor's for (vector), 0 to 255, on that stack of the task state (1 to 7),
 * or, with 0, on the one that was interrupted. Stack 1 is that of traps. */
void arch_gate_set(unsigned vector, const char *handler, unsigned stack);
void arch_stack_set(unsigned stack, const uint8_t *top);

/* Makes the tables at that physical address those that translate; the code that runs is in them. */
static inline void arch_tables_load(uint64_t pml4)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(pml4) : "memory");
}

/* Makes the processor obey tables that say what is not to be executed. Returns false when it
 * cannot. */
bool arch_no_execute_init(void);

/* Lets machine_freshen (machine.h) look at page faults first. */
void arch_fault_init(void);

/* Clears memory; both are multiples of 8. */
static inline void arch_clear(void *start, uint64_t size)
{
    uint64_t count = size / 8;
    __asm__ volatile("rep stosq" : "+D"(start), "+c"(count) : "a"(UINT64_C(0)) : "memory");
}

/* Forgets the translation of the page at (addr), which has changed. */
static inline void arch_forget_page(uintptr_t addr)
{
    __asm__ volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

/* Where an interrupt arrives that only ends a sleep, or a spurious one: interrupt.S. */
extern const char arch_irq[], arch_irq_spurious[];

/* The same of a timer, which is not set any more then. */
extern const char arch_irq_timer[];
extern volatile uint64_t arch_timer_set; /* to when, in its user's unit; 0: not set */

/* Halts the processor until an interrupt; one that came before ends it at once (SDM vol. 2, STI).
 * Interrupts are off before and after. */
void arch_halt(void);

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

/* (base) is canonical. */
static inline void arch_set_fs_base(uint64_t base)
{
    msr_write(0xc0000100, base); /* SDM vol. 4, 2.1 */
}

#endif
