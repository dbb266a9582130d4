/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of ACPI's tables: the input is the firmware's memory, whose tables find one another in it.
 * An input whose first byte is odd is AML, since few are a table whose sum is right.
 */
#include "acpi.h"

#include <string.h>

#include "aml.h"
#include "fake.h"
#include "fuzz.h"

#define BASE 0x7fe0000

static void check(const struct mmio_place *places, unsigned count, unsigned max)
{
    FUZZ_CHECK(count <= max);
    for (unsigned i = 0; i < count; i++) {
        FUZZ_CHECK(places[i].base != 0 && places[i].size != 0);
        FUZZ_CHECK(i == 0 || places[i - 1].base <= places[i].base);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct acpi acpi;
    static struct mmio_place places[4];
    uint8_t *copy = malloc(size + 1), a, b;

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, data, size);
    fake_reset();
    if (size != 0 && copy[0] & 1) {
        if (aml_s5(copy, size, &a, &b))
            FUZZ_CHECK(a < 8 && b < 8);
        check(places, aml_mmio_devices(copy, size, places, 4), 4);
    } else {
        fake.region[fake.region_count++] = (struct fake_region){BASE, size, copy};
        acpi_read(&acpi, BASE);
        check(acpi.mmio, acpi.mmio_count, ACPI_MMIO_DEVICES);
        FUZZ_CHECK(!acpi.reset.io || acpi.reset.addr <= UINT16_MAX);
        FUZZ_CHECK(!acpi.pm1a_control.io || acpi.pm1a_control.addr <= UINT16_MAX);
    }
    free(copy);
    return 0;
}
