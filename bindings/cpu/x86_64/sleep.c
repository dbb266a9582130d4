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

#define VECTOR_TIMER (HVT_RING_VECTOR + 1)

#define SLACK 16384 /* cycles: a few microseconds */

/* By the model-specific register. */
const volatile uint64_t arch_irq_eoi;

void arch_interrupts_init(void)
{
    arch_gate_set(HVT_RING_VECTOR, arch_irq, 0);
    arch_gate_set(VECTOR_TIMER, arch_irq_timer, 0);
    msr_write(MSR_SPURIOUS, APIC_ENABLE | 0xff);
    msr_write(MSR_LVT_TIMER, TIMER_DEADLINE | VECTOR_TIMER);
}

/* Setting the timer leaves the guest, for KVM, so one that is set to an earlier time, or to one
 * that is later by next to nothing, is left so: it may end a sleep early. Whether it is still set
 * only its interrupt and the time say: KVM counts the time by another clock than the guest, and may
 * be early. */
void arch_sleep(uint64_t until)
{
    if (arch_timer_set <= arch_cycles() || until + SLACK < arch_timer_set) {
        msr_write(MSR_DEADLINE, until);
        arch_timer_set = until;
    }
    arch_halt();
}
