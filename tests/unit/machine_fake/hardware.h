/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * In the place of the bindings' hardware.h: every access of a driver goes to the test (fake.h).
 */
#ifndef HARDWARE_H
#define HARDWARE_H

#include <stdint.h>

uint8_t port_in8(uint16_t port);
uint16_t port_in16(uint16_t port);
uint32_t port_in32(uint16_t port);
void port_out8(uint16_t port, uint8_t value);
void port_out16(uint16_t port, uint16_t value);
void port_out32(uint16_t port, uint32_t value);
uint8_t reg_read8(uint64_t addr);
uint16_t reg_read16(uint64_t addr);
uint32_t reg_read32(uint64_t addr);
void reg_write8(uint64_t addr, uint8_t value);
void reg_write16(uint64_t addr, uint16_t value);
void reg_write32(uint64_t addr, uint32_t value);

#endif
