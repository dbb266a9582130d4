/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a device on PCI may do of itself: write to memory, and interrupt by messages,
 * PCI 3.0, 6.8.2. One entry of its table serves all queues and the configuration: nobody asks what
 * has woken the program.
 */
#include "hardware.h"
#include "irq.h"
#include "machine.h"
#include "transport.h"

#define CONTROL          2
#define CONTROL_MASK_ALL 0x4000
#define CONTROL_ENABLE   0x8000
#define TABLE            4
#define TABLE_BAR        0x7

#define ENTRY_SIZE   16
#define ENTRY_ADDR   0
#define ENTRY_DATA   8
#define ENTRY_MASKED 12

bool transport_enable_pci(struct transport *t)
{
    const struct pci_function *f = &t->function;
    pci_enable(f, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    unsigned hops = 0, cap = pci_capability(f, PCI_CAP_MSIX, 0, &hops);
    if (cap == 0)
        return false;
    uint16_t control = pci_read16(f, cap + CONTROL);
    uint32_t table = pci_read32(f, cap + TABLE), offset = table & ~(uint32_t)TABLE_BAR;
    struct pci_bar bar;
    if (!pci_bar(f, table & TABLE_BAR, &bar) || bar.io || offset > bar.size ||
        ENTRY_SIZE > bar.size - offset)
        return false;
    uint64_t entry = (uint64_t)machine_map(bar.base + offset, ENTRY_SIZE, MACHINE_DEVICE);
    if (entry == 0)
        return false;
    uint64_t addr;
    uint32_t data;
    irq_message(&addr, &data);
    pci_write16(f, cap + CONTROL, control | CONTROL_ENABLE | CONTROL_MASK_ALL);
    reg_write32(entry + ENTRY_ADDR, (uint32_t)addr);
    reg_write32(entry + ENTRY_ADDR + 4, (uint32_t)(addr >> 32));
    reg_write32(entry + ENTRY_DATA, data);
    reg_write32(entry + ENTRY_MASKED, 0);
    pci_write16(f, cap + CONTROL, (uint16_t)((control | CONTROL_ENABLE) & ~CONTROL_MASK_ALL));
    return true;
}
