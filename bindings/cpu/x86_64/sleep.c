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

#define SLACK 16384 /* cycles: a few microseconds */

/* By the model-specific register. */
const volatile uint64_t arch_irq_eoi;

void arch_interrupts_init(void)
{
    arch_gate_set(HVT_RING_VECTOR, arch_irq, 0);
    msr_write(MSR_SPURIOUS, APIC_ENABLE | 0xff);
    msr_write(MSR_LVT_TIMER, TIMER_DEADLINE | HVT_RING_VECTOR);
}

/* Setting the timer leaves the guest, for KVM, so one that is set to an earlier time, or to one
 * that is later by next to nothing, is left so: it may end a sleep early. An interrupt that came
 * before is let in after the instruction that follows sti: SDM vol. 2. */
void arch_sleep(uint64_t until)
{
    static uint64_t set;
    if (set <= arch_cycles() || until + SLACK < set) {
        msr_write(MSR_DEADLINE, until);
        set = until;
    }
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}
