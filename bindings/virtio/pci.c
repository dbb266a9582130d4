/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The PCI bus: finding functions behind all bridges, their BARs and capabilities (PCI Local
 * Bus 3.0, chapter 6), by the ports of the first mechanism (3.2.2.3.2) or, where nobody decodes
 * these, in memory (PCI Express 5.0, 7.2.2, ECAM). Lists that loop and bridges that lead back come
 * to an end.
 */
#include "pci.h"

#include "hardware.h"

#define ADDRESS_PORT 0xcf8 /* PCI 3.0, 3.2.2.3.2 */
#define DATA_PORT    0xcfc

#define VENDOR         0x00
#define STATUS         0x06
#define STATUS_LIST    0x0010
#define HEADER_TYPE    0x0e
#define HEADER_BRIDGE  0x01
#define HEADER_MANY    0x80
#define BAR_0          0x10
#define SECONDARY_BUS  0x19
#define CAPABILITIES   0x34
#define NOBODY         0xffff
#define CONFIG_SIZE    256
#define LIST_BEGIN     0x40
#define LIST_HOPS_MAX  ((CONFIG_SIZE - LIST_BEGIN) / 4)
#define BAR_IO         0x1
#define BAR_TYPE       0x6
#define BAR_TYPE_64    0x4
#define BAR_MASK_IO    (~UINT32_C(0x3))
#define BAR_MASK_MEM   (~UINT32_C(0xf))
#define BARS           6
#define FUNCTIONS      8
#define SLOTS          32
#define BUSES          256
#define ECAM_BUS_SHIFT 20

static uint64_t ecam_addr(const struct pci_function *f, unsigned offset)
{
    return f->ecam->base + ((uint64_t)(f->bus - f->ecam->first_bus) << ECAM_BUS_SHIFT) +
           ((uint64_t)f->slot << 15) + ((uint64_t)f->function << 12) + offset;
}

static void select(const struct pci_function *f, unsigned offset)
{
    port_out32(ADDRESS_PORT, UINT32_C(1) << 31 | (uint32_t)f->bus << 16 | (uint32_t)f->slot << 11 |
                                 (uint32_t)f->function << 8 | (offset & 0xfc));
}

uint32_t pci_read32(const struct pci_function *f, unsigned offset)
{
    if (f->ecam != NULL)
        return reg_read32(ecam_addr(f, offset & 0xfc));
    select(f, offset);
    return port_in32(DATA_PORT);
}

uint16_t pci_read16(const struct pci_function *f, unsigned offset)
{
    return (uint16_t)(pci_read32(f, offset) >> (offset & 2) * 8);
}

uint8_t pci_read8(const struct pci_function *f, unsigned offset)
{
    return (uint8_t)(pci_read32(f, offset) >> (offset & 3) * 8);
}

void pci_write32(const struct pci_function *f, unsigned offset, uint32_t value)
{
    if (f->ecam != NULL) {
        reg_write32(ecam_addr(f, offset & 0xfc), value);
        return;
    }
    select(f, offset);
    port_out32(DATA_PORT, value);
}

void pci_write16(const struct pci_function *f, unsigned offset, uint16_t value)
{
    if (f->ecam != NULL) {
        reg_write16(ecam_addr(f, offset & 0xfe), value);
        return;
    }
    select(f, offset);
    port_out16((uint16_t)(DATA_PORT + (offset & 2)), value);
}

void pci_enable(const struct pci_function *f, uint16_t bits)
{
    pci_write16(f, PCI_COMMAND, pci_read16(f, PCI_COMMAND) | bits);
}

struct scan {
    uint16_t vendor;
    pci_found *found;
    void *data;
    uint64_t seen[BUSES / 64];  /* buses: bridges may point anywhere */
    uint64_t ahead[BUSES / 64]; /* buses behind bridges, to be scanned */
};

static void scan_function(struct scan *scan, struct pci_function *f, uint8_t header)
{
    if ((header & ~HEADER_MANY) == HEADER_BRIDGE) {
        uint8_t bus = pci_read8(f, SECONDARY_BUS);
        bool reachable = f->ecam == NULL || (bus >= f->ecam->first_bus && bus <= f->ecam->last_bus);
        if (reachable)
            scan->ahead[bus / 64] |= UINT64_C(1) << bus % 64;
    } else if (f->vendor == scan->vendor) {
        scan->found(f, scan->data);
    }
}

static void scan_bus(struct scan *scan, const struct pci_ecam *ecam, uint8_t bus)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        unsigned functions = 1;
        for (unsigned n = 0; n < functions; n++) {
            struct pci_function f = {
                .ecam = ecam, .bus = bus, .slot = (uint8_t)slot, .function = (uint8_t)n};
            uint32_t id = pci_read32(&f, VENDOR);
            f.vendor = (uint16_t)id, f.device = (uint16_t)(id >> 16);
            if (f.vendor == NOBODY)
                continue;
            uint8_t header = pci_read8(&f, HEADER_TYPE);
            if (n == 0 && (header & HEADER_MANY))
                functions = FUNCTIONS;
            scan_function(scan, &f, header);
        }
    }
}

/* Whether anybody decodes port 0xcf8: it keeps what is written. */
static bool has_ports(void)
{
    uint32_t before = port_in32(ADDRESS_PORT);
    port_out32(ADDRESS_PORT, UINT32_C(1) << 31);
    bool is = port_in32(ADDRESS_PORT) == UINT32_C(1) << 31;
    port_out32(ADDRESS_PORT, before);
    return is;
}

bool pci_scan(const struct pci_ecam *ecam, uint16_t vendor, pci_found *found, void *data)
{
    struct scan scan = {.vendor = vendor, .found = found, .data = data};
    unsigned first = 0;
    if (has_ports())
        ecam = NULL;
    else if (ecam == NULL || ecam->base == 0)
        return false;
    else
        first = ecam->first_bus;
    scan.ahead[first / 64] = UINT64_C(1) << first % 64;
    for (unsigned bus = first; bus < BUSES;) {
        uint64_t bit = UINT64_C(1) << bus % 64;
        bool now = (scan.ahead[bus / 64] & bit) && !(scan.seen[bus / 64] & bit);
        if (!now) {
            bus++;
            continue;
        }
        scan.seen[bus / 64] |= bit;
        scan_bus(&scan, ecam, (uint8_t)bus);
        bus = first; /* a bridge may lead back */
    }
    return true;
}

/* Writes all ones and reads what sticks: PCI 3.0, 6.2.5.1. The address is put back. */
static uint32_t probe(const struct pci_function *f, unsigned offset, uint32_t *value)
{
    *value = pci_read32(f, offset);
    pci_write32(f, offset, UINT32_MAX);
    uint32_t mask = pci_read32(f, offset);
    pci_write32(f, offset, *value);
    return mask;
}

bool pci_bar(const struct pci_function *f, unsigned index, struct pci_bar *bar)
{
    if (index >= BARS)
        return false;
    unsigned offset = BAR_0 + index * 4;
    uint16_t command = pci_read16(f, PCI_COMMAND);
    pci_write16(f, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
    uint32_t low, high = 0;
    uint32_t mask_low = probe(f, offset, &low), mask_high = UINT32_MAX;
    bool io = low & BAR_IO, wide = !io && (low & BAR_TYPE) == BAR_TYPE_64;
    if (wide && index + 1 < BARS)
        mask_high = probe(f, offset + 4, &high);
    pci_write16(f, PCI_COMMAND, command);
    if (wide && index + 1 == BARS)
        return false;

    uint32_t used = io ? BAR_MASK_IO : BAR_MASK_MEM;
    uint64_t mask = (uint64_t)mask_high << 32 | (mask_low & used);
    if (io)
        mask |= UINT64_C(0xffff0000); /* a function may leave the upper half out */
    bar->io = io;
    bar->base = (uint64_t)high << 32 | (low & used);
    bar->size = ~mask + 1;
    /* A size is a power of two, and the address a multiple of it. */
    return bar->size != 0 && !(bar->size & (bar->size - 1)) && bar->base != 0 &&
           !(bar->base & (bar->size - 1));
}

/* Takes the next (size) bytes, a power of two, at a multiple of it; 0: there is no room. */
static uint32_t take(struct pci_window *window, uint32_t size)
{
    uint32_t skipped = -window->next & (size - 1);
    if (skipped > window->left || size > window->left - skipped)
        return 0;
    uint32_t addr = window->next + skipped;
    window->next = addr + size;
    window->left -= skipped + size;
    return addr;
}

void pci_assign(const struct pci_function *f, struct pci_window *window)
{
    struct pci_window rest = *window;
    uint32_t addrs[BARS] = {0};
    uint16_t command = pci_read16(f, PCI_COMMAND);
    pci_write16(f, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
    bool good = true;
    for (unsigned i = 0; i < BARS && good; i++) {
        uint32_t low, high = 0, mask = probe(f, BAR_0 + i * 4, &low) & BAR_MASK_MEM;
        bool wide = (low & BAR_TYPE) == BAR_TYPE_64 && i + 1 < BARS;
        if ((low & BAR_IO) || mask == 0)
            continue;
        if (wide)
            high = pci_read32(f, BAR_0 + (i + 1) * 4);
        addrs[i] = take(&rest, -mask);
        good = (low & BAR_MASK_MEM) == 0 && high == 0 && (mask & -mask) == -mask && addrs[i] != 0;
        i += wide;
    }
    for (unsigned i = 0; i < BARS && good; i++)
        if (addrs[i] != 0)
            pci_write32(f, BAR_0 + i * 4, addrs[i]);
    if (good)
        *window = rest;
    pci_write16(f, PCI_COMMAND, command);
}

unsigned pci_capability(const struct pci_function *f, uint8_t id, unsigned from, unsigned *hops)
{
    if (from == 0 && !(pci_read16(f, STATUS) & STATUS_LIST))
        return 0;
    unsigned at = pci_read8(f, from == 0 ? CAPABILITIES : from + 1) & 0xfc;
    while (at >= LIST_BEGIN && (*hops)++ < LIST_HOPS_MAX) {
        uint32_t head = pci_read32(f, at);
        if ((uint8_t)head == id)
            return at;
        at = head >> 8 & 0xfc;
    }
    return 0;
}
