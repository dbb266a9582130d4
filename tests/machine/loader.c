/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * loader: starts an image under KVM the way that monitors do which cannot be had everywhere: as a
 * 64-bit Linux kernel with boot_params in RSI (Firecracker), or by PVH (Firecracker,
 * cloud-hypervisor). What each leaves where is as in Firecracker 1.x, src/vmm/src/arch/x86_64. The
 * machine has the kernel's interrupt controllers and timer, a serial port, the ports of
 * virtio_abi.h, and no other device.
 *
 *     loader linux|pvh|nothing|five MEGABYTES IMAGE [COMMAND-LINE]
 *
 * `nothing` enters as linux does, without boot_params, and `five` with tables of five levels. Exits
 * with the image's status.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "virtio_abi.h"

#define MIB        UINT64_C(0x100000)
#define LOW_END    UINT64_C(0xd0000000) /* where the hole for devices begins */
#define HIGH_START UINT64_C(0x100000000)
#define KERNEL_MIN UINT64_C(0x100000)

#define GDT_ADDR     0x500
#define INFO_ADDR    0x6000 /* hvm_start_info */
#define PARAMS_ADDR  0x7000 /* boot_params, or PVH's memory map */
#define STACK_ADDR   0x8ff0
#define PML4_ADDR    0x9000
#define PDPT_ADDR    0xa000
#define PD_ADDR      0xb000
#define PML5_ADDR    0xc000
#define CMDLINE_ADDR 0x20000
#define EBDA_ADDR    0x9fc00

#define COM1 0x3f8

enum protocol { LINUX, PVH, NOTHING, FIVE, PROTOCOLS };

struct machine {
    int vm, cpu;
    struct kvm_run *run;
    uint8_t *memory;
    uint64_t size;
    uint64_t entry, pvh_entry;
    int status;
    bool ended;
};

struct region {
    uint64_t addr, size;
};

static int call(int fd, unsigned long request, void *arg, const char *name)
{
    int result = ioctl(fd, request, arg);
    if (result < 0)
        err(125, "%s", name);
    return result;
}
#define CALL(fd, request, arg) call(fd, request, (void *)(uintptr_t)(arg), #request)

/* The two pieces of memory around the hole; returns how many there are. */
static unsigned pieces(const struct machine *m, struct region *region)
{
    uint64_t low = m->size < LOW_END ? m->size : LOW_END;
    region[0] = (struct region){0, low};
    region[1] = (struct region){HIGH_START, m->size - low};
    return m->size > low ? 2 : 1;
}

static void open_machine(struct machine *m)
{
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        err(125, "/dev/kvm");
    m->vm = CALL(kvm, KVM_CREATE_VM, 0);
    CALL(m->vm, KVM_SET_TSS_ADDR, 0xfffbd000);
    CALL(m->vm, KVM_CREATE_IRQCHIP, 0);
    struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
    CALL(m->vm, KVM_CREATE_PIT2, &pit);
    m->memory = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m->memory == MAP_FAILED)
        err(125, "memory");
    struct region region[2];
    unsigned count = pieces(m, region);
    for (unsigned i = 0; i < count; i++) {
        struct kvm_userspace_memory_region slot = {.slot = i,
                                                   .guest_phys_addr = region[i].addr,
                                                   .memory_size = region[i].size,
                                                   .userspace_addr = (uintptr_t)m->memory +
                                                                     (i == 0 ? 0 : region[0].size)};
        CALL(m->vm, KVM_SET_USER_MEMORY_REGION, &slot);
    }
    m->cpu = CALL(m->vm, KVM_CREATE_VCPU, 0);
    int size = CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    m->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, m->cpu, 0);
    if (m->run == MAP_FAILED)
        err(125, "KVM_RUN");
    static struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 entry[256];
    } cpuid = {.head.nent = 256};
    CALL(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid);
    for (uint32_t i = 0; i < cpuid.head.nent; i++)
        if (cpuid.entry[i].function == 1)
            cpuid.entry[i].ecx |= UINT32_C(1)
                                  << 31; /* a hypervisor is there, as all monitors say */
    CALL(m->cpu, KVM_SET_CPUID2, &cpuid);
}

static void load_image(struct machine *m, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf64_Ehdr header;
    if (fd < 0 || pread(fd, &header, sizeof header, 0) != sizeof header)
        err(125, "%s", path);
    m->entry = header.e_entry;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr p;
        off_t at = (off_t)(header.e_phoff + i * sizeof p);
        if (pread(fd, &p, sizeof p, at) != sizeof p)
            err(125, "%s: program headers", path);
        if (p.p_type == PT_LOAD && p.p_filesz != 0) {
            if (p.p_paddr < KERNEL_MIN || p.p_paddr + p.p_memsz > m->size ||
                pread(fd, m->memory + p.p_paddr, p.p_filesz, (off_t)p.p_offset) !=
                    (ssize_t)p.p_filesz)
                errx(125, "%s: a segment does not fit", path);
        } else if (p.p_type == PT_NOTE) {
            /* Like Firecracker's loader: what the last segment of notes says, counts. */
            uint8_t notes[4096];
            ssize_t size = pread(fd, notes, sizeof notes, (off_t)p.p_offset);
            m->pvh_entry = 0;
            for (size_t o = 0; size > 0 && o + sizeof(Elf64_Nhdr) < p.p_filesz;) {
                const Elf64_Nhdr *note = (const Elf64_Nhdr *)(notes + o);
                size_t name = o + sizeof *note, desc = name + ((note->n_namesz + 3) & ~3u);
                if (note->n_type == 18 && memcmp(notes + name, "Xen", 4) == 0)
                    m->pvh_entry = *(const uint32_t *)(notes + desc);
                o = desc + ((note->n_descsz + 3) & ~3u);
            }
        }
    }
    close(fd);
}

static void write_params(struct machine *m)
{
    uint8_t *params = m->memory + PARAMS_ADDR;
    struct {
        uint64_t addr, size;
        uint32_t type;
    } __attribute__((packed)) e820[4] = {{0, EBDA_ADDR, 1}};
    struct region region[2];
    unsigned count = pieces(m, region);
    region[0] = (struct region){KERNEL_MIN, region[0].size - KERNEL_MIN};
    for (unsigned i = 0; i < count; i++) {
        e820[i + 1].addr = region[i].addr;
        e820[i + 1].size = region[i].size;
        e820[i + 1].type = 1;
    }
    params[0x1e8] = (uint8_t)(count + 1);
    memcpy(params + 0x2d0, e820, sizeof e820);
    memcpy(params + 0x1fe, &(uint16_t){0xaa55}, 2);
    memcpy(params + 0x202, "HdrS", 4);
    params[0x210] = 0xff; /* type_of_loader */
    memcpy(params + 0x228, &(uint32_t){CMDLINE_ADDR}, 4);
}

static void write_pvh(struct machine *m)
{
    struct {
        uint64_t addr, size;
        uint32_t type, reserved;
    } map[3] = {{0, EBDA_ADDR, 1, 0}};
    struct region region[2];
    unsigned count = pieces(m, region);
    region[0] = (struct region){KERNEL_MIN, region[0].size - KERNEL_MIN};
    for (unsigned i = 0; i < count; i++) {
        map[i + 1].addr = region[i].addr;
        map[i + 1].size = region[i].size;
        map[i + 1].type = 1;
    }
    struct {
        uint32_t magic, version, flags, modules;
        uint64_t modlist, cmdline, rsdp, memmap;
        uint32_t entries, reserved;
    } info = {.magic = 0x336ec578,
              .version = 1,
              .cmdline = CMDLINE_ADDR,
              .memmap = PARAMS_ADDR,
              .entries = count + 1};
    memcpy(m->memory + INFO_ADDR, &info, sizeof info);
    memcpy(m->memory + PARAMS_ADDR, map, sizeof map);
}

static struct kvm_segment segment(uint16_t selector, uint8_t type, bool wide)
{
    return (struct kvm_segment){.limit = 0xffffffff,
                                .selector = selector,
                                .type = type,
                                .present = 1,
                                .db = !wide,
                                .s = 1,
                                .l = wide,
                                .g = 1};
}

static void set_long_mode(struct machine *m, struct kvm_sregs *s)
{
    uint64_t *table = (uint64_t *)(m->memory + PD_ADDR);
    *(uint64_t *)(m->memory + PML4_ADDR) = PDPT_ADDR | 3;
    *(uint64_t *)(m->memory + PDPT_ADDR) = PD_ADDR | 3;
    for (unsigned i = 0; i < 512; i++)
        table[i] = ((uint64_t)i << 21) | 0x83;
    s->cr3 = PML4_ADDR;
    s->cr4 = 0x20;
    s->cr0 = 0x80000001;
    s->efer = 0x500;
}

static void set_registers(struct machine *m, enum protocol protocol)
{
    struct kvm_sregs s;
    bool wide = protocol != PVH;
    CALL(m->cpu, KVM_GET_SREGS, &s);
    s.cs = segment(0x10, 0xb, wide);
    s.ds = segment(0x18, 0x3, false);
    s.es = s.fs = s.gs = s.ss = s.ds;
    s.cr0 = 1;
    s.cr4 = 0;
    if (wide)
        set_long_mode(m, &s);
    if (protocol == FIVE) {
        *(uint64_t *)(m->memory + PML5_ADDR) = PML4_ADDR | 3;
        s.cr3 = PML5_ADDR;
        s.cr4 |= 0x1000; /* LA57 */
    }
    CALL(m->cpu, KVM_SET_SREGS, &s);
    struct kvm_regs r = {.rflags = 2, .rsp = STACK_ADDR, .rbp = STACK_ADDR};
    r.rip = wide ? m->entry : m->pvh_entry;
    r.rsi = protocol == LINUX || protocol == FIVE ? PARAMS_ADDR : 0;
    r.rbx = protocol == PVH ? INFO_ADDR : 0;
    CALL(m->cpu, KVM_SET_REGS, &r);
}

static void port_out(struct machine *m, uint16_t port, const uint8_t *data, unsigned size)
{
    if (port == COM1 && write(STDOUT_FILENO, data, 1) != 1)
        err(125, "output");
    if (port == VIRTIO_STATUS_PORT)
        m->status = data[0];
    if (port == VIRTIO_EXIT_PORT && size == 4)
        m->ended = true;
}

static void port_in(uint16_t port, uint8_t *data, unsigned size)
{
    memset(data, 0xff, size);
    if (port == COM1 + 5)
        data[0] = 0x60; /* empty */
    if (port == VIRTIO_STATUS_PORT)
        data[0] = VIRTIO_STATUS_MAGIC;
}

static void run(struct machine *m)
{
    while (!m->ended) {
        CALL(m->cpu, KVM_RUN, 0);
        switch (m->run->exit_reason) {
        case KVM_EXIT_IO: {
            uint8_t *data = (uint8_t *)m->run + m->run->io.data_offset;
            for (uint32_t i = 0; i < m->run->io.count; i++, data += m->run->io.size) {
                if (m->run->io.direction == KVM_EXIT_IO_OUT)
                    port_out(m, m->run->io.port, data, m->run->io.size);
                else
                    port_in(m->run->io.port, data, m->run->io.size);
            }
            break;
        }
        case KVM_EXIT_MMIO:
            memset(m->run->mmio.data, 0xff, sizeof m->run->mmio.data);
            break;
        default:
            errx(125, "the machine stopped: exit reason %u", m->run->exit_reason);
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        [LINUX] = "linux", [PVH] = "pvh", [NOTHING] = "nothing", [FIVE] = "five"};
    unsigned protocol = 0;
    while (argc >= 4 && protocol < PROTOCOLS && strcmp(argv[1], names[protocol]) != 0)
        protocol++;
    if (argc < 4 || argc > 5 || protocol == PROTOCOLS)
        errx(125, "usage: loader linux|pvh|nothing|five MEGABYTES IMAGE [COMMAND-LINE]");
    struct machine m = {.size = strtoull(argv[2], NULL, 10) * MIB, .status = 124};
    open_machine(&m);
    load_image(&m, argv[3]);
    if (protocol == PVH && m.pvh_entry == 0)
        errx(125, "%s: the last segment of notes has no entry for PVH", argv[3]);
    strcpy((char *)m.memory + CMDLINE_ADDR, argc == 5 ? argv[4] : "");
    if (protocol == PVH)
        write_pvh(&m);
    else
        write_params(&m);
    set_registers(&m, protocol);
    run(&m);
    return m.status;
}
