/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the tables of a machine ask of the processor: that it keeps data from being executed, and
 * its page faults, since memory is cleared when it is touched.
 */
#include "arch.h"
#include "machine.h"
#include "processor.h"

/* AMD64 vol. 3, E.4.2; vol. 2, 3.1.7 */
#define CPUID_FEATURES 0x80000001
#define FEATURE_NX     20
#define MSR_EFER       0xc0000080
#define EFER_NXE       (UINT64_C(1) << 11)

#define VECTOR_PAGE_FAULT 14
#define STACK_FAULT       2
#define STACK_SIZE        4096

extern const char arch_fault[];

/* fault.S */
bool arch_fault_handle(uintptr_t addr);

static uint8_t stacks[2][STACK_SIZE] __attribute__((aligned(16)));

/* A fault that is a trap is reported on this stack, and the report may touch memory for the first
 * time: a fault in it has the other one. */
bool arch_fault_handle(uintptr_t addr)
{
    if (machine_freshen(addr))
        return true;
    arch_stack_set(STACK_FAULT, stacks[1]);
    return false;
}

bool arch_no_execute_init(void)
{
    if (!(cpuid(CPUID_FEATURES, 0).edx >> FEATURE_NX & 1))
        return false;
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NXE);
    return true;
}

void arch_fault_init(void)
{
    arch_stack_set(STACK_FAULT, stacks[1] + STACK_SIZE);
    arch_gate_set(VECTOR_PAGE_FAULT, arch_fault, STACK_FAULT);
}
