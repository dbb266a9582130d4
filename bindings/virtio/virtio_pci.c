/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio over PCI, version 1.x: virtio 1.2, 4.1. Where the structures of registers lie is in vendor
 * capabilities; one that is beyond its BAR, or has no address, is as good as none.
 */
#include "hardware.h"
#include "machine.h"
#include "transport.h"

/* A vendor capability, 4.1.4. */
enum {
    CAP_LEN = 2,
    CAP_TYPE = 3,
    CAP_BAR = 4,
    CAP_OFFSET = 8,
    CAP_LENGTH = 12,
    CAP_MULTIPLIER = 16, /* of the notify structure alone */
    CAP_SIZE = 16,
};

enum { TYPE_COMMON = 1, TYPE_NOTIFY, TYPE_ISR, TYPE_DEVICE, TYPES };

/* Where BARs are in windows: as much of each as virtio's structures ever need. */
#define WINDOW_MAX 0x10000

/* The common structure, 4.1.4.3. */
enum {
    DEVICE_FEATURE_SELECT = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SELECT = 0x08,
    DRIVER_FEATURE = 0x0c,
    CONFIG_MSIX_VECTOR = 0x10,
    DEVICE_STATUS = 0x14,
    CONFIG_GENERATION = 0x15,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_MSIX_VECTOR = 0x1a,
    QUEUE_ENABLE = 0x1c,
    QUEUE_NOTIFY_OFF = 0x1e,
    QUEUE_DESC = 0x20,
    QUEUE_DRIVER = 0x28,
    QUEUE_DEVICE = 0x30,
    COMMON_SIZE = 0x38,
};

static uint8_t status(struct transport *t)
{
    return reg_read8(t->pci.common + DEVICE_STATUS);
}

static void set_status(struct transport *t, uint8_t value)
{
    reg_write8(t->pci.common + DEVICE_STATUS, value);
}

static uint32_t offered(struct transport *t, unsigned half)
{
    reg_write32(t->pci.common + DEVICE_FEATURE_SELECT, half);
    return reg_read32(t->pci.common + DEVICE_FEATURE);
}

static void accept(struct transport *t, unsigned half, uint32_t features)
{
    reg_write32(t->pci.common + DRIVER_FEATURE_SELECT, half);
    reg_write32(t->pci.common + DRIVER_FEATURE, features);
    if (half == 1 && !t->line)
        reg_write16(t->pci.common + CONFIG_MSIX_VECTOR, MSIX_ENTRY);
}

static uint32_t config(struct transport *t, unsigned offset, unsigned width)
{
    uint64_t at = t->pci.config + offset;
    return width == 4 ? reg_read32(at) : width == 2 ? reg_read16(at) : reg_read8(at);
}

static uint32_t generation(struct transport *t)
{
    return reg_read8(t->pci.common + CONFIG_GENERATION);
}

static uint16_t queue_max(struct transport *t, uint16_t queue)
{
    reg_write16(t->pci.common + QUEUE_SELECT, queue);
    return reg_read16(t->pci.common + QUEUE_SIZE);
}

static void write64(uint64_t addr, uint64_t value)
{
    reg_write32(addr, (uint32_t)value);
    reg_write32(addr + 4, (uint32_t)(value >> 32));
}

static bool queue_setup(struct transport *t, uint16_t queue, const struct virtio_queue_place *place)
{
    uint64_t common = t->pci.common;
    reg_write16(common + QUEUE_SELECT, queue);
    uint64_t kick = (uint64_t)reg_read16(common + QUEUE_NOTIFY_OFF) * t->pci.notify_multiplier;
    if (reg_read16(common + QUEUE_ENABLE) != 0 || kick > t->pci.notify_size - 2 || (kick & 1))
        return false;
    t->pci.kick[queue] = t->pci.notify + kick;
    reg_write16(common + QUEUE_SIZE, place->size);
    if (!t->line) {
        reg_write16(common + QUEUE_MSIX_VECTOR, MSIX_ENTRY);
        if (reg_read16(common + QUEUE_MSIX_VECTOR) != MSIX_ENTRY)
            return false;
    }
    write64(common + QUEUE_DESC, place->desc);
    write64(common + QUEUE_DRIVER, place->driver);
    write64(common + QUEUE_DEVICE, place->device);
    reg_write16(common + QUEUE_ENABLE, 1);
    return reg_read16(common + QUEUE_ENABLE) == 1;
}

static uint8_t acknowledge(struct transport *t)
{
    return reg_read8(t->pci.isr);
}

static void notify(struct virtio_device *dev, uint16_t queue)
{
    reg_write16(transport_of(dev)->pci.kick[queue], queue);
}

static const struct transport_ops ops = {
    .enable = transport_enable_pci,
    .status = status,
    .set_status = set_status,
    .offered = offered,
    .accept = accept,
    .config = config,
    .generation = generation,
    .queue_max = queue_max,
    .queue_setup = queue_setup,
    .acknowledge = acknowledge,
};

static const struct virtio_transport transport = TRANSPORT_WITH(notify);

/* A structure of registers. */
struct part {
    uint64_t addr; /* where we see it; 0: not found */
    uint32_t size, multiplier;
};

static const uint32_t least[TYPES] = {
    [TYPE_COMMON] = COMMON_SIZE, [TYPE_NOTIFY] = 2, [TYPE_ISR] = 1, [TYPE_DEVICE] = 1};

/* Opens a window to the structure of the capability at (cap), if it is what it says. */
static void take_part(const struct pci_function *f, unsigned cap, unsigned type, struct part *part)
{
    uint32_t offset = pci_read32(f, cap + CAP_OFFSET), size = pci_read32(f, cap + CAP_LENGTH);
    unsigned align = type == TYPE_COMMON || type == TYPE_DEVICE ? 3 : type == TYPE_NOTIFY ? 1 : 0;
    struct pci_bar bar;
    if (size < least[type] || (offset & align) || !pci_bar(f, pci_read8(f, cap + CAP_BAR), &bar) ||
        bar.io || offset > bar.size || size > bar.size - offset)
        return;
    part->size = size < WINDOW_MAX ? size : WINDOW_MAX;
    part->addr = (uint64_t)machine_map(bar.base + offset, part->size, MACHINE_DEVICE);
    if (type == TYPE_NOTIFY)
        part->multiplier = pci_read32(f, cap + CAP_MULTIPLIER);
}

/* Of each type the first that can be used: 4.1.4. */
static void find_parts(const struct pci_function *f, struct part parts[TYPES])
{
    unsigned hops = 0;
    for (unsigned cap = 0; (cap = pci_capability(f, PCI_CAP_VENDOR, cap, &hops)) != 0;) {
        unsigned type = pci_read8(f, cap + CAP_TYPE);
        unsigned size = CAP_SIZE + (type == TYPE_NOTIFY ? 4 : 0);
        if (type >= TYPE_COMMON && type < TYPES && parts[type].addr == 0 &&
            pci_read8(f, cap + CAP_LEN) >= size && cap + size <= 256)
            take_part(f, cap, type, &parts[type]);
    }
}

bool virtio_pci_find(const struct pci_function *f, struct transport *t)
{
    struct part parts[TYPES] = {{0, 0, 0}};
    find_parts(f, parts);
    if (parts[TYPE_COMMON].addr == 0 || parts[TYPE_NOTIFY].addr == 0 || parts[TYPE_ISR].addr == 0)
        return false;
    *t = (struct transport){
        .dev = {.transport = &transport},
        .ops = &ops,
        .function = *f,
        .config_size = parts[TYPE_DEVICE].addr != 0 ? parts[TYPE_DEVICE].size : 0,
        .pci = {.common = parts[TYPE_COMMON].addr,
                .isr = parts[TYPE_ISR].addr,
                .config = parts[TYPE_DEVICE].addr,
                .notify = parts[TYPE_NOTIFY].addr,
                .notify_size = parts[TYPE_NOTIFY].size,
                .notify_multiplier = parts[TYPE_NOTIFY].multiplier},
    };
    pci_enable(f, PCI_COMMAND_MEMORY);
    transport_name_pci(t, f);
    return true;
}
