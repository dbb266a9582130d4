/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * hardware.h: the processor's ways to a device: ports, and registers in memory, each access as wide
 * as the function says and none left out. Tests on the host put their own file in its place.
 */
#ifndef HARDWARE_H
#define HARDWARE_H

#include <stdint.h>

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint16_t port_in16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint32_t port_in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline void port_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void port_out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void port_out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t reg_read8(uint64_t addr)
{
    uint8_t value;
    __asm__ volatile("movb %1, %0" : "=q"(value) : "m"(*(const volatile uint8_t *)addr) : "memory");
    return value;
}

static inline uint16_t reg_read16(uint64_t addr)
{
    uint16_t value;
    __asm__ volatile("movw %1, %0"
                     : "=r"(value)
                     : "m"(*(const volatile uint16_t *)addr)
                     : "memory");
    return value;
}

static inline uint32_t reg_read32(uint64_t addr)
{
    uint32_t value;
    __asm__ volatile("movl %1, %0"
                     : "=r"(value)
                     : "m"(*(const volatile uint32_t *)addr)
                     : "memory");
    return value;
}

static inline void reg_write8(uint64_t addr, uint8_t value)
{
    __asm__ volatile("movb %1, %0" : "=m"(*(volatile uint8_t *)addr) : "q"(value) : "memory");
}

static inline void reg_write16(uint64_t addr, uint16_t value)
{
    __asm__ volatile("movw %1, %0" : "=m"(*(volatile uint16_t *)addr) : "r"(value) : "memory");
}

static inline void reg_write32(uint64_t addr, uint32_t value)
{
    __asm__ volatile("movl %1, %0" : "=m"(*(volatile uint32_t *)addr) : "r"(value) : "memory");
}

#endif
