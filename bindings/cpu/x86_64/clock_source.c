/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What an x86_64 machine knows of time: the hypervisor by its CPUID leaves (Linux,
 * Documentation/virt/kvm/x86/{cpuid,msr}.rst; Hyper-V TLFS 6.0b, 2.4 and 12), the processor by its
 * own (SDM vol. 2, CPUID), the i8254 and the HPET (IA-PC HPET 1.0a), and the calendar (MC146818).
 */
#include "arch.h"
#include "clock.h"
#include "hardware.h"
#include "machine.h"
#include "processor.h"

#define HYPERVISOR_FIRST 0x40000000
#define HYPERVISOR_STEP  0x100
#define HYPERVISOR_LAST  0x40000400

#define KVM_FEATURE_CLOCKSOURCE2 3
#define MSR_KVM_WALL             0x4b564d00
#define MSR_KVM_TIME             0x4b564d01

#define LEAF_FREQUENCY 0x10 /* from the hypervisor's first: kHz, by VMware, KVM, bhyve */

#define HYPERV_EBX         0x7263694d /* "Microsof" */
#define HYPERV_ECX         0x666f736f
#define HYPERV_PAGE        9
#define HYPERV_FREQUENCIES 11
#define MSR_HYPERV_COUNT   0x40000020
#define MSR_HYPERV_PAGE    0x40000021
#define MSR_HYPERV_TSC     0x40000022

#define EXTENDED      0x80000000
#define INVARIANT_TSC 8

/* Returns the first leaf of the hypervisor whose signature begins so, or 0; sets its last leaf. */
static uint32_t hypervisor(uint32_t b, uint32_t c, uint32_t *last)
{
    if (!(cpuid(1, 0).ecx >> 31))
        return 0;
    for (uint32_t leaf = HYPERVISOR_FIRST; leaf < HYPERVISOR_LAST; leaf += HYPERVISOR_STEP) {
        struct cpuid r = cpuid(leaf, 0);
        if (r.ebx == b && r.ecx == c) {
            *last = r.eax;
            return leaf;
        }
    }
    return 0;
}

static bool find_hyperv(void)
{
    static volatile union {
        struct hyperv_time time;
        uint8_t page[4096];
    } shared __attribute__((aligned(4096)));
    uint32_t last, leaf = hypervisor(HYPERV_EBX, HYPERV_ECX, &last);
    if (leaf == 0 || !(cpuid(leaf + 3, 0).eax >> HYPERV_PAGE & 1))
        return false;
    msr_write(MSR_HYPERV_PAGE, (uint64_t)(uintptr_t)&shared | 1);
    if (shared.time.sequence == 0) { /* it would have to be asked each time */
        msr_write(MSR_HYPERV_PAGE, 0);
        return false;
    }
    clock_use_hyperv(&shared.time);
    return true;
}

uint64_t clock_ask_hyperv(void)
{
    return msr_read(MSR_HYPERV_COUNT);
}

static void ask_kvm_wall(const volatile struct pvclock_wall *wall)
{
    msr_write(MSR_KVM_WALL, (uint64_t)(uintptr_t)wall);
}

static bool find_pv(void)
{
    static volatile struct pvclock_time time __attribute__((aligned(64)));
    static volatile struct pvclock_wall wall __attribute__((aligned(64)));
    uint32_t last;
    uint32_t leaf = hypervisor(0x4b4d564b, 0x564b4d56, &last); /* "KVMKVMKV" */
    if (leaf == 0 || !(cpuid(leaf + 1, 0).eax >> KVM_FEATURE_CLOCKSOURCE2 & 1))
        return false;
    msr_write(MSR_KVM_TIME, (uint64_t)(uintptr_t)&time | 1);
    if (time.tsc_to_system_mul == 0)
        return false;
    clock_use_pv(&time, &wall, ask_kvm_wall);
    return true;
}

bool clock_find_shared(void)
{
    return find_pv() || find_hyperv();
}

/* What one of the hypervisors that the machine shows says in the leaf of VMware's; Hyper-V has
 * others in that place. */
static uint64_t hypervisor_frequency(void)
{
    if (!(cpuid(1, 0).ecx >> 31))
        return 0;
    for (uint32_t leaf = HYPERVISOR_FIRST; leaf < HYPERVISOR_LAST; leaf += HYPERVISOR_STEP) {
        struct cpuid r = cpuid(leaf, 0);
        if (r.ebx == HYPERV_EBX || r.eax < leaf + LEAF_FREQUENCY || r.eax >= leaf + HYPERVISOR_STEP)
            continue;
        uint32_t khz = cpuid(leaf + LEAF_FREQUENCY, 0).eax;
        if (khz != 0)
            return khz * UINT64_C(1000);
    }
    return 0;
}

bool clock_cycles_are_steady(void)
{
    return cpuid(1, 0).ecx >> 31 || (cpuid(EXTENDED, 0).eax >= EXTENDED + 7 &&
                                     (cpuid(EXTENDED + 7, 0).edx >> INVARIANT_TSC & 1));
}

uint64_t clock_cycles_per_second(void)
{
    uint32_t last;
    uint32_t leaf = hypervisor(HYPERV_EBX, HYPERV_ECX, &last);
    if (leaf != 0 && (cpuid(leaf + 3, 0).eax >> HYPERV_FREQUENCIES & 1))
        return msr_read(MSR_HYPERV_TSC);
    uint64_t told = hypervisor_frequency();
    if (told != 0)
        return told;
    last = cpuid(0, 0).eax;
    if (last < 0x15)
        return 0;
    struct cpuid ratio = cpuid(0x15, 0);
    if (ratio.eax == 0 || ratio.ebx == 0)
        return 0;
    if (ratio.ecx != 0)
        return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax;
    return last >= 0x16 ? (cpuid(0x16, 0).eax & 0xffff) * UINT64_C(1000000) : 0;
}

/* ---- A timer to measure against: ticks that count up */

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND   0x43
#define PIT_GATE      0x61
#define PIT_HZ        1193182

#define HPET_ADDRESS    UINT64_C(0xfed00000)
#define HPET_PERIOD     0x004 /* femtoseconds */
#define HPET_PERIOD_MAX 100000000
#define HPET_CONFIG     0x010
#define HPET_COUNTER    0x0f0

#define TRIES            5
#define TURNS_UNTIL_TICK 1000

static struct {
    uint64_t hpet;          /* its registers; 0: the i8254 is used */
    uint64_t femto;         /* femtoseconds in a tick */
    uint64_t ticks, cycles; /* at the start */
} timer;

static uint32_t timer_ticks(void)
{
    if (timer.hpet != 0)
        return reg_read32(timer.hpet + HPET_COUNTER);
    port_out8(PIT_COMMAND, 0x80); /* latch channel 2 */
    uint32_t low = port_in8(PIT_CHANNEL_2);
    return 0xffff - (low | (uint32_t)port_in8(PIT_CHANNEL_2) << 8);
}

/* Reads the timer and the cycle counter as close together as one of a few tries is. */
static void timer_read(uint64_t *ticks, uint64_t *cycles)
{
    uint64_t best = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t before = arch_cycles();
        uint64_t t = timer_ticks();
        uint64_t after = arch_cycles();
        if (i == 0 || after - before < best) {
            best = after - before;
            *ticks = t;
            *cycles = before + best / 2;
        }
    }
}

static void pit_start(void)
{
    port_out8(PIT_GATE, (uint8_t)((port_in8(PIT_GATE) & ~2u) | 1)); /* counts, silently */
    port_out8(PIT_COMMAND, 0xb0); /* channel 2, both bytes, mode 0 */
    port_out8(PIT_CHANNEL_2, 0xff);
    port_out8(PIT_CHANNEL_2, 0xff);
    timer.femto = UINT64_C(1000000000000000) / PIT_HZ;
}

static bool hpet_start(void)
{
    uint64_t registers = (uint64_t)(uintptr_t)machine_map(HPET_ADDRESS, 0x400, MACHINE_DEVICE);
    if (registers == 0)
        return false;
    uint32_t period = reg_read32(registers + HPET_PERIOD);
    if (period == 0 || period > HPET_PERIOD_MAX)
        return false;
    reg_write32(registers + HPET_CONFIG, reg_read32(registers + HPET_CONFIG) | 1);
    timer.femto = period;
    timer.hpet = registers;
    return true;
}

static uint64_t timer_nsecs(uint64_t ticks)
{
    uint32_t mask = timer.hpet != 0 ? UINT32_MAX : 0xffff;
    return ((ticks - timer.ticks) & mask) * timer.femto / 1000000;
}

/* A timer that is not there does not count. */
static bool timer_counts(void)
{
    uint32_t first = timer_ticks();
    for (unsigned i = 0; i < TURNS_UNTIL_TICK; i++)
        if (timer_ticks() != first)
            return true;
    return false;
}

bool clock_timer_start(void)
{
    if (timer.hpet == 0) {
        pit_start();
        if (!timer_counts() && !(hpet_start() && timer_counts()))
            return false;
    }
    timer_read(&timer.ticks, &timer.cycles);
    return true;
}

void clock_timer_read(uint64_t *cycles, uint64_t *nsecs)
{
    uint64_t ticks, now;
    timer_read(&ticks, &now);
    *cycles = now - timer.cycles;
    *nsecs = timer_nsecs(ticks);
}

/* ---- The calendar */

#define RTC_INDEX  0x70
#define RTC_DATA   0x71
#define RTC_A      0x0a
#define RTC_B      0x0b
#define A_UPDATING 0x80
#define B_24_HOURS 0x02
#define B_BINARY   0x04
#define PM         0x80
#define READS_MAX  100000

struct calendar {
    unsigned second, minute, hour, day, month, year;
};

static uint8_t rtc_read(uint8_t index)
{
    port_out8(RTC_INDEX, index);
    return port_in8(RTC_DATA);
}

static unsigned from_bcd(unsigned value, bool binary)
{
    return binary ? value : (value >> 4) * 10 + (value & 15);
}

static void calendar_read(struct calendar *c)
{
    uint8_t b = rtc_read(RTC_B), hour = rtc_read(4);
    bool binary = b & B_BINARY;
    c->second = from_bcd(rtc_read(0), binary);
    c->minute = from_bcd(rtc_read(2), binary);
    c->hour = from_bcd(hour & ~PM, binary);
    if (!(b & B_24_HOURS))
        c->hour = c->hour % 12 + (hour & PM ? 12 : 0);
    c->day = from_bcd(rtc_read(7), binary);
    c->month = from_bcd(rtc_read(8), binary);
    c->year = 2000 + from_bcd(rtc_read(9), binary);
}

static bool calendar_is_plausible(const struct calendar *c)
{
    return c->second < 60 && c->minute < 60 && c->hour < 24 && c->day >= 1 && c->day <= 31 &&
           c->month >= 1 && c->month <= 12 && c->year < 2100;
}

/* Days since 1970-01-01 of a day from 2000-03-01 to 2099-12-31, by years that begin in March. */
static uint64_t days(const struct calendar *c)
{
    unsigned year = c->year - (c->month < 3), month = (c->month + 9) % 12;
    return 365 * (uint64_t)(year - 1968) + (year - 1968) / 4 + (153 * month + 2) / 5 + c->day - 1 -
           671;
}

uint64_t clock_calendar(void)
{
    struct calendar c, again;
    for (unsigned i = 0; i < READS_MAX; i++) {
        if (rtc_read(RTC_A) & A_UPDATING)
            continue;
        calendar_read(&c);
        calendar_read(&again);
        if (c.second != again.second || c.minute != again.minute)
            continue;
        if (!calendar_is_plausible(&c))
            break;
        return ((days(&c) * 24 + c.hour) * 60 + c.minute) * 60 + c.second;
    }
    log_write(LOG_WARN,
              "no wall clock: found no pvclock and no calendar; wall time starts at 1970");
    return 0;
}
