/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Sleeping in a processor that its host has set up for it (EXT1_INTERRUPT). Interrupts are let in
 * there and nowhere else. SDM vol. 3, 11.12 and 11.5.4.1.
 */
#include "arch.h"

#define MSR_DEADLINE  0x6e0
#define MSR_SPURIOUS  0x80f
#define MSR_LVT_TIMER 0x832

#define APIC_ENABLE    0x100
#define TIMER_DEADLINE (2 << 17)

/* By the model-specific register. */
const volatile uint64_t arch_irq_eoi;

void arch_interrupts_init(void)
{
    arch_gate_set(HVT_RING_VECTOR, arch_irq, 0);
    msr_write(MSR_SPURIOUS, APIC_ENABLE | 0xff);
    msr_write(MSR_LVT_TIMER, TIMER_DEADLINE | HVT_RING_VECTOR);
}

/* An interrupt that came before is let in after the instruction that follows sti: SDM vol. 2. */
void arch_sleep(uint64_t until)
{
    msr_write(MSR_DEADLINE, until);
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}
