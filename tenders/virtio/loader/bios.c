/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The BIOS loader, in 32 bits: reads the payload from the disk or CD that the BIOS started from,
 * finds memory and ACPI, and enters the image as PVH does.
 */
#include <stdbool.h>

#include "payload.h"

#define COM1         0x3f8
#define COM1_STATUS  (COM1 + 5)
#define COM1_EMPTY   0x20
#define COM1_TURNS   100000
#define CARRY        1
#define SMAP         0x534d4150
#define BOUNCE       0x10000u /* below 1 MiB, and free; a read ends where the segment does */
#define BOUNCE_SIZE  0x8000u
#define BDA_EBDA     0x40e
#define ROM          0xe0000u
#define ROM_END      0x100000u
#define EBDA_SEARCH  1024
#define RSDP_SIZE    20
#define A20_PORT     0x92
#define A20_ENABLE   2
#define A20_NO_RESET 0xfe

/* What bios_call takes and gives. */
struct registers {
    uint32_t eax, ebx, ecx, edx, esi, edi, flags;
};

struct registers bios_registers;
uint8_t bios_number;

extern const uint64_t bios_payload_lba;
extern const uint32_t bios_block_shift;
extern const uint8_t bios_drive;

void bios_call(void);
__attribute__((noreturn)) void bios_enter(uint32_t entry, const struct pvh_start *start);
__attribute__((noreturn)) void bios_main(void);

static struct payload payload;
static struct pvh_start start;
static struct pvh_memory memory[PVH_MEMORY_MAX];
static uint32_t memory_count;

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void call(uint8_t number)
{
    bios_number = number;
    bios_call();
}

static void put_serial(char c)
{
    for (unsigned turn = 0; turn < COM1_TURNS && !(in8(COM1_STATUS) & COM1_EMPTY); turn++)
        __asm__ volatile("pause");
    out8(COM1, (uint8_t)c);
}

static void put_screen(char c)
{
    bios_registers = (struct registers){.eax = 0x0e00 | (uint8_t)c, .ebx = 7};
    call(0x10);
}

static void print(void (*put)(char), const char *text)
{
    while (*text != '\0')
        put(*text++);
}

static void print_number(void (*put)(char), uint32_t value)
{
    if (value >= 10)
        print_number(put, value / 10);
    put((char)('0' + value % 10));
}

/* One after the other: a BIOS may show its screen on the same serial line. (need_mb): of memory;
 * 0: there is enough. */
__attribute__((noreturn)) static void fail(const char *why, uint32_t need_mb)
{
    void (*const put[])(char) = {put_serial, put_screen};

    for (unsigned i = 0; i < sizeof put / sizeof put[0]; i++) {
        print(put[i], "Quintet: ");
        print(put[i], why);
        if (need_mb != 0) {
            print(put[i], "; give it at least ");
            print_number(put[i], need_mb);
            print(put[i], " MB");
        }
        print(put[i], "\r\n");
    }
    while (true)
        __asm__ volatile("hlt");
}

static void copy(uint32_t to, uint32_t from, uint32_t len)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

static void zero(uint32_t to, uint32_t len)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(len) : "a"(0) : "memory");
}

/* EDD 3.0, function 42h: (len) bytes, at most BOUNCE_SIZE, to BOUNCE. */
static void read_bounce(uint64_t lba, uint32_t len)
{
    static struct {
        uint8_t size, reserved;
        uint16_t count, offset, segment;
        uint64_t lba;
    } packet;

    packet.size = sizeof packet;
    packet.count = (uint16_t)((len + (1u << bios_block_shift) - 1) >> bios_block_shift);
    packet.segment = BOUNCE >> 4;
    packet.lba = lba;
    bios_registers =
        (struct registers){.eax = 0x4200, .edx = bios_drive, .esi = (uint32_t)(uintptr_t)&packet};
    call(0x13);
    if (bios_registers.flags & CARRY)
        fail("the disk cannot be read", 0);
}

/* (offset): in the payload, PAYLOAD_ALIGN aligned. */
static void read(uint32_t to, uint64_t offset, uint64_t len)
{
    uint64_t lba = bios_payload_lba + (offset >> bios_block_shift);

    while (len != 0) {
        uint32_t piece = len < BOUNCE_SIZE ? (uint32_t)len : BOUNCE_SIZE;

        read_bounce(lba, piece);
        copy(to, BOUNCE, piece);
        to += piece;
        len -= piece;
        lba += piece >> bios_block_shift;
    }
}

/* ACPI 6.4, 15.1 */
static void find_memory(void)
{
    uint32_t next = 0, calls = 0;

    do {
        struct pvh_memory *entry = &memory[memory_count];

        bios_registers = (struct registers){
            .eax = 0xe820, .ebx = next, .ecx = 20, .edx = SMAP, .edi = (uint32_t)(uintptr_t)entry};
        call(0x15);
        if ((bios_registers.flags & CARRY) || bios_registers.eax != SMAP)
            break;
        entry->reserved = 0;
        if (entry->size != 0)
            memory_count++;
        next = bios_registers.ebx;
        /* Empty ones count too: a BIOS may go round in them. */
    } while (next != 0 && ++calls < PVH_MEMORY_MAX);
    if (next != 0 && calls == PVH_MEMORY_MAX)
        fail("the BIOS tells too many pieces of memory (INT 15h, E820h)", 0);
    if (memory_count == 0)
        fail("the BIOS does not tell the memory (INT 15h, E820h)", 0);
}

static bool is_ram(uint64_t addr, uint64_t size)
{
    for (uint32_t i = 0; i < memory_count; i++) {
        const struct pvh_memory *m = &memory[i];

        if (m->type == MEMORY_RAM && addr >= m->addr && addr - m->addr <= m->size &&
            size <= m->size - (addr - m->addr))
            return true;
    }
    return false;
}

/* ACPI 6.4, 5.2.5.1 */
static bool is_rsdp(const uint8_t *at)
{
    static const char signature[] = "RSD PTR ";
    uint8_t sum = 0;

    for (unsigned i = 0; i < sizeof signature - 1; i++)
        if (at[i] != signature[i])
            return false;
    for (unsigned i = 0; i < RSDP_SIZE; i++)
        sum = (uint8_t)(sum + at[i]);
    return sum == 0;
}

static uint32_t find_rsdp_in(uint32_t from, uint32_t to)
{
    for (; from < to; from += 16)
        if (is_rsdp((const uint8_t *)(uintptr_t)from))
            return from;
    return 0;
}

static uint32_t find_rsdp(void)
{
    uint32_t where = BDA_EBDA, ebda, found = 0;

    /* The compiler takes low addresses for mistakes. */
    __asm__("" : "+r"(where));
    ebda = (uint32_t) * (const volatile uint16_t *)(uintptr_t)where << 4;
    if (ebda != 0)
        found = find_rsdp_in(ebda, ebda + EBDA_SEARCH);
    return found != 0 ? found : find_rsdp_in(ROM, ROM_END);
}

static void enable_a20(void)
{
    uint8_t value = in8(A20_PORT);

    bios_registers = (struct registers){.eax = 0x2401};
    call(0x15);
    if (!(value & A20_ENABLE))
        out8(A20_PORT, (uint8_t)((value | A20_ENABLE) & A20_NO_RESET));
}

static void load(void)
{
    read((uint32_t)(uintptr_t)&payload, 0, sizeof payload);
    if (payload.magic != PAYLOAD_MAGIC)
        fail("there is no image where there should be one", 0);
    for (uint32_t i = 0; i < payload.segment_count; i++) {
        const struct payload_segment *segment = &payload.segment[i];

        if (!is_ram(segment->addr, segment->size))
            fail("the machine has too little memory for the image", (uint32_t)payload.memory_mb);
        read((uint32_t)segment->addr, segment->offset, segment->file_size);
        zero((uint32_t)(segment->addr + segment->file_size),
             (uint32_t)(segment->size - segment->file_size));
    }
}

void bios_main(void)
{
    find_memory();
    enable_a20();
    load();
    start = (struct pvh_start){
        .magic = PVH_MAGIC,
        .version = 1,
        .cmdline = (uintptr_t)payload.cmdline,
        .rsdp = find_rsdp(),
        .memory = (uintptr_t)memory,
        .memory_count = memory_count,
    };
    bios_enter(payload.entry, &start);
}
