/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The processor of an x86_64 guest at its entry: 64-bit mode, paging on, interrupts off, flat
 * segments. Numbers of bits and leaves are those of the SDM, volumes 2A (CPUID) and 3.
 */
#include "cpu.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "vm.h"

#define GDT_BASE     0x1000
#define STACK_OFFSET 8 /* as after a call: System V ABI for x86-64, 3.2.2 */

#define CR0_PE (UINT64_C(1) << 0)
#define CR0_ET (UINT64_C(1) << 4)
#define CR0_NE (UINT64_C(1) << 5)
#define CR0_WP (UINT64_C(1) << 16)
#define CR0_PG (UINT64_C(1) << 31)

#define CR4_PAE        (UINT64_C(1) << 5)
#define CR4_OSFXSR     (UINT64_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT64_C(1) << 10)

#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)
#define EFER_NXE (UINT64_C(1) << 11)

#define CPUID_ENTRIES 256
struct cpuid {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entry[CPUID_ENTRIES];
};

/* SDM vol. 3, 11.4.4 and 11.12.1 */
#define APIC_BASE        UINT64_C(0xfee00000)
#define APIC_BASE_X2APIC (UINT64_C(1) << 10)

/* What a guest has no use for without interrupts: APIC, x2APIC, deadline timer, MONITOR. */
#define CPUID_1_ECX_HIDDEN     (1u << 21 | 1u << 24 | 1u << 3)
#define CPUID_1_EDX_HIDDEN     (1u << 9)
#define CPUID_1_ECX_INTERRUPTS (1u << 21 | 1u << 24)
#define CPUID_1_EDX_INTERRUPTS (1u << 9)

#define CPUID_80000001_EDX_NX (1u << 20)
#define CPUID_80000001_EDX_LM (1u << 29)

static void adjust_leaf(struct kvm_cpuid_entry2 *leaf, bool interrupts)
{
    switch (leaf->function) {
    case 1:
        leaf->ebx &= 0x00ffffff; /* the initial APIC ID is 0, whatever processor this runs on */
        leaf->ecx &= ~CPUID_1_ECX_HIDDEN;
        leaf->edx &= ~CPUID_1_EDX_HIDDEN;
        if (interrupts) {
            leaf->ecx |= CPUID_1_ECX_INTERRUPTS;
            leaf->edx |= CPUID_1_EDX_INTERRUPTS;
        }
        break;
    case 0xb:
    case 0x1f:
        leaf->edx = 0;
        break;
    }
}

/* All that KVM supports, the invariant time stamp counter (0x80000007) included where the host has
 * it. */
static int set_cpuid(struct vm *vm, struct error *error)
{
    static struct cpuid cpuid;
    bool suits = false;

    cpuid.head.nent = CPUID_ENTRIES;
    if (ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) != 0)
        return error_set(error, "/dev/kvm: cannot find the processor's features: %s",
                         strerror(errno));
    for (uint32_t i = 0; i < cpuid.head.nent; i++) {
        const uint32_t needed = CPUID_80000001_EDX_NX | CPUID_80000001_EDX_LM;
        struct kvm_cpuid_entry2 *leaf = &cpuid.entry[i];

        adjust_leaf(leaf, vm->interrupts);
        if (leaf->function == 0x80000001 && (leaf->edx & needed) == needed)
            suits = true;
    }
    if (!suits)
        return error_set(error, "/dev/kvm: the processor has no 64-bit mode or no protection "
                                "against executing data (NX); enable it in the firmware");
    if (ioctl(vm->cpu, KVM_SET_CPUID2, &cpuid) != 0)
        return error_set(error, "/dev/kvm: cannot set the processor's features: %s",
                         strerror(errno));
    return 0;
}

static void write_gdt(const struct vm *vm)
{
    static const uint64_t gdt[] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff};

    CHECK(gmem_write(&vm->gmem, GDT_BASE, gdt, sizeof gdt) == 0);
}

static int set_segments(struct vm *vm, struct error *error)
{
    const struct kvm_segment code = {
        .selector = 8, .limit = 0xffffffff, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
    const struct kvm_segment data = {
        .selector = 16, .limit = 0xffffffff, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
    struct kvm_sregs sregs;

    /* What is not set below is for KVM to say. */
    if (ioctl(vm->cpu, KVM_GET_SREGS, &sregs) != 0)
        return error_set(error, "/dev/kvm: cannot read the processor's state: %s", strerror(errno));
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
    sregs.tr = (struct kvm_segment){.selector = 24, .limit = 0x67, .type = 11, .present = 1};
    sregs.ldt = (struct kvm_segment){.unusable = 1};
    sregs.gdt = (struct kvm_dtable){.base = GDT_BASE, .limit = 3 * 8 - 1};
    sregs.idt = (struct kvm_dtable){.limit = 0};
    sregs.cr3 = vm->gmem.end;
    sregs.cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
    sregs.cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    sregs.efer = EFER_LME | EFER_LMA | EFER_NXE;
    if (vm->interrupts)
        sregs.apic_base |= APIC_BASE_X2APIC;
    if (ioctl(vm->cpu, KVM_SET_SREGS, &sregs) != 0)
        return error_set(error, "/dev/kvm: cannot set the processor's state: %s", strerror(errno));
    return 0;
}

static int set_registers(struct vm *vm, struct error *error)
{
    const struct kvm_regs regs = {
        .rip = vm->image.entry,
        .rsp = vm->options.mem_size - STACK_OFFSET,
        .rdi = HVT_BOOT_INFO_BASE,
        .rflags = 2,
    };

    if (ioctl(vm->cpu, KVM_SET_REGS, &regs) != 0)
        return error_set(error, "/dev/kvm: cannot set the processor's registers: %s",
                         strerror(errno));
    return 0;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Against the host's clock, for 20 ms: to about a part in ten thousand. */
static uint64_t calibrate(void)
{
    uint64_t start = monotonic_ns(), start_cycles = __builtin_ia32_rdtsc(), now;

    do
        now = monotonic_ns();
    while (now - start < 20000000);
    /* 20 ms of cycles times 10^9 fit in 64 bits below 900 GHz. */
    return (__builtin_ia32_rdtsc() - start_cycles) * 1000000000 / (now - start);
}

static void find_frequency(struct vm *vm)
{
    int khz = ioctl(vm->cpu, KVM_GET_TSC_KHZ, 0);

    if (khz > 0) {
        vm->cycle_freq = (uint64_t)khz * 1000;
        return;
    }
    vm->cycle_freq = calibrate();
    error_print(vm->tender->name, "warning: KVM does not know the frequency of the time stamp "
                                  "counter; the guest's clock may be off by a second in an hour");
}

/* A local APIC in the kernel and nothing else, which one route leads to: SDM vol. 3, 11.11. */
bool cpu_give_interrupts(const struct vm *vm)
{
    const struct kvm_enable_cap split = {.cap = KVM_CAP_SPLIT_IRQCHIP};
    const struct {
        struct kvm_irq_routing head;
        struct kvm_irq_routing_entry entry;
    } routes = {
        .head.nr = 1,
        .entry = {.gsi = 0,
                  .type = KVM_IRQ_ROUTING_MSI,
                  .u.msi = {.address_lo = APIC_BASE, .data = HVT_RING_VECTOR}},
    };

    /* KVM may want that page for itself. */
    return vm->gmem.end <= APIC_BASE && ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_IRQFD) > 0 &&
           ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0 &&
           ioctl(vm->fd, KVM_ENABLE_CAP, &split) == 0 &&
           ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routes) == 0;
}

int cpu_init(struct vm *vm, struct error *error)
{
    write_gdt(vm);
    cpu_tables_init(&vm->tables, &vm->gmem, &vm->image);
    find_frequency(vm);
    return set_cpuid(vm, error) != 0 || set_segments(vm, error) != 0 ||
                   set_registers(vm, error) != 0
               ? -1
               : 0;
}

bool cpu_hypercall(struct vm *vm, uint64_t *nr, uint64_t *block)
{
    const struct kvm_run *run = vm->run;
    uint32_t value;

    if (run->exit_reason != KVM_EXIT_IO || run->io.direction != KVM_EXIT_IO_OUT ||
        run->io.size != sizeof value || run->io.count != 1 ||
        run->io.port < HVT_HYPERCALL_PIO_BASE || run->io.port >= HVT_HYPERCALL_PIO_BASE + 0x100)
        return false;
    memcpy(&value, (const uint8_t *)run + run->io.data_offset, sizeof value);
    *nr = run->io.port - HVT_HYPERCALL_PIO_BASE;
    *block = value;
    return true;
}

bool cpu_pc(struct vm *vm, uint64_t *pc)
{
    struct kvm_regs regs;

    if (ioctl(vm->cpu, KVM_GET_REGS, &regs) != 0)
        return false;
    *pc = regs.rip;
    return true;
}
