/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * ACPI's tables (bindings/virtio/acpi.c, aml.c): what is in them is found, and tables that are cut,
 * damaged or lie about their length are as if they were not there.
 */
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "aml.h"
#include "fake.h"
#include "unit.h"

#define BASE 0x7fe0000
#define SIZE 0x2000

/* Where the tables are, from BASE. */
enum { RSDP = 0x000, XSDT = 0x100, FADT = 0x200, MCFG = 0x400, DSDT = 0x500 };
#define FADT_SIZE 268

static const uint8_t s5[] = {0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x00, 0x00};

/* Device (VR00) { Name (_HID, "LNRO0005") Name (_UID, 0) Name (_CRS, ...) } as QEMU has it. */
#define VR(base_2, gsi)                                                                          \
    0x5b, 0x82, 0x4b, 0x03, 'V', 'R', '0', '0', 0x08, '_', 'H', 'I', 'D', 0x0d, 'L', 'N', 'R',   \
        'O', '0', '0', '0', '5', 0x00, 0x08, '_', 'U', 'I', 'D', 0x00, 0x08, '_', 'C', 'R', 'S', \
        0x11, 0x1a, 0x0a, 0x17, 0x86, 0x09, 0x00, 0x01, 0x00, (base_2), 0xb0, 0xfe, 0x00, 0x02,  \
        0x00, 0x00, 0x89, 0x06, 0x00, 0x09, 0x01, (gsi), 0x00, 0x00, 0x00, 0x79, 0x00
static const uint8_t vr[] = {VR(0x0e, 0x17), VR(0x0c, 0x16)};

static uint8_t memory[SIZE];

static void seal(size_t at, size_t size, size_t sum_at)
{
    uint8_t sum = 0;
    memory[sum_at] = 0;
    for (size_t i = 0; i < size; i++)
        sum += memory[at + i];
    memory[sum_at] = (uint8_t)-sum;
}

static void table(size_t at, const char *name, size_t size)
{
    memcpy(memory + at, name, 4);
    fake_put(memory, at + 4, 4, size);
    seal(at, size, at + 9);
}

static void make_tables(void)
{
    memset(memory, 0, sizeof memory);
    fake_reset();
    fake.region[fake.region_count++] = (struct fake_region){BASE, SIZE, memory};
    memcpy(memory + RSDP, "RSD PTR ", 8);
    memory[RSDP + 15] = 2;
    fake_put(memory, RSDP + 24, 8, BASE + XSDT);
    seal(RSDP, 20, RSDP + 8);
    seal(RSDP, 36, RSDP + 32);
    fake_put(memory, XSDT + 36, 8, BASE + FADT);
    fake_put(memory, XSDT + 44, 8, BASE + MCFG);
    table(XSDT, "XSDT", 52);
    fake_put(memory, FADT + 40, 4, BASE + DSDT);
    fake_put(memory, FADT + 48, 4, 0xb2);
    fake_put(memory, FADT + 52, 1, 0xf1);
    fake_put(memory, FADT + 64, 4, 0x604);
    fake_put(memory, FADT + 112, 4, 1 << 10);
    fake_put(memory, FADT + 116, 4, 0x01000801); /* port, 8 bits */
    fake_put(memory, FADT + 120, 8, 0xcf9);
    fake_put(memory, FADT + 128, 1, 0x0f);
    table(FADT, "FACP", FADT_SIZE);
    fake_put(memory, MCFG + 44, 8, 0xb0000000);
    memory[MCFG + 55] = 0xff;
    table(MCFG, "MCFG", 60);
    memcpy(memory + DSDT + 36, s5, sizeof s5);
    memcpy(memory + DSDT + 36 + sizeof s5, vr, sizeof vr);
    table(DSDT, "DSDT", 36 + sizeof s5 + sizeof vr);
}

START_TEST(all_is_found)
{
    struct acpi acpi;
    make_tables();
    ck_assert(acpi_read(&acpi, BASE + RSDP));
    ck_assert(acpi.has_s5);
    ck_assert_uint_eq(acpi.s5_type_a, 5);
    ck_assert_uint_eq(acpi.s5_type_b, 0);
    ck_assert_uint_eq(acpi.pm1a_control.addr, 0x604);
    ck_assert(acpi.pm1a_control.io);
    ck_assert_uint_eq(acpi.pm1b_control.addr, 0);
    ck_assert_uint_eq(acpi.sleep_control.addr, 0);
    ck_assert_uint_eq(acpi.smi_command, 0xb2);
    ck_assert_uint_eq(acpi.acpi_enable, 0xf1);
    ck_assert_uint_eq(acpi.reset.addr, 0xcf9);
    ck_assert_uint_eq(acpi.reset_value, 0x0f);
    ck_assert_uint_eq(acpi.ecam.base, 0xb0000000);
    ck_assert_uint_eq(acpi.ecam.last_bus, 255);
    ck_assert_uint_eq(acpi.mmio_count, 2);
    ck_assert_uint_eq(acpi.mmio[0].base, 0xfeb00c00);
    ck_assert_uint_eq(acpi.mmio[0].size, 512);
    ck_assert_uint_eq(acpi.mmio[0].gsi, 0x16);
    ck_assert_uint_eq(acpi.mmio[1].base, 0xfeb00e00);
}
END_TEST

START_TEST(reduced_hardware)
{
    struct acpi acpi;
    make_tables();
    fake_put(memory, FADT + 112, 4, 1 << 20);
    fake_put(memory, FADT + 244, 4, 0x01000800); /* memory, 8 bits */
    fake_put(memory, FADT + 248, 8, 0xfea00000);
    table(FADT, "FACP", FADT_SIZE);
    ck_assert(acpi_read(&acpi, BASE + RSDP));
    ck_assert_uint_eq(acpi.sleep_control.addr, 0xfea00000);
    ck_assert(!acpi.sleep_control.io);
    ck_assert_uint_eq(acpi.pm1a_control.addr, 0);
    ck_assert_uint_eq(acpi.reset.addr, 0);
}
END_TEST

START_TEST(no_root_pointer)
{
    struct acpi acpi;
    make_tables();
    ck_assert(!acpi_read(&acpi, BASE + 0x40));     /* something else */
    ck_assert(!acpi_read(&acpi, BASE + SIZE - 8)); /* memory ends */
    ck_assert(!acpi_read(&acpi, 0));               /* no firmware's memory to look for it */
    memory[RSDP + 9] ^= 1;
    ck_assert(!acpi_read(&acpi, BASE + RSDP)); /* its sum is wrong */
}
END_TEST

/* A byte changed anywhere in a table: the table is not used. */
START_TEST(damaged_table)
{
    struct acpi acpi;
    make_tables();
    memory[DSDT + 60] ^= 0x10;
    ck_assert(acpi_read(&acpi, BASE + RSDP));
    ck_assert(!acpi.has_s5);
    ck_assert_uint_eq(acpi.mmio_count, 0);
    ck_assert_uint_eq(acpi.pm1a_control.addr, 0x604);
    make_tables();
    memory[FADT + 100] ^= 1;
    ck_assert(acpi_read(&acpi, BASE + RSDP));
    ck_assert_uint_eq(acpi.pm1a_control.addr, 0);
    ck_assert_uint_eq(acpi.ecam.base, 0xb0000000);
}
END_TEST

START_TEST(lengths)
{
    static const uint32_t bad[] = {0, 35, SIZE, 0x100001, UINT32_MAX};
    struct acpi acpi;
    make_tables();
    fake_put(memory, XSDT + 4, 4, bad[_i]);
    ck_assert(!acpi_read(&acpi, BASE + RSDP));
}
END_TEST

/* Every shorter piece of AML is read without a step beyond it: by a copy that ends where it does.
 */
START_TEST(cut_aml)
{
    uint8_t whole[sizeof s5 + sizeof vr], a = 0, b = 0;
    struct mmio_place places[4];
    memcpy(whole, s5, sizeof s5);
    memcpy(whole + sizeof s5, vr, sizeof vr);
    for (size_t size = 0; size <= sizeof whole; size++) {
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, whole, size);
        ck_assert_int_eq(aml_s5(copy, size, &a, &b), size >= sizeof s5);
        unsigned count = size < sizeof s5 + sizeof vr / 2 ? 0 : size < sizeof whole ? 1 : 2;
        ck_assert_uint_eq(aml_mmio_devices(copy, size, places, 4), count);
        free(copy);
    }
}
END_TEST

START_TEST(aml_that_is_not_meant)
{
    static const uint8_t use[] = {'_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x00, 0x00};
    static const uint8_t odd[] = {0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x5b, 0x05, 0x00};
    static const uint8_t empty[] = {0x08, '_', 'S', '5', '_', 0x12, 0x02, 0x00};
    uint8_t a, b;
    ck_assert(!aml_s5(use, sizeof use, &a, &b));
    ck_assert(!aml_s5(odd, sizeof odd, &a, &b));
    ck_assert(!aml_s5(empty, sizeof empty, &a, &b));
}
END_TEST

/* As QEMU's microvm has it: the method _CBA, and the resources with a range of memory. */
static const uint8_t cba[] = {0x14, 0x0c, '_',  'C',  'B',  'A',  0x00, 0xa4, 0x0c, 0x00,
                              0x00, 0x00, 0xe0, 0x08, '_',  'C',  'R',  'S',  0x11, 0x1f,
                              0x0a, 0x1c, 0x87, 0x17, 0x00, 0x00, 0x0c, 0x01, 0x00, 0x00,
                              0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xff, 0xff, 0xff, 0xdf,
                              0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x79, 0x00};

START_TEST(host_bridge)
{
    const size_t bridge = 13; /* what the first of them needs */
    for (size_t size = 0; size <= sizeof cba; size++) {
        uint8_t *copy = malloc(size + 1);
        struct aml_pci pci;
        memcpy(copy, cba, size);
        ck_assert_int_eq(aml_pci(copy, size, &pci), size >= bridge);
        ck_assert_uint_eq(pci.window_size, size == sizeof cba ? 0x20000000 : 0);
        if (size == sizeof cba) {
            ck_assert_uint_eq(pci.ecam, 0xe0000000);
            ck_assert_uint_eq(pci.window, 0xc0000000);
            copy[size - 3] ^= 1; /* the length is not that of the range */
            ck_assert(aml_pci(copy, size, &pci));
            ck_assert_uint_eq(pci.window_size, 0);
        }
        free(copy);
    }
}
END_TEST

START_TEST(only_so_many)
{
    struct mmio_place place[1];
    ck_assert_uint_eq(aml_mmio_devices(vr, sizeof vr, place, 1), 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_acpi");
    TCase *tests = tcase_create("acpi");

    tcase_add_test(tests, all_is_found);
    tcase_add_test(tests, reduced_hardware);
    tcase_add_test(tests, no_root_pointer);
    tcase_add_test(tests, damaged_table);
    tcase_add_loop_test(tests, lengths, 0, 5);
    tcase_add_test(tests, cut_aml);
    tcase_add_test(tests, aml_that_is_not_meant);
    tcase_add_test(tests, host_bridge);
    tcase_add_test(tests, only_so_many);
    suite_add_tcase(suite, tests);
    return suite;
}
