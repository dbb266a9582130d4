/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * acpi.h: the few things that are needed of a machine's ACPI tables. They are data: nothing of AML
 * is run, three patterns in it are recognised. Whatever is wrong with a table makes it as if it
 * were not there.
 */
#ifndef ACPI_H
#define ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pci.h"

#define ACPI_MMIO_DEVICES 64

/* A device on virtio-mmio. */
struct mmio_place {
    uint64_t base, size;
    uint32_t gsi;
};

/* Puts a device among (count) others, which are in the order of addresses, unless it is one of
 * them. Returns how many there are then: mmio_words.c. */
unsigned mmio_insert(struct mmio_place *places, unsigned count, struct mmio_place place);

/* A register that the tables tell of. */
struct acpi_register {
    uint64_t addr; /* 0: there is none */
    bool io;
    uint8_t width; /* bytes */
};

struct acpi {
    struct pci_ecam ecam;
    struct pci_window window;                  /* for who has no firmware that gives addresses */
    struct mmio_place mmio[ACPI_MMIO_DEVICES]; /* in the order of addresses */
    unsigned mmio_count;

    /* To switch off: ACPI 6.4, 4.8.3.2 and 4.8.3.7; what goes into a sleep type field is in \_S5.
     */
    struct acpi_register pm1a_control, pm1b_control, sleep_control;
    bool has_s5;
    uint8_t s5_type_a, s5_type_b;
    uint16_t smi_command; /* port; 0: none */
    uint8_t acpi_enable;  /* what to write there */

    struct acpi_register reset;
    uint8_t reset_value;
};

/* Reads the tables behind the root pointer at (rsdp), 0: looks for it where a PC's firmware leaves
 * it. False: there are none; (acpi) is all zeroes then. */
bool acpi_read(struct acpi *acpi, uint64_t rsdp);

#endif
