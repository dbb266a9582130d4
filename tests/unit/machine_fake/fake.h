/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A machine for the code of bindings/virtio that runs on the host: a PCI bus with configuration
 * space by ports, physical memory, and registers whose values the test gives. An access to what is
 * not there is a failure of the test, or gives all ones where a real machine does.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_FUNCTIONS 4
#define FAKE_REGIONS   8
#define FAKE_MESSAGE   34 /* what a device writes for an interrupt */

/* A function of the bus. Bits of BARs that stay as they are: size - 1. */
struct fake_function {
    uint8_t bus, slot, function;
    uint8_t config[256];
    uint64_t bar_size[6];
};

/* Physical memory, or registers. */
struct fake_region {
    uint64_t start;
    size_t size;
    uint8_t *bytes;
};

struct fake {
    struct fake_function function[FAKE_FUNCTIONS];
    unsigned function_count;
    struct fake_region region[FAKE_REGIONS];
    unsigned region_count;
    uint32_t config_address;
    bool no_ports; /* nobody decodes 0xcf8 */
    /* When not NULL: called for registers, which may change at any time. */
    uint64_t (*read)(uint64_t addr, unsigned width);
    void (*write)(uint64_t addr, unsigned width, uint64_t value);
    uint64_t time_ns;      /* a microsecond more with every look */
    unsigned config_reads; /* of configuration space */
    char said[4096];       /* on the console */
    bool aborted;
};
extern struct fake fake;

void fake_reset(void);

/* Puts a value of (size) bytes into (bytes) at (at), as the machine has it. */
void fake_put(uint8_t *bytes, size_t at, unsigned size, uint64_t value);

/* One more function; a BAR of it, whose lowest bits are (kind). */
struct fake_function *fake_function(uint8_t bus, uint8_t slot, uint16_t vendor, uint16_t device);
void fake_bar(struct fake_function *f, unsigned index, uint64_t base, uint64_t size, unsigned kind);

/* What is at a physical address. */
uint8_t *fake_bytes(uint64_t phys, size_t size);

#endif
