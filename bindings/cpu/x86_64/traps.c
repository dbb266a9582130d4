/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Segments, task state and interrupt table of a program that runs in ring 0: as little as it takes
 * for every exception to arrive at vectors.S on a stack that is surely good.
 */
#include "bindings.h"

#include "arch.h"

#define VECTORS     (HVT_RING_VECTOR + 1) /* the exceptions, and it */
#define VECTOR_SIZE 16

#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TSS  0x18

/* SDM vol. 3, 6.14.1: a 64-bit interrupt gate. */
struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_mid;
    uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "SDM vol. 3, figure 6-8");

/* SDM vol. 3, 7.7: the 64-bit task state, of which only the interrupt stack is used. */
struct task_state {
    uint32_t reserved0;
    uint64_t rsp[3], reserved1, ist[7], reserved2;
    uint16_t reserved3, iomap_base;
} __attribute__((packed));
_Static_assert(sizeof(struct task_state) == 104, "SDM vol. 3, figure 7-11");

struct table_register {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

extern const char arch_trap_vectors[], arch_interrupt_entry[];

static struct gate idt[VECTORS];
static struct task_state tss;
static uint8_t trap_stack[8192] __attribute__((aligned(16)));

static uint64_t gdt[5] = {
    0,
    UINT64_C(0x00af9b000000ffff), /* code: present, 64-bit, ring 0, accessed */
    UINT64_C(0x00cf93000000ffff), /* data: present, writable, ring 0, accessed */
    0,
    0, /* task state, filled in below */
};

static void load_segments(void)
{
    uint64_t base = (uint64_t)&tss;
    uint64_t limit = sizeof tss - 1;
    /* SDM vol. 3, 7.2.3: present, available 64-bit TSS. */
    gdt[3] = limit | (base & 0xffffff) << 16 | UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
    gdt[4] = base >> 32;
    struct table_register gdtr = {sizeof gdt - 1, (uint64_t)gdt};
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "movl %2, %%eax\n\t"
                     "movl %%eax, %%ds\n\t"
                     "movl %%eax, %%es\n\t"
                     "movl %%eax, %%ss\n\t"
                     "ltr %w3"
                     :
                     : "m"(gdtr), "i"(SEL_CODE), "i"(SEL_DATA), "r"(SEL_TSS)
                     : "rax", "memory");
}

static void set_gate(unsigned vector, uint64_t entry, uint8_t stack)
{
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = SEL_CODE,
        .ist = stack,
        .type = 0x8e, /* present, interrupt gate */
        .offset_mid = (uint16_t)(entry >> 16),
        .offset_high = (uint32_t)(entry >> 32),
    };
}

void arch_traps_init(void)
{
    tss.ist[0] = (uint64_t)(trap_stack + sizeof trap_stack);
    tss.iomap_base = sizeof tss;
    load_segments();
    for (unsigned i = 0; i < HVT_RING_VECTOR; i++)
        set_gate(i, (uint64_t)arch_trap_vectors + i * VECTOR_SIZE, 1);
    /* It comes in arch_sleep alone, where the stack is good. */
    set_gate(HVT_RING_VECTOR, (uint64_t)arch_interrupt_entry, 0);
    struct table_register idtr = {sizeof idt - 1, (uint64_t)idt};
    __asm__ volatile("lidt %0" : : "m"(idtr));
}

/* ---- Sleeping. Interrupts are let in there and nowhere else. SDM vol. 3, 11.12 and 11.5.4.1. */

#define MSR_DEADLINE  0x6e0
#define MSR_SPURIOUS  0x80f
#define MSR_LVT_TIMER 0x832

#define APIC_ENABLE    0x100
#define TIMER_DEADLINE (2 << 17)

#define SLACK 16384 /* cycles: a few microseconds */

void arch_interrupts_init(void)
{
    arch_write_msr(MSR_SPURIOUS, APIC_ENABLE | 0xff);
    arch_write_msr(MSR_LVT_TIMER, TIMER_DEADLINE | HVT_RING_VECTOR);
}

/* Setting the timer leaves the guest, for KVM, so one that is set to an earlier time, or to one
 * that is later by next to nothing, is left so: it may end a sleep early. An interrupt that came
 * before is let in after the instruction that follows sti: SDM vol. 2. */
void arch_sleep(uint64_t until)
{
    static uint64_t set;
    if (set <= arch_cycles() || until + SLACK < set) {
        arch_write_msr(MSR_DEADLINE, until);
        set = until;
    }
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}
