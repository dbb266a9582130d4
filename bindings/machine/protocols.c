/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The structures of the boot loaders. All of it is read once, before memory is used for anything
 * else: a loader may have left them anywhere in the first 4 GiB. Sources: Linux,
 * Documentation/x86/{boot,zero-page}.rst; Xen, arch-x86/hvm/start_info.h; multiboot 0.6.96, 3.3.
 */
#include "machine.h"

/* ACPI 6.5, 15: the types of memory that all three protocols have. */
#define RAM 1

#define BOOT_PARAMS_FLAG       0x1fe /* 16 bits: 0xaa55 */
#define BOOT_PARAMS_HEADER     0x202 /* 32 bits: "HdrS" */
#define BOOT_PARAMS_RSDP       0x070
#define BOOT_PARAMS_CMDLINE_HI 0x0c8
#define BOOT_PARAMS_CMDLINE    0x228
#define BOOT_PARAMS_E820_COUNT 0x1e8
#define BOOT_PARAMS_E820       0x2d0
#define BOOT_PARAMS_E820_MAX   128

struct e820_entry {
    uint64_t addr, size;
    uint32_t type;
} __attribute__((packed));
_Static_assert(sizeof(struct e820_entry) == 20, "Linux zero-page.rst");

#define PVH_MAGIC 0x336ec578

struct pvh_info {
    uint32_t magic, version, flags, modules;
    uint64_t modlist, cmdline, rsdp;
    uint64_t memmap; /* from version 1 on */
    uint32_t memmap_entries, reserved;
};
_Static_assert(sizeof(struct pvh_info) == 56, "start_info.h");

struct pvh_memmap {
    uint64_t addr, size;
    uint32_t type, reserved;
};
_Static_assert(sizeof(struct pvh_memmap) == 24, "start_info.h");

#define MULTIBOOT_HAS_MEM     (1u << 0)
#define MULTIBOOT_HAS_CMDLINE (1u << 2)
#define MULTIBOOT_HAS_MMAP    (1u << 6)
#define MULTIBOOT_HAS_LOADER  (1u << 9)

struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
    uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name;
};
_Static_assert(offsetof(struct multiboot_info, loader_name) == 64, "multiboot 0.6.96, 3.3");

struct multiboot_mmap {
    uint32_t size; /* of what follows */
    uint64_t addr, len;
    uint32_t type;
} __attribute__((packed));
_Static_assert(sizeof(struct multiboot_mmap) == 24, "multiboot 0.6.96, 3.3");

/* Below 4 GiB all memory is mapped to itself now. */
static const void *low(uint64_t addr, uint64_t size)
{
    if (addr == 0 || addr > UINT32_MAX || size > UINT32_MAX - addr)
        return NULL;
    return (const void *)(uintptr_t)addr;
}

static __attribute__((noreturn)) void refuse(const char *what, uint64_t found)
{
    log_write(LOG_ERROR,
              "booted by an unknown protocol: %s is %llx; this image starts by PVH, by multiboot 1 "
              "and as a 64-bit Linux kernel",
              what, (unsigned long long)found);
    solo5_abort();
}

static void add(struct machine_ranges *ranges, uint64_t addr, uint64_t size, uint32_t type)
{
    uint64_t end;
    if (size == 0)
        return;
    /* One that is left out may say that memory is not usable. */
    if (ranges->count == MACHINE_RANGES_MAX) {
        log_write(LOG_ERROR, "the memory map has more than %u pieces, which is the most",
                  MACHINE_RANGES_MAX);
        solo5_abort();
    }
    if (__builtin_add_overflow(addr, size, &end))
        end = UINT64_MAX;
    ranges->range[ranges->count++] = (struct machine_range){addr, end, type == RAM};
}

static void copy_cmdline(uint64_t addr)
{
    const char *from = low(addr, MACHINE_CMDLINE_MAX + 1);
    size_t len = 0;
    if (from == NULL)
        return;
    while (from[len] != '\0') {
        if (len == MACHINE_CMDLINE_MAX) {
            log_write(LOG_ERROR, "the command line is longer than %u characters, which is the most",
                      MACHINE_CMDLINE_MAX);
            solo5_abort();
        }
        machine.cmdline[len] = from[len];
        len++;
    }
}

static uint64_t field(const uint8_t *params, unsigned offset, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, params + offset, size);
    return value;
}

static void read_linux(uint64_t info, struct machine_ranges *ranges)
{
    const uint8_t *params = low(info, 4096);
    if (params == NULL)
        refuse("the address of boot_params in RSI", info);
    if (field(params, BOOT_PARAMS_HEADER, 4) != 0x53726448)
        refuse("the header of boot_params, which should be 53726448,",
               field(params, BOOT_PARAMS_HEADER, 4));
    uint64_t count = field(params, BOOT_PARAMS_E820_COUNT, 1);
    for (uint64_t i = 0; i < count && i < BOOT_PARAMS_E820_MAX; i++) {
        struct e820_entry entry;
        memcpy(&entry, params + BOOT_PARAMS_E820 + i * sizeof entry, sizeof entry);
        add(ranges, entry.addr, entry.size, entry.type);
    }
    machine.rsdp = field(params, BOOT_PARAMS_RSDP, 8);
    copy_cmdline(field(params, BOOT_PARAMS_CMDLINE, 4) | field(params, BOOT_PARAMS_CMDLINE_HI, 4)
                                                             << 32);
}

static void read_pvh(uint64_t addr, struct machine_ranges *ranges)
{
    const struct pvh_info *info = low(addr, sizeof *info);
    if (info == NULL || info->magic != PVH_MAGIC)
        refuse("the first word of hvm_start_info, which should be 336ec578,",
               info != NULL ? info->magic : 0);
    if (info->version >= 1) {
        const struct pvh_memmap *map = low(info->memmap, info->memmap_entries * sizeof *map);
        for (uint32_t i = 0; map != NULL && i < info->memmap_entries; i++)
            add(ranges, map[i].addr, map[i].size, map[i].type);
    }
    machine.rsdp = info->rsdp;
    copy_cmdline(info->cmdline);
}

/* Where the command line is; QEMU, alone, puts the file's name before it. */
static uint64_t after_file_name(const struct multiboot_info *info)
{
    const char *loader = low(info->loader_name, sizeof "qemu");
    const char *cmdline = low(info->cmdline, MACHINE_CMDLINE_MAX + 1);
    if (!(info->flags & MULTIBOOT_HAS_LOADER) || loader == NULL || cmdline == NULL ||
        !string_equal(loader, "qemu"))
        return info->cmdline;
    while (*cmdline != ' ' && *cmdline != '\0')
        cmdline++;
    return (uint64_t)(uintptr_t)cmdline;
}

static void read_multiboot(uint64_t addr, struct machine_ranges *ranges)
{
    const struct multiboot_info *info = low(addr, sizeof *info);
    if (info == NULL)
        refuse("the address of multiboot's information in EBX", addr);
    if (info->flags & MULTIBOOT_HAS_MMAP) {
        const uint8_t *map = low(info->mmap_addr, info->mmap_length);
        struct multiboot_mmap entry;
        for (uint64_t at = 0; map != NULL && at + sizeof entry <= info->mmap_length;
             at += entry.size + sizeof entry.size) {
            memcpy(&entry, map + at, sizeof entry);
            if (entry.size < sizeof entry - sizeof entry.size || entry.size > info->mmap_length)
                break;
            add(ranges, entry.addr, entry.len, entry.type);
        }
    } else if (info->flags & MULTIBOOT_HAS_MEM) {
        add(ranges, 0x100000, (uint64_t)info->mem_upper << 10, RAM);
    }
    if (info->flags & MULTIBOOT_HAS_CMDLINE)
        copy_cmdline(after_file_name(info));
}

void machine_read_loader(enum machine_entry entry, uint64_t info, struct machine_ranges *ranges)
{
    machine.entry = entry;
    switch (entry) {
    case MACHINE_ENTRY_LINUX:
        read_linux(info, ranges);
        break;
    case MACHINE_ENTRY_PVH:
        read_pvh(info, ranges);
        break;
    case MACHINE_ENTRY_MULTIBOOT:
        read_multiboot(info, ranges);
        break;
    case MACHINE_ENTRY_FIVE_LEVELS:
        log_write(LOG_ERROR,
                  "the loader has tables of five levels on (CR4.LA57); this image starts "
                  "with those of four");
        solo5_abort();
    default:
        refuse("the loader's mark in EAX, which should be 2badb002,", info);
    }
}
