/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Tables of ACPI 6.4, chapter 5.2, found from the root pointer. Each is seen through a window as
 * long as the table says that it is, within bounds, and used only when its bytes sum up to zero.
 */
#include "acpi.h"

#include "aml.h"
#include "machine.h"

#define TABLE_MAX   0x100000 /* bytes that a table may have */
#define TABLES_MAX  256
#define HEADER_SIZE 36 /* 5.2.6 */

/* Where a PC's firmware leaves the root pointer: 5.2.5.1. */
#define EBDA_POINTER 0x40e
#define EBDA_SIZE    0x400
#define BIOS_START   0xe0000
#define BIOS_END     0x100000

/* Fields of the tables. */
enum {
    RSDP_REVISION = 15, /* 5.2.5.3 */
    RSDP_RSDT = 16,
    RSDP_LENGTH_1 = 20,
    RSDP_XSDT = 24,
    RSDP_LENGTH_2 = 36,
    FADT_DSDT = 40, /* 5.2.9 */
    FADT_SMI_COMMAND = 48,
    FADT_ACPI_ENABLE = 52,
    FADT_PM1A_CONTROL = 64,
    FADT_PM1B_CONTROL = 68,
    FADT_FLAGS = 112,
    FADT_RESET = 116,
    FADT_RESET_VALUE = 128,
    FADT_X_DSDT = 140,
    FADT_X_PM1A_CONTROL = 172,
    FADT_X_PM1B_CONTROL = 184,
    FADT_SLEEP_CONTROL = 244,
    MCFG_ENTRIES = 44, /* PCI Firmware Specification 3.0, 4.1.2 */
};
#define FADT_FLAG_RESET   (1u << 10)
#define FADT_FLAG_REDUCED (1u << 20)
#define MCFG_LENGTH       16

/* Bytes of a table, all within it. */
struct bytes {
    const uint8_t *at;
    size_t size;
};

static uint64_t number(const struct bytes *b, size_t offset, size_t size)
{
    uint64_t value = 0;
    if (offset > b->size || size > b->size - offset)
        return 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)b->at[offset + i] << 8 * i;
    return value;
}

static bool sums_up(const struct bytes *b, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += b->at[i];
    return size != 0 && sum == 0;
}

static bool has_name(const struct bytes *b, const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (b->at[i] != (uint8_t)name[i])
            return false;
    return true;
}

/* Opens the table at (addr), whatever it is; false: it is none. */
static bool open_table(uint64_t addr, struct bytes *b)
{
    if (addr == 0)
        return false;
    *b = (struct bytes){machine_map(addr, HEADER_SIZE, MACHINE_TABLE), HEADER_SIZE};
    if (b->at == NULL)
        return false;
    size_t length = (size_t)number(b, 4, 4);
    if (length < HEADER_SIZE || length > TABLE_MAX)
        return false;
    b->at = machine_map(addr, length, MACHINE_TABLE);
    b->size = length;
    return b->at != NULL && sums_up(b, length);
}

static struct acpi_register reg(const struct bytes *b, size_t offset)
{
    struct acpi_register r = {.addr = number(b, offset + 4, 8)};
    uint64_t space = number(b, offset, 1), bits = number(b, offset + 1, 1);
    r.io = space == 1;
    r.width = (uint8_t)(bits >= 8 ? bits / 8 : 1);
    if (space > 1 || (r.io && r.addr > UINT16_MAX))
        r.addr = 0;
    return r;
}

/* The longer field where the table has it and it is set, else the port of the first version. */
static struct acpi_register pm1(const struct bytes *b, size_t long_offset, size_t short_offset)
{
    struct acpi_register r = reg(b, long_offset);
    if (r.addr == 0)
        r = (struct acpi_register){
            .addr = number(b, short_offset, 4) & UINT16_MAX, .io = true, .width = 2};
    return r;
}

static void read_dsdt(struct acpi *acpi, uint64_t addr)
{
    struct bytes dsdt;
    if (!open_table(addr, &dsdt) || !has_name(&dsdt, "DSDT", 4))
        return;
    const uint8_t *aml = dsdt.at + HEADER_SIZE;
    size_t size = dsdt.size - HEADER_SIZE;
    acpi->has_s5 = aml_s5(aml, size, &acpi->s5_type_a, &acpi->s5_type_b);
    acpi->mmio_count = aml_mmio_devices(aml, size, acpi->mmio, ACPI_MMIO_DEVICES);
    struct aml_pci pci;
    if (!aml_pci(aml, size, &pci))
        return;
    acpi->window = (struct pci_window){pci.window, pci.window_size};
    if (acpi->ecam.base == 0)
        acpi->ecam = (struct pci_ecam){.base = pci.ecam, .first_bus = 0, .last_bus = UINT8_MAX};
}

static void read_fadt(struct acpi *acpi, const struct bytes *b)
{
    uint64_t flags = number(b, FADT_FLAGS, 4), dsdt = number(b, FADT_X_DSDT, 8);
    if (flags & FADT_FLAG_REDUCED) {
        acpi->sleep_control = reg(b, FADT_SLEEP_CONTROL);
    } else {
        acpi->pm1a_control = pm1(b, FADT_X_PM1A_CONTROL, FADT_PM1A_CONTROL);
        acpi->pm1b_control = pm1(b, FADT_X_PM1B_CONTROL, FADT_PM1B_CONTROL);
        acpi->smi_command = (uint16_t)number(b, FADT_SMI_COMMAND, 4);
        acpi->acpi_enable = (uint8_t)number(b, FADT_ACPI_ENABLE, 1);
    }
    if (flags & FADT_FLAG_RESET) {
        acpi->reset = reg(b, FADT_RESET);
        acpi->reset_value = (uint8_t)number(b, FADT_RESET_VALUE, 1);
    }
    read_dsdt(acpi, dsdt != 0 ? dsdt : number(b, FADT_DSDT, 4));
}

/* The first segment's first bus. */
static void read_mcfg(struct acpi *acpi, const struct bytes *b)
{
    for (size_t at = MCFG_ENTRIES; at + MCFG_LENGTH <= b->size; at += MCFG_LENGTH) {
        uint8_t first = b->at[at + 10], last = b->at[at + 11];
        if (number(b, at + 8, 2) != 0 || first != 0 || last < first)
            continue;
        acpi->ecam =
            (struct pci_ecam){.base = number(b, at, 8), .first_bus = first, .last_bus = last};
        return;
    }
}

static void read_tables(struct acpi *acpi, const struct bytes *root, size_t entry_size)
{
    static const struct {
        char name[5];
        void (*read)(struct acpi *acpi, const struct bytes *b);
    } known[] = {{"FACP", read_fadt}, {"MCFG", read_mcfg}};
    size_t count = (root->size - HEADER_SIZE) / entry_size;
    for (size_t i = 0; i < count && i < TABLES_MAX; i++) {
        struct bytes b;
        if (!open_table(number(root, HEADER_SIZE + i * entry_size, entry_size), &b))
            continue;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            if (has_name(&b, known[k].name, 4))
                known[k].read(acpi, &b);
    }
}

/* Whether there is a root pointer at (at), of which (room) bytes can be seen. */
static bool is_rsdp(const uint8_t *at, size_t room)
{
    struct bytes b = {at, room < RSDP_LENGTH_2 ? room : RSDP_LENGTH_2};
    return room >= RSDP_LENGTH_1 && has_name(&b, "RSD PTR ", 8) && sums_up(&b, RSDP_LENGTH_1);
}

static uint64_t find_rsdp(uint64_t start, size_t size)
{
    const uint8_t *at = machine_map(start, size, MACHINE_TABLE);
    for (size_t i = 0; at != NULL && i + RSDP_LENGTH_1 <= size; i += 16)
        if (is_rsdp(at + i, size - i))
            return start + i;
    return 0;
}

static uint64_t find_rsdp_anywhere(void)
{
    uint64_t rsdp = find_rsdp(BIOS_START, BIOS_END - BIOS_START);
    const uint8_t *pointer = machine_map(EBDA_POINTER, 2, MACHINE_TABLE);
    if (rsdp != 0 || pointer == NULL)
        return rsdp;
    uint64_t ebda = ((uint64_t)pointer[1] << 8 | pointer[0]) << 4;
    return ebda >= 0x400 && ebda < 0xa0000 ? find_rsdp(ebda, EBDA_SIZE) : 0;
}

bool acpi_read(struct acpi *acpi, uint64_t rsdp)
{
    *acpi = (struct acpi){0};
    if (rsdp == 0)
        rsdp = find_rsdp_anywhere();
    if (rsdp == 0)
        return false;
    struct bytes b = {machine_map(rsdp, RSDP_LENGTH_2, MACHINE_TABLE), RSDP_LENGTH_2}, root;
    if (b.at == NULL || !is_rsdp(b.at, RSDP_LENGTH_2))
        return false;
    bool wide = b.at[RSDP_REVISION] >= 2 && sums_up(&b, RSDP_LENGTH_2) && number(&b, RSDP_XSDT, 8);
    if (wide && open_table(number(&b, RSDP_XSDT, 8), &root) && has_name(&root, "XSDT", 4))
        read_tables(acpi, &root, 8);
    else if (open_table(number(&b, RSDP_RSDT, 4), &root) && has_name(&root, "RSDT", 4))
        read_tables(acpi, &root, 4);
    else
        return false;
    return true;
}
