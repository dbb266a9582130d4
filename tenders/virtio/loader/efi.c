/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The UEFI loader. It is a part of the program BOOTX64.EFI that mkimage writes, the payload is
 * another, so firmware has loaded all that is needed. Puts the image where it belongs, after boot
 * services have ended, and enters it as PVH does. Position independent, without relocations.
 */
#include "efi.h"

#include <stdbool.h>

#include "payload.h"

#define PAGE_SIZE 4096
#define BELOW_1M  0xfffff
#define BELOW_4G  0xffffffff
#define MAP_SIZE  (48 * 1024)
#define EXIT_MAX  16 /* times that ending boot services is asked for */

/* Below that no firmware has tables; OVMF has there, at 8 MiB, what it needs to wake from sleep. */
#define WAKE_END 0x1000000

/* Of the stack, what is used from here on, and what was. */
#define STACK_BELOW 4096
#define STACK_ABOVE 1024

#define PTE_PRESENT UINT64_C(1)
#define PTE_LARGE   UINT64_C(0x80)
#define PTE_ADDR    UINT64_C(0x000ffffffffff000)
#define CR4_LA57    (UINT64_C(1) << 12)

/* Pages below 4 GiB, of which PVH gets 32-bit addresses. */
struct low {
    _Alignas(PAGE_SIZE) uint8_t enter[PAGE_SIZE];
    struct pvh_start start;
    struct pvh_memory memory[PVH_MEMORY_MAX];
    char cmdline[PAYLOAD_CMDLINE];
};

/* By the linker script. */
extern const uint8_t base[], efi_payload[];
extern const uint8_t efi_enter[], efi_enter_end[];

static _Alignas(8) uint8_t map[MAP_SIZE];
static uint64_t map_size, map_entry_size;
static bool wake_is_free;

efi_status EFI_CALL efi_main(void *image, struct efi_system_table *system);

/* The compiler may call these. */
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);

void *memcpy(void *to, const void *from, size_t len)
{
    void *result = to;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
    return result;
}

void *memset(void *to, int value, size_t len)
{
    void *result = to;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(len) : "a"(value) : "memory");
    return result;
}

static efi_status fail(struct efi_system_table *system, const char *why)
{
    const char *const parts[] = {"Quintet: ", why, "\r\n"};

    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (const char *c = parts[i]; *c != '\0'; c++) {
            uint16_t text[2] = {(uint8_t)*c, 0};

            system->console_out->output_string(system->console_out, text);
        }
    return EFI_LOAD_ERROR;
}

static uint64_t find_rsdp(const struct efi_system_table *system)
{
    const struct efi_guid wanted[] = {EFI_ACPI20_GUID, EFI_ACPI10_GUID};

    for (unsigned w = 0; w < sizeof wanted / sizeof wanted[0]; w++)
        for (uint64_t i = 0; i < system->config_count; i++)
            if (system->config[i].guid.low == wanted[w].low &&
                system->config[i].guid.high == wanted[w].high)
                return (uintptr_t)system->config[i].table;
    return 0;
}

static uint64_t load(uint64_t addr, unsigned size)
{
    uint64_t value = 0;

    memcpy(&value, (const void *)(uintptr_t)addr, size);
    return value;
}

/* ACPI 6.4, 5.2.5 to 5.2.8: none of the tables, nor what leads to them, is below WAKE_END. */
static bool are_tables_above(uint64_t rsdp)
{
    bool is_extended = rsdp != 0 && load(rsdp + 15, 1) >= 2;
    unsigned size = is_extended ? 8 : 4;
    uint64_t root;

    if (rsdp == 0)
        return true;
    root = is_extended ? load(rsdp + 24, 8) : load(rsdp + 16, 4);
    if (root < WAKE_END)
        return false;
    for (uint64_t at = 36, len = load(root + 4, 4); at + size <= len; at += size)
        if (load(root + at, size) < WAKE_END)
            return false;
    return true;
}

/* UEFI 2.10, 7.2: after boot services have ended. A unikernel does not sleep. */
static uint32_t e820_type(const struct efi_memory *memory)
{
    switch (memory->type) {
    case EFI_LOADER_CODE:
    case EFI_LOADER_DATA:
    case EFI_BOOT_SERVICES_CODE:
    case EFI_BOOT_SERVICES_DATA:
    case EFI_CONVENTIONAL:
        return MEMORY_RAM;
    case EFI_ACPI_RECLAIM:
        return MEMORY_ACPI;
    case EFI_ACPI_NVS:
        return wake_is_free && memory->addr < WAKE_END ? MEMORY_RAM : MEMORY_NVS;
    default:
        return MEMORY_RESERVED;
    }
}

static const struct efi_memory *map_entry(uint64_t offset)
{
    return (const struct efi_memory *)(const void *)(map + offset);
}

/* All that [addr, addr + size) has is RAM: entries are not in order, and each page is in one. */
static bool is_ram(uint64_t addr, uint64_t size)
{
    uint64_t left = (size + PAGE_SIZE - 1) / PAGE_SIZE, end = addr + left * PAGE_SIZE;

    for (uint64_t at = 0; at < map_size; at += map_entry_size) {
        const struct efi_memory *m = map_entry(at);
        uint64_t from = m->addr > addr ? m->addr : addr, to = m->addr + m->pages * PAGE_SIZE;

        to = to < end ? to : end;
        if (e820_type(m) == MEMORY_RAM && from < to)
            left -= (to - from) / PAGE_SIZE;
    }
    return left == 0;
}

static bool get_map(const struct efi_boot_services *boot, uint64_t *key)
{
    uint32_t version;

    map_size = sizeof map;
    return boot->get_memory_map(&map_size, (struct efi_memory *)(void *)map, key, &map_entry_size,
                                &version) == EFI_SUCCESS;
}

/* In ascending order, neighbours of one type joined. Returns how many; 0: too many. */
static uint32_t make_memory(struct pvh_memory *memory)
{
    uint32_t count = 0;
    uint64_t next = 0;

    while (true) {
        const struct efi_memory *best = NULL;
        struct pvh_memory *last = count != 0 ? &memory[count - 1] : NULL;

        for (uint64_t at = 0; at < map_size; at += map_entry_size)
            if (map_entry(at)->addr >= next && map_entry(at)->pages != 0 &&
                (best == NULL || map_entry(at)->addr < best->addr))
                best = map_entry(at);
        if (best == NULL)
            return count;
        if (last != NULL && last->type == e820_type(best) &&
            last->addr + last->size == best->addr) {
            last->size += best->pages * PAGE_SIZE;
        } else if (count == PVH_MEMORY_MAX) {
            return 0;
        } else {
            memory[count++] =
                (struct pvh_memory){best->addr, best->pages * PAGE_SIZE, e820_type(best), 0};
        }
        next = best->addr + best->pages * PAGE_SIZE;
    }
}

static bool overlaps(const struct payload_segment *segment, const void *what, uint64_t size)
{
    return segment->addr < (uintptr_t)what + size &&
           (uintptr_t)what < segment->addr + segment->size;
}

/* The page table at (addr), or one that it leads to: SDM vol. 3, 4.5. */
static bool overlaps_tables(const struct payload_segment *segment, uint64_t addr, unsigned level)
{
    const uint64_t *table = (const uint64_t *)(uintptr_t)addr;

    if (overlaps(segment, table, PAGE_SIZE))
        return true;
    for (unsigned i = 0; level > 1 && i < PAGE_SIZE / sizeof *table; i++)
        if ((table[i] & PTE_PRESENT) && !(table[i] & PTE_LARGE) &&
            overlaps_tables(segment, table[i] & PTE_ADDR, level - 1))
            return true;
    return false;
}

/* The stack that this runs on, or a page table. */
static bool overlaps_running(const struct payload_segment *segment)
{
    const uint8_t *stack = __builtin_frame_address(0);
    uint64_t cr3, cr4;

    __asm__ volatile("movq %%cr3, %0; movq %%cr4, %1" : "=r"(cr3), "=r"(cr4));
    return overlaps(segment, stack - STACK_BELOW, STACK_BELOW + STACK_ABOVE) ||
           overlaps_tables(segment, cr3 & PTE_ADDR, cr4 & CR4_LA57 ? 5 : 4);
}

/* What is wrong with this machine for the image, or NULL; (low): what must not be written over. */
static const char *check(const struct payload *payload, const struct low *low)
{
    uint64_t own = (uintptr_t)efi_payload - (uintptr_t)base + payload->size;

    for (uint32_t i = 0; i < payload->segment_count; i++) {
        const struct payload_segment *segment = &payload->segment[i];

        if (!is_ram(segment->addr, segment->size))
            return "the firmware keeps memory that the image needs, or there is too little";
        if (overlaps_running(segment))
            return "the firmware has its stack or page tables where the image belongs";
        if (overlaps(segment, base, own) || overlaps(segment, low, sizeof *low))
            return "the firmware has put the loader where the image belongs";
    }
    return NULL;
}

/* Where a BIOS would have it if that is free, else as high as can be, away from the image. */
static struct low *allocate_low(const struct efi_boot_services *boot)
{
    const uint64_t pages = (sizeof(struct low) + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t addr = BELOW_1M;

    if (boot->allocate_pages(EFI_MAX_ADDRESS, EFI_LOADER_CODE, pages, &addr) == EFI_SUCCESS)
        return (struct low *)(uintptr_t)addr;
    addr = BELOW_4G;
    if (boot->allocate_pages(EFI_MAX_ADDRESS, EFI_LOADER_CODE, pages, &addr) == EFI_SUCCESS)
        return (struct low *)(uintptr_t)addr;
    return NULL;
}

static void prepare(struct low *low, const struct payload *payload,
                    const struct efi_system_table *system)
{
    memcpy(low->enter, efi_enter, (uintptr_t)efi_enter_end - (uintptr_t)efi_enter);
    memcpy(low->cmdline, payload->cmdline, sizeof low->cmdline);
    low->start = (struct pvh_start){
        .magic = PVH_MAGIC,
        .version = 1,
        .cmdline = (uintptr_t)low->cmdline,
        .rsdp = find_rsdp(system),
        .memory = (uintptr_t)low->memory,
    };
}

/* Boot services have ended, and a handler of theirs may lie where a segment goes. */
__attribute__((noreturn)) static void enter(struct low *low, const struct payload *payload)
{
    void (*jump)(uint32_t, uint32_t, void *) = (void (*)(uint32_t, uint32_t, void *))low->enter;

    __asm__ volatile("cli" : : : "memory");
    for (uint32_t i = 0; i < payload->segment_count; i++) {
        const struct payload_segment *segment = &payload->segment[i];
        uint8_t *to = (uint8_t *)(uintptr_t)segment->addr;

        memcpy(to, (const uint8_t *)payload + segment->offset, segment->file_size);
        memset(to + segment->file_size, 0, segment->size - segment->file_size);
    }
    jump(payload->entry, (uint32_t)(uintptr_t)&low->start, low);
    __builtin_unreachable();
}

efi_status EFI_CALL efi_main(void *image, struct efi_system_table *system)
{
    const struct payload *payload = (const struct payload *)(const void *)efi_payload;
    struct efi_boot_services *boot = system->boot_services;
    const char *wrong;
    struct low *low;
    uint64_t key;

    if (payload->magic != PAYLOAD_MAGIC)
        return fail(system, "there is no image where there should be one");
    low = allocate_low(boot);
    if (low == NULL)
        return fail(system, "the firmware has no memory below 4 GiB");
    prepare(low, payload, system);
    wake_is_free = are_tables_above(low->start.rsdp);
    if (!get_map(boot, &key))
        return fail(system, "the firmware's memory map is too long");
    wrong = check(payload, low);
    if (wrong != NULL)
        return fail(system, wrong);
    /* The map may change until boot services end. After a first failure none of them but those of
     * memory may be called, so that nothing can be said: UEFI 2.10, 7.4.6. */
    for (unsigned i = 0; boot->exit_boot_services(image, key) != EFI_SUCCESS; i++)
        if (i == EXIT_MAX || !get_map(boot, &key))
            return EFI_LOAD_ERROR;
    low->start.memory_count = make_memory(low->memory);
    enter(low, payload);
}
