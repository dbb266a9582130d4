/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The clocks of a machine (bindings/machine/clock.c and the processor's clock_source.c), over a
 * machine that is a fake: its time goes on with every access.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bindings.h"
#include "unit.h"

/* In the place of the headers of these names. */
#define ARCH_H
#define HARDWARE_H
#define PROCESSOR_H
#define MACHINE_H

#define HPET_WINDOW 0x7000
#define ACCESS_NS   700
#define CYCLES_NS   15

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

enum machine_memory { MACHINE_DEVICE };

static struct {
    uint64_t nsecs, hz;
    uint64_t wall,
        wall_asked; /* seconds at the hypervisor's 0, and how often they were asked for */
    bool pit, hpet, kvm, hyperv, frequency, calendar, bare, steady;
    bool hyperv_page, hyperv_asks;
    bool vmware, kvm_behind; /* a hypervisor with a leaf of frequencies, alone or after Hyper-V */
    uint64_t pit_start, hpet_start;
    uint64_t steal_at, steal; /* when the host takes the processor away, and for how long */
    uint64_t jumps;           /* after so long the i8254 counts on as if it were 1 ms later */
    uint16_t latched;
    bool high_next;
    uint8_t index, cmos[16];
    uint64_t warnings;
} fake;

static void pass(uint64_t nsecs)
{
    fake.nsecs += nsecs;
    if (fake.steal_at != 0 && fake.nsecs >= fake.steal_at) {
        fake.nsecs += fake.steal;
        fake.steal_at = 0;
    }
}

static uint64_t arch_cycles(void)
{
    pass(CYCLES_NS);
    return (uint64_t)((unsigned __int128)fake.nsecs * fake.hz / 1000000000);
}

static uint8_t port_in8(uint16_t port)
{
    pass(ACCESS_NS);
    if (port == 0x42 && fake.pit) {
        fake.high_next = !fake.high_next;
        return (uint8_t)(fake.high_next ? fake.latched : fake.latched >> 8);
    }
    if (port == 0x71 && fake.calendar)
        return fake.cmos[fake.index & 15];
    return 0xff;
}

static void port_out8(uint16_t port, uint8_t value)
{
    pass(ACCESS_NS);
    if (port == 0x43 && value == 0xb0)
        fake.pit_start = fake.nsecs;
    if (port == 0x43 && value == 0x80) {
        uint64_t ns = fake.nsecs - fake.pit_start;
        if (fake.jumps != 0 && ns > fake.jumps)
            ns += 1000000;
        uint64_t ticks = ns * 1193182 / 1000000000;
        fake.latched = (uint16_t)(0xffff - ticks);
        fake.high_next = false;
    }
    if (port == 0x70)
        fake.index = value;
}

static void *machine_map(uint64_t phys, size_t size, enum machine_memory memory)
{
    ck_assert(phys == 0xfed00000 && size >= 0x100 && memory == MACHINE_DEVICE);
    return (void *)(uintptr_t)HPET_WINDOW;
}

static uint32_t reg_read32(uint64_t addr)
{
    pass(ACCESS_NS);
    if (!fake.hpet)
        return UINT32_MAX;
    switch (addr - HPET_WINDOW) {
    case 0x004:
        return 10000000; /* 100 MHz */
    case 0x0f0:
        return fake.hpet_start == 0 ? 0 : (uint32_t)((fake.nsecs - fake.hpet_start) / 10);
    default:
        return 0;
    }
}

static void reg_write32(uint64_t addr, uint32_t value)
{
    if (addr == HPET_WINDOW + 0x010 && (value & 1))
        fake.hpet_start = fake.nsecs - 0xfffff000ull * 10; /* comes round soon */
}

static struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    (void)subleaf;
    switch (leaf) {
    case 0:
        return (struct cpuid){.eax = fake.frequency ? 0x16 : 0xd};
    case 1:
        return (struct cpuid){.ecx = fake.bare ? 0 : UINT32_C(1) << 31};
    case 0x15:
        return (struct cpuid){2, 250, 24000000, 0};
    case 0x40000000:
        if (fake.hyperv || fake.kvm_behind)
            return (struct cpuid){0x40000082, 0x7263694d, 0x666f736f, 0x76482074};
        if (fake.vmware)
            return (struct cpuid){0x40000010, 0x61774d56, 0x4d566572, 0x65726177};
        return (struct cpuid){0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d};
    case 0x40000100:
        return fake.kvm_behind ? (struct cpuid){0x40000110, 0x4b4d564b, 0x564b4d56, 0x4d}
                               : (struct cpuid){0};
    case 0x40000010: /* something else where it is Hyper-V */
        return (struct cpuid){.eax = fake.kvm_behind ? 77777 : (uint32_t)(fake.hz / 1000)};
    case 0x40000110:
        return (struct cpuid){.eax = (uint32_t)(fake.hz / 1000)};
    case 0x80000000:
        return (struct cpuid){.eax = 0x80000008};
    case 0x80000007:
        return (struct cpuid){.edx = fake.steady ? 1 << 8 : 0};
    case 0x40000001:
        return (struct cpuid){.eax = fake.kvm ? 1 << 3 : 0};
    case 0x40000003:
        return (struct cpuid){.eax = fake.hyperv ? 1 << 11 | fake.hyperv_page << 9 : 0};
    default:
        return (struct cpuid){0};
    }
}

static uint64_t msr_read(uint32_t msr)
{
    if (msr == 0x40000020)
        return fake.nsecs / 100;
    ck_assert_uint_eq(msr, 0x40000022);
    return fake.hz;
}

static void msr_write(uint32_t msr, uint64_t value);

solo5_time_t machine_clock_monotonic(void);
solo5_time_t machine_clock_wall(void);
void machine_clock_init(void);

void log_write(enum log_level level, const char *format, ...)
{
    (void)format;
    fake.warnings += level <= LOG_WARN;
}

void solo5_abort(void)
{
    exit(SOLO5_EXIT_ABORT);
}

/* The names of the C library's that the sources have for themselves. */
#define clock machine_clock
#define timer machine_timer
#include "../../bindings/cpu/x86_64/clock_source.c"
#include "../../bindings/machine/clock.c"
#undef clock

static volatile struct pvclock_time *shared;

static volatile struct hyperv_time *hyperv_shared;

/* The time of the hypervisor's is 7 s more than the cycle counter would have it. */
static void write_hyperv_page(uint64_t value)
{
    hyperv_shared = (volatile struct hyperv_time *)(uintptr_t)(value & ~UINT64_C(0xfff));
    if (!(value & 1) || fake.hyperv_asks)
        return;
    hyperv_shared->sequence = 1;
    hyperv_shared->scale = (uint64_t)(((unsigned __int128)10000000 << 64) / fake.hz);
    hyperv_shared->offset = 70000000;
}

static void msr_write(uint32_t msr, uint64_t value)
{
    if (msr == 0x40000021) {
        write_hyperv_page(value);
    } else if (msr == 0x4b564d01) {
        shared = (volatile struct pvclock_time *)(uintptr_t)(value & ~UINT64_C(1));
        shared->version = 2;
        shared->tsc_timestamp = arch_cycles();
        shared->system_time = 5000000000;
        shared->tsc_shift = 1;
        shared->tsc_to_system_mul = (uint32_t)((UINT64_C(1) << 31) * 1000000000 / fake.hz);
    } else {
        volatile struct pvclock_wall *wall = (volatile struct pvclock_wall *)(uintptr_t)value;
        wall->version = 2;
        wall->sec = (uint32_t)fake.wall;
        wall->nsec = 7;
        fake.wall_asked++;
    }
}

/* How wrong the clock is over the next (nsecs), in millionths. */
static uint64_t error_over(uint64_t nsecs)
{
    uint64_t before = fake.nsecs, said = machine_clock_monotonic();
    fake.nsecs += nsecs;
    said = machine_clock_monotonic() - said;
    uint64_t passed = fake.nsecs - before;
    return (said > passed ? said - passed : passed - said) * 1000000 / passed;
}

static void measured_rate(void)
{
    machine_clock_init();
    ck_assert_uint_lt(fake.nsecs, 3000000);
    ck_assert_uint_lt(error_over(10000000), 5000);
    error_over(20000000);
    ck_assert_uint_lt(error_over(1000000000), 100);
}

START_TEST(i8254)
{
    fake.pit = true;
    fake.hz = 2500000000;
    measured_rate();
}
END_TEST

/* The processor is away while it is measured, until after the timer has come round. */
START_TEST(stolen_at_first)
{
    fake.pit = true;
    fake.hz = 2500000000;
    for (uint64_t at = 1000; at < 700000; at += 7919) {
        fake.steal_at = fake.nsecs + at;
        fake.steal = 55000000 + at * 60;
        machine_clock_init();
        ck_assert_uint_lt(error_over(10000000), 5000);
        memset(&machine_clock, 0, sizeof machine_clock);
    }
}
END_TEST

START_TEST(stolen_later)
{
    fake.pit = true;
    fake.hz = 2500000000;
    machine_clock_init();
    for (uint64_t at = 0; at < 40000; at += 300) {
        fake.steal_at = fake.nsecs + 30000000 + at;
        fake.steal = 60000000;
        machine_clock.refining = true;
        clock_timer_start();
        machine_clock.timer_cycles = arch_cycles();
        error_over(30000000);
        ck_assert_uint_lt(error_over(10000000), 5000);
    }
}
END_TEST

/* A timer that gives one rate now and another then. */
START_TEST(never_agrees)
{
    fake.pit = true;
    fake.hz = 1000000000;
    fake.jumps = 300000;
    machine_clock_init();
}
END_TEST

START_TEST(hpet)
{
    fake.hpet = true;
    fake.hz = 999000000;
    measured_rate();
}
END_TEST

/* One that sleeps for long gets its better rate when it is awake for once. */
START_TEST(late_refinement)
{
    fake.pit = true;
    fake.hz = 3100000000;
    machine_clock_init();
    for (unsigned i = 0; i < 5; i++)
        ck_assert_uint_lt(error_over(1000000000), 5000);
    error_over(30000000);
    ck_assert_uint_lt(error_over(1000000000), 100);
}
END_TEST

START_TEST(no_clock)
{
    fake.hz = 1000000000;
    machine_clock_init();
}
END_TEST

/* Who is told the rate is exact at once. */
static void told_rate(uint64_t hz)
{
    fake.hz = hz;
    machine_clock_init();
    ck_assert_uint_lt(error_over(1000000000), 2);
}

START_TEST(told_by_processor)
{
    fake.frequency = true;
    told_rate(3000000000);
}
END_TEST

START_TEST(told_by_vmware)
{
    fake.vmware = true;
    told_rate(2712000000);
}
END_TEST

START_TEST(told_behind_hyperv)
{
    fake.kvm_behind = true;
    told_rate(2712000000);
}
END_TEST

/* A processor under no hypervisor has to say that its rate stays the same. */
START_TEST(unsteady)
{
    fake.frequency = true;
    fake.bare = true;
    fake.hz = 3000000000;
    machine_clock_init();
    ck_assert_uint_eq(fake.warnings, 1);
    fake.steady = true;
    machine_clock_init();
    ck_assert_uint_eq(fake.warnings, 1);
}
END_TEST

START_TEST(told_by_hyperv)
{
    fake.hyperv = true;
    told_rate(2712000000);
}
END_TEST

START_TEST(hyperv_page)
{
    fake.hyperv = fake.hyperv_page = true;
    fake.hz = 2712000000;
    fake.nsecs = 1000000000;
    machine_clock_init();
    solo5_time_t now = machine_clock_monotonic();
    ck_assert(now >= 8000000000 && now < 8000100000);
    ck_assert_uint_lt(error_over(1000000000), 2);
    /* After a move to another machine: another rate, the same time. */
    hyperv_shared->sequence = 2;
    hyperv_shared->scale /= 2;
    fake.hz *= 2;
    ck_assert_uint_lt(error_over(1000000000), 200);
    /* To one where it has to be asked for, and has not come that far. */
    now = machine_clock_monotonic();
    hyperv_shared->sequence = 0;
    ck_assert_uint_eq(machine_clock_monotonic(), now);
    fake.nsecs += 8000000000;
    ck_assert_uint_gt(machine_clock_monotonic(), now);
}
END_TEST

/* One that would have to be asked each time is not used. */
START_TEST(hyperv_page_without_time)
{
    fake.hyperv = fake.hyperv_page = fake.hyperv_asks = true;
    fake.hz = 2712000000;
    machine_clock_init();
    ck_assert_uint_lt(error_over(1000000000), 2);
    ck_assert(machine_clock.hyperv == NULL);
}
END_TEST

START_TEST(pvclock)
{
    fake.kvm = true;
    fake.hz = 2000000000;
    fake.wall = 1700000000;
    machine_clock_init();
    solo5_time_t now = machine_clock_monotonic();
    ck_assert(now >= 5000000000 && now < 5000100000);
    ck_assert_uint_lt(error_over(1000000000), 2);
    ck_assert_uint_eq(machine_clock_wall() - machine_clock_monotonic() + CYCLES_NS,
                      UINT64_C(1700000000) * 1000000000 + 7);
    /* The other side says that it was less: the clock stands still. */
    now = machine_clock_monotonic();
    shared->version += 2;
    shared->system_time -= 3000000000;
    ck_assert_uint_eq(machine_clock_monotonic(), now);
    shared->system_time += 4000000000;
    ck_assert_uint_gt(machine_clock_monotonic(), now);
    /* A time before its own cannot be. */
    shared->tsc_timestamp = arch_cycles() * 2;
    ck_assert_uint_eq(machine_clock_monotonic(), machine_clock_monotonic());
}
END_TEST

/* What wall time is more than the machine's own, in ms; asking takes less than half of one. */
static uint64_t wall_offset(void)
{
    return (machine_clock_wall() - machine_clock_monotonic() + 500000) / 1000000;
}

/* The host keeps the machine suspended for a minute, and then sets its clock back by two
 * seconds. */
START_TEST(pvclock_wall)
{
    fake.kvm = true;
    fake.hz = 2000000000;
    fake.wall = 1700000000;
    machine_clock_init();
    ck_assert_uint_eq(fake.wall_asked, 0);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_uint_eq(wall_offset(), 1700000000000);
    ck_assert_uint_eq(fake.wall_asked, 1);
    fake.wall += 60;
    fake.nsecs += 1000000000;
    ck_assert_uint_eq(wall_offset(), 1700000060000);
    ck_assert_uint_eq(fake.wall_asked, 2);

    fake.wall -= 2;
    solo5_time_t first = machine_clock_wall(), last = first;
    for (unsigned ms = 0; ms < 10000; ms += 100) {
        fake.nsecs += 100000000;
        solo5_time_t now = machine_clock_wall();
        ck_assert_uint_ge(now, last);
        ck_assert(ms < 1500 || now - first > ms / 2 * UINT64_C(1000000));
        last = now;
    }
    ck_assert_uint_eq(wall_offset(), 1700000058000);
}
END_TEST

/* A version that stays odd ends the program, not its progress; the clock of its end goes on. */
static solo5_time_t at_end;
static void look_at_end(void)
{
    solo5_time_t now = machine_clock_monotonic();
    fake.nsecs += 1000000;
    if (now < at_end || machine_clock_monotonic() <= now)
        _Exit(1);
}

START_TEST(pvclock_odd)
{
    fake.kvm = true;
    fake.hz = 2000000000;
    machine_clock_init();
    at_end = machine_clock_monotonic();
    shared->version |= 1;
    atexit(look_at_end);
    machine_clock_monotonic();
}
END_TEST

static uint8_t bcd(int value)
{
    return (uint8_t)(value / 10 << 4 | value % 10);
}

static void set_calendar(time_t time, uint8_t mode)
{
    struct tm tm;
    gmtime_r(&time, &tm);
    const int fields[] = {tm.tm_sec,  tm.tm_min,     tm.tm_hour,
                          tm.tm_mday, tm.tm_mon + 1, tm.tm_year % 100};
    static const uint8_t at[] = {0, 2, 4, 7, 8, 9};
    for (unsigned i = 0; i < COUNT(at); i++) {
        int value = fields[i];
        bool afternoon = at[i] == 4 && !(mode & 2) && value >= 12;
        if (at[i] == 4 && !(mode & 2))
            value = value % 12 == 0 ? 12 : value % 12;
        fake.cmos[at[i]] = (uint8_t)((mode & 4 ? value : bcd(value)) | (afternoon ? 0x80 : 0));
    }
    fake.cmos[11] = mode;
    fake.calendar = true;
}

START_TEST(calendar)
{
    static const time_t times[] = {946684800,  951782399,  951782400,  1078012800, 1709164800,
                                   1709251199, 1709251200, 1774828799, 1798761599, 4102444799};
    for (unsigned i = 0; i < COUNT(times); i++) {
        for (uint8_t mode = 0; mode < 8; mode += 2) {
            set_calendar(times[i], mode);
            ck_assert_uint_eq(clock_calendar(), (uint64_t)times[i]);
        }
    }
    set_calendar(1000000000 + 12 * 3600, 0);
    fake.pit = true;
    fake.hz = 1000000000;
    machine_clock_init();
    solo5_time_t wall = machine_clock_wall();
    ck_assert_uint_eq(wall / 1000000000, 1000000000 + 12 * 3600);
    fake.nsecs += 5000000;
    ck_assert_uint_gt(machine_clock_wall(), wall);
    ck_assert_uint_eq(fake.warnings, 0);
}
END_TEST

START_TEST(no_calendar)
{
    fake.pit = true;
    fake.hz = 1000000000;
    machine_clock_init();
    solo5_time_t wall = machine_clock_wall();
    ck_assert_uint_lt(wall, 1000000000);
    ck_assert_uint_gt(machine_clock_wall(), wall);
    ck_assert_uint_eq(fake.warnings, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("machine_clock");
    TCase *tc = tcase_create("clocks");
    tcase_add_test(tc, i8254);
    tcase_add_test(tc, stolen_at_first);
    tcase_add_test(tc, stolen_later);
    tcase_add_exit_test(tc, never_agrees, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, hpet);
    tcase_add_test(tc, late_refinement);
    tcase_add_exit_test(tc, no_clock, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, told_by_processor);
    tcase_add_test(tc, told_by_vmware);
    tcase_add_test(tc, told_behind_hyperv);
    tcase_add_test(tc, unsteady);
    tcase_add_test(tc, told_by_hyperv);
    tcase_add_test(tc, hyperv_page);
    tcase_add_test(tc, hyperv_page_without_time);
    tcase_add_test(tc, pvclock);
    tcase_add_test(tc, pvclock_wall);
    tcase_add_exit_test(tc, pvclock_odd, SOLO5_EXIT_ABORT);
    tcase_add_test(tc, calendar);
    tcase_add_test(tc, no_calendar);
    suite_add_tcase(suite, tc);
    return suite;
}
