/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pci.h: the PCI bus, as far as a driver needs it: configuration space by ports 0xcf8 and 0xcfc or,
 * on a machine without them, in memory; functions, also behind bridges; where a BAR lies; lists of
 * capabilities. What a function says is checked here: lists that loop end, a BAR is what it is.
 */
#ifndef PCI_H
#define PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Configuration space in memory (PCI Firmware Specification 3.0, 4.1): where bus (first_bus)
 * begins. base 0: there is none. */
struct pci_ecam {
    uint64_t base;
    uint8_t first_bus, last_bus;
};

/* Memory that is free for BARs, below 4 GiB. */
struct pci_window {
    uint32_t next, left;
};

/* A function of a device on a bus. */
struct pci_function {
    const struct pci_ecam *ecam; /* NULL: by ports */
    uint8_t bus, slot, function;
    uint16_t vendor, device;
};

/* Where registers lie. */
struct pci_bar {
    uint64_t base, size;
    bool io;
};

/* Offsets in configuration space (PCI 3.0, 6.1), and bits. */
#define PCI_COMMAND        0x04
#define PCI_COMMAND_IO     0x0001
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_SUBSYSTEM      0x2e
#define PCI_INTERRUPT_LINE 0x3c

#define PCI_CAP_VENDOR 0x09
#define PCI_CAP_MSIX   0x11

uint8_t pci_read8(const struct pci_function *f, unsigned offset);
uint16_t pci_read16(const struct pci_function *f, unsigned offset);
uint32_t pci_read32(const struct pci_function *f, unsigned offset);
void pci_write16(const struct pci_function *f, unsigned offset, uint16_t value);
void pci_write32(const struct pci_function *f, unsigned offset, uint32_t value);

/* Sets bits of the command register. */
void pci_enable(const struct pci_function *f, uint16_t bits);

/* Calls (found) for every function of the vendor, in the order of buses and slots. Returns false
 * when there is no PCI bus. */
typedef void pci_found(const struct pci_function *f, void *data);
bool pci_scan(const struct pci_ecam *ecam, uint16_t vendor, pci_found *found, void *data);

/* Finds out where BAR (index) of 0 to 5 lies. False: there is none, or nobody gave it an address.
 */
bool pci_bar(const struct pci_function *f, unsigned index, struct pci_bar *bar);

/* Gives the BARs in memory of a function addresses in (window), where nobody has: all of them, or
 * none when they have some, or when there is too little room. */
void pci_assign(const struct pci_function *f, struct pci_window *window);

/* Returns the offset of the next capability (id) after (from), 0 to begin with; 0: no more.
 * (hops): 0 to begin with; a list that is longer than can be ends. */
unsigned pci_capability(const struct pci_function *f, uint8_t id, unsigned from, unsigned *hops);

#endif
