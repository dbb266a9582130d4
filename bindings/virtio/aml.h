/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * aml.h: three things that are written in AML (ACPI 6.4, chapter 20), found by how they look.
 */
#ifndef AML_H
#define AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acpi.h"

/* Finds the package \_S5: its first two numbers. */
bool aml_s5(const uint8_t *aml, size_t size, uint8_t *type_a, uint8_t *type_b);

/* Finds devices LNRO0005, which is virtio-mmio: those that have one range of memory and one
 * interrupt. Returns how many there are, up to (max), in the order of addresses. */
unsigned aml_mmio_devices(const uint8_t *aml, size_t size, struct mmio_place *places, unsigned max);

/* A host bridge: where configuration space is, and the memory that its functions may have; size 0:
 * not told. */
struct aml_pci {
    uint32_t ecam, window, window_size;
};

/* Finds a host bridge with a _CBA, as QEMU's microvm has it (PCI Firmware
 * Specification 3.0, 4.1.3): what it returns, and of its _CRS the first range of memory below 4
 * GiB. */
bool aml_pci(const uint8_t *aml, size_t size, struct aml_pci *pci);

#endif
