/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Interrupts by the local APIC and the I/O APICs (SDM vol. 3, chapter 11; 82093AA data sheet),
 * as irq.h describes them. The old interrupt controllers are masked for good.
 *
 * The timer's frequency is learnt from sleeping: a first short sleep is made at a guess, each one
 * is measured by the clock, and none is longer than eight times the longest that was measured. Its
 * registers cost more than all else of a sleep, since they belong to the host: a timer that is set
 * to an earlier time is left so until it fires, and ends a sleep early then.
 */
#include "arch.h"
#include "hardware.h"
#include "irq.h"
#include "machine.h"
#include "processor.h"

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK  0xa1

#define MSR_APIC_BASE     0x1b
#define APIC_BASE_ENABLE  (UINT64_C(1) << 11)
#define APIC_BASE_X2APIC  (UINT64_C(1) << 10)
#define APIC_BASE_ADDRESS UINT64_C(0x000ffffffffff000)

/* Offsets of registers; as model-specific registers 0x800 + offset / 16. */
#define APIC_ID            0x020
#define APIC_TASK_PRIORITY 0x080
#define APIC_EOI           0x0b0
#define APIC_SPURIOUS      0x0f0
#define APIC_LVT_TIMER     0x320
#define APIC_LVT_LINT0     0x350
#define APIC_LVT_LINT1     0x360
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0

#define SPURIOUS_ENABLE 0x100
#define LVT_MASKED      0x10000
#define DIVIDE_BY_1     0xb

#define IOAPIC_ADDRESS UINT64_C(0xfec00000)
/* The second is microvm's; nobody tells of it but ACPI. */
#define IOAPICS         2
#define IOAPIC_DISTANCE 0x10000
#define IOAPIC_LINES    24
#define IOAPIC_SELECT   0x00
#define IOAPIC_DATA     0x10
#define IOAPIC_VERSION  0x01
#define IOAPIC_REDIRECT 0x10
#define REDIRECT_LOW    (1u << 13)
#define REDIRECT_LEVEL  (1u << 15)

/* Lines and messages have each their own: a message, which is an edge, would make an edge also of a
 * line that is pending at its vector; the I/O APIC hears of no edge's end, and would never pass
 * that line on again (SDM vol. 3, 11.8.4 and 11.8.5). */
#define VECTOR_TIMER    32
#define VECTOR_LINE     33
#define VECTOR_MESSAGE  34
#define VECTOR_SPURIOUS 255

#define FIRST_SLEEP_COUNT 50000
#define SHORTEST_SAMPLE   UINT64_C(10000) /* nanoseconds */

/* Address of the acknowledging register, or 0 for the model-specific one; interrupt.S reads it. */
volatile uint64_t arch_irq_eoi;

static struct {
    bool present;
    uint64_t registers;       /* 0: x2APIC */
    uint64_t ioapic[IOAPICS]; /* 0: not looked for yet */
    uint64_t nsecs;           /* of the longest sleep that was measured */
    uint64_t rate;            /* the highest seen: counts in a nanosecond, times 2^32 */
} apic;

static uint32_t apic_read(unsigned offset)
{
    if (apic.registers != 0)
        return reg_read32(apic.registers + offset);
    return (uint32_t)msr_read(0x800 + offset / 16);
}

static void apic_write(unsigned offset, uint32_t value)
{
    if (apic.registers != 0)
        reg_write32(apic.registers + offset, value);
    else
        msr_write(0x800 + offset / 16, value);
}

static bool apic_enable(void)
{
    const struct cpuid features = cpuid(1, 0);
    if (!(features.edx >> 9 & 1))
        return false;
    uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE;
    msr_write(MSR_APIC_BASE, base);
    if (features.ecx >> 21 & 1) {
        msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
    } else {
        void *window = machine_map(base & APIC_BASE_ADDRESS, 0x1000, MACHINE_DEVICE);
        if (window == NULL)
            return false;
        apic.registers = (uint64_t)(uintptr_t)window;
        arch_irq_eoi = apic.registers + APIC_EOI;
    }
    return true;
}

bool irq_init(void)
{
    port_out8(PIC_MASTER_MASK, 0xff);
    port_out8(PIC_SLAVE_MASK, 0xff);
    if (!apic_enable())
        return false;
    for (unsigned vector = VECTOR_TIMER; vector < VECTOR_SPURIOUS; vector++)
        arch_gate_set(vector, vector == VECTOR_TIMER ? arch_irq_timer : arch_irq, 0);
    arch_gate_set(VECTOR_SPURIOUS, arch_irq_spurious, 0);
    /* First: as long as it is off it masks what is written below (SDM vol. 3, 11.4.7.2). */
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_LVT_LINT0, LVT_MASKED);
    apic_write(APIC_LVT_LINT1, LVT_MASKED);
    apic_write(APIC_TASK_PRIORITY, 0);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    apic.present = true;
    return true;
}

static uint32_t apic_id(void)
{
    return apic.registers != 0 ? apic_read(APIC_ID) >> 24 : apic_read(APIC_ID);
}

/* SDM vol. 3, 11.11: physical destination, fixed delivery. */
void irq_message(uint64_t *addr, uint32_t *data)
{
    *addr = UINT64_C(0xfee00000) | (uint64_t)(apic_id() & 0xff) << 12;
    *data = VECTOR_MESSAGE;
}

static uint32_t ioapic_read(uint64_t window, unsigned index)
{
    reg_write32(window + IOAPIC_SELECT, index);
    return reg_read32(window + IOAPIC_DATA);
}

static void ioapic_write(uint64_t window, unsigned index, uint32_t value)
{
    reg_write32(window + IOAPIC_SELECT, index);
    reg_write32(window + IOAPIC_DATA, value);
}

bool irq_connect(unsigned gsi, enum irq_trigger trigger)
{
    unsigned which = gsi / IOAPIC_LINES, line = gsi % IOAPIC_LINES;
    if (!apic.present || which >= IOAPICS)
        return false;
    if (apic.ioapic[which] == 0)
        apic.ioapic[which] = (uint64_t)(uintptr_t)machine_map(
            IOAPIC_ADDRESS + which * IOAPIC_DISTANCE, 0x20, MACHINE_DEVICE);
    uint64_t window = apic.ioapic[which];
    if (window == 0)
        return false;
    uint32_t version = ioapic_read(window, IOAPIC_VERSION);
    if (version == UINT32_MAX || version == 0 || line > (version >> 16 & 0xff))
        return false;
    uint32_t mode = REDIRECT_LEVEL | (trigger == IRQ_LEVEL_LOW ? REDIRECT_LOW : 0);
    ioapic_write(window, IOAPIC_REDIRECT + 2 * line + 1, apic_id() << 24);
    ioapic_write(window, IOAPIC_REDIRECT + 2 * line, VECTOR_LINE | mode);
    return true;
}

/* How many counts of the timer a sleep of (*nsecs) takes, as far as is known yet; it may get
 * shorter for that. */
static uint32_t timer_counts(uint64_t *nsecs)
{
    if (apic.nsecs == 0) {
        if (*nsecs > FIRST_SLEEP_COUNT)
            *nsecs = FIRST_SLEEP_COUNT;
        return (uint32_t)*nsecs + 1;
    }
    if (*nsecs / 8 > apic.nsecs)
        *nsecs = apic.nsecs * 8;
    unsigned __int128 counts = ((unsigned __int128)*nsecs * apic.rate >> 32) + 1;
    return counts < UINT32_MAX ? (uint32_t)counts : UINT32_MAX;
}

/* Who is woken late finds the timer slower than it is, never faster. */
static void timer_learn(uint64_t counts, uint64_t nsecs)
{
    if (nsecs < SHORTEST_SAMPLE || counts == 0)
        return;
    uint64_t rate = (counts << 32) / nsecs; /* the timer has 32 bits */
    if (rate > apic.rate)
        apic.rate = rate;
    if (nsecs > apic.nsecs)
        apic.nsecs = nsecs;
}

static void sleep_by_timer(solo5_time_t start, uint64_t nsecs)
{
    uint32_t counts = timer_counts(&nsecs);
    apic_write(APIC_TIMER_INITIAL, counts);
    arch_timer_set = start + nsecs;
    arch_halt();
    uint32_t left = apic_read(APIC_TIMER_CURRENT);
    if (left < counts)
        timer_learn(counts - left, machine_clock_monotonic() - start);
}

/* Whether the timer is still set only its interrupt and the time say: it may be early, as far as
 * its frequency is known. */
void irq_wait(solo5_time_t deadline)
{
    solo5_time_t start = machine_clock_monotonic();
    if (deadline <= start)
        return;
    if (!apic.present) {
        __builtin_ia32_pause();
        return;
    }
    if (arch_timer_set > start && arch_timer_set <= deadline)
        arch_halt();
    else
        sleep_by_timer(start, deadline - start);
}
