/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Page faults of a program whose memory is cleared when it is touched.
 */
#include "arch.h"
#include "machine.h"

#define VECTOR_PAGE_FAULT 14
#define STACK_FAULT       2
#define STACK_SIZE        4096

extern const char arch_fault[];

/* interrupt.S */
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

void arch_fault_init(void)
{
    arch_stack_set(STACK_FAULT, stacks[1] + STACK_SIZE);
    arch_gate_set(VECTOR_PAGE_FAULT, arch_fault, STACK_FAULT);
}
