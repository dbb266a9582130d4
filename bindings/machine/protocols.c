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

#define E820_MAX 128

struct e820_entry {
    uint64_t addr, size;
    uint32_t type;
} __attribute__((packed));
_Static_assert(sizeof(struct e820_entry) == 20, "Linux zero-page.rst");

#define LINUX_MAGIC 0x53726448 /* "HdrS" */

struct linux_params {
    uint8_t unused0[0x070];
    uint64_t rsdp;
    uint8_t unused1[0x0c8 - 0x078];
    uint32_t cmdline_high;
    uint8_t unused2[0x1e8 - 0x0cc];
    uint8_t e820_count;
    uint8_t unused3[0x202 - 0x1e9];
    uint32_t magic;
    uint8_t unused4[0x228 - 0x206];
    uint32_t cmdline;
    uint8_t unused5[0x250 - 0x22c];
    uint64_t setup_data;
    uint8_t unused6[0x2d0 - 0x258];
    struct e820_entry e820[E820_MAX];
} __attribute__((packed));
_Static_assert(offsetof(struct linux_params, rsdp) == 0x070, "Linux zero-page.rst");
_Static_assert(offsetof(struct linux_params, cmdline_high) == 0x0c8, "Linux zero-page.rst");
_Static_assert(offsetof(struct linux_params, e820_count) == 0x1e8, "Linux zero-page.rst");
_Static_assert(offsetof(struct linux_params, magic) == 0x202, "Linux boot.rst");
_Static_assert(offsetof(struct linux_params, cmdline) == 0x228, "Linux boot.rst");
_Static_assert(offsetof(struct linux_params, setup_data) == 0x250, "Linux boot.rst");
_Static_assert(offsetof(struct linux_params, e820) == 0x2d0, "Linux zero-page.rst");

#define SETUP_E820_EXT  1
#define SETUP_PARTS_MAX 100 /* a list that comes back to itself has an end */

struct setup_data {
    uint64_t next;
    uint32_t type, len; /* of what follows */
    struct e820_entry map[];
} __attribute__((packed));
_Static_assert(sizeof(struct setup_data) == 16, "Linux boot.rst, setup_data");

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

static void add_e820(struct machine_ranges *ranges, const struct e820_entry *map, uint32_t count)
{
    for (; count != 0; count--, map++)
        add(ranges, map->addr, map->size, map->type);
}

/* What boot_params have no room for. */
static void add_e820_rest(struct machine_ranges *ranges, uint64_t addr)
{
    for (unsigned part = 0; addr != 0; part++) {
        const struct setup_data *data = low(addr, sizeof *data);
        if (data == NULL || low(addr, sizeof *data + data->len) == NULL || part == SETUP_PARTS_MAX)
            refuse("an address in setup_data, which should be below 4 GiB and a new one,", addr);
        if (data->type == SETUP_E820_EXT)
            add_e820(ranges, data->map, data->len / sizeof *data->map);
        addr = data->next;
    }
}

static void read_linux(uint64_t info, struct machine_ranges *ranges)
{
    const struct linux_params *params = low(info, sizeof *params);
    if (params == NULL)
        refuse("the address of boot_params in RSI", info);
    if (params->magic != LINUX_MAGIC)
        refuse("the header of boot_params, which should be 53726448,", params->magic);
    uint32_t count = params->e820_count;
    add_e820(ranges, params->e820, count < E820_MAX ? count : E820_MAX);
    if (count >= E820_MAX)
        add_e820_rest(ranges, params->setup_data);
    machine.rsdp = params->rsdp;
    copy_cmdline(params->cmdline | (uint64_t)params->cmdline_high << 32);
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
