/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * aml.h: two things that are written in AML (ACPI 6.4, chapter 20), found by how they look.
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

#endif
