/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio over PCI as it was before version 1.0: virtio 1.2, 4.1.4.10. All registers are ports, from
 * where the first BAR begins; a queue has the size that the device wants, and one address.
 */
#include "hardware.h"
#include "machine.h"
#include "transport.h"

#define PAGE 4096

enum {
    DEVICE_FEATURES = 0x00,
    DRIVER_FEATURES = 0x04,
    QUEUE_ADDRESS = 0x08,
    QUEUE_SIZE = 0x0c,
    QUEUE_SELECT = 0x0e,
    QUEUE_NOTIFY = 0x10,
    DEVICE_STATUS = 0x12,
    ISR_STATUS = 0x13,
    CONFIG_MSIX_VECTOR = 0x14, /* these two where messages are on */
    QUEUE_MSIX_VECTOR = 0x16,
    CONFIG_LINE = 0x14,
    CONFIG_MSIX = 0x18,
};

static uint16_t at(const struct transport *t, unsigned reg)
{
    return (uint16_t)(t->legacy.base + reg);
}

/* 4.1.4.10: the two registers of messages are there where these are on, and move the rest. */
static bool enable(struct transport *t)
{
    bool messages = transport_enable_pci(t);
    t->legacy.config = messages ? CONFIG_MSIX : CONFIG_LINE;
    t->config_size = t->legacy.size - t->legacy.config;
    return messages;
}

static uint8_t status(struct transport *t)
{
    return port_in8(at(t, DEVICE_STATUS));
}

static void set_status(struct transport *t, uint8_t value)
{
    port_out8(at(t, DEVICE_STATUS), value);
}

static uint32_t offered(struct transport *t, unsigned half)
{
    return half == 0 ? port_in32(at(t, DEVICE_FEATURES)) : 0;
}

static void accept(struct transport *t, unsigned half, uint32_t features)
{
    if (half != 0)
        return;
    port_out32(at(t, DRIVER_FEATURES), features);
    if (!t->line)
        port_out16(at(t, CONFIG_MSIX_VECTOR), MSIX_ENTRY);
}

static uint32_t config(struct transport *t, unsigned offset, unsigned width)
{
    uint16_t port = at(t, t->legacy.config + offset);
    return width == 4 ? port_in32(port) : width == 2 ? port_in16(port) : port_in8(port);
}

static uint16_t queue_max(struct transport *t, uint16_t queue)
{
    port_out16(at(t, QUEUE_SELECT), queue);
    return port_in16(at(t, QUEUE_SIZE));
}

static bool queue_setup(struct transport *t, uint16_t queue, const struct virtio_queue_place *place)
{
    port_out16(at(t, QUEUE_SELECT), queue);
    if (port_in32(at(t, QUEUE_ADDRESS)) != 0 || port_in16(at(t, QUEUE_SIZE)) != place->size ||
        place->desc / PAGE > UINT32_MAX)
        return false;
    if (!t->line) {
        port_out16(at(t, QUEUE_MSIX_VECTOR), MSIX_ENTRY);
        if (port_in16(at(t, QUEUE_MSIX_VECTOR)) != MSIX_ENTRY)
            return false;
    }
    port_out32(at(t, QUEUE_ADDRESS), (uint32_t)(place->desc / PAGE));
    return true;
}

static uint8_t acknowledge(struct transport *t)
{
    return port_in8(at(t, ISR_STATUS));
}

static void notify(struct virtio_device *dev, uint16_t queue)
{
    port_out16(at(transport_of(dev), QUEUE_NOTIFY), queue);
}

static const struct transport_ops ops = {
    .enable = enable,
    .status = status,
    .set_status = set_status,
    .offered = offered,
    .accept = accept,
    .config = config,
    .queue_max = queue_max,
    .queue_setup = queue_setup,
    .acknowledge = acknowledge,
};

static const struct virtio_transport transport = TRANSPORT_WITH(notify);

bool virtio_legacy_find(const struct pci_function *f, struct transport *t)
{
    struct pci_bar bar;
    if (!pci_bar(f, 0, &bar) || !bar.io || bar.size < CONFIG_MSIX ||
        bar.base + bar.size - 1 > UINT16_MAX)
        return false;
    *t = (struct transport){
        .dev = {.transport = &transport, .legacy = true},
        .ops = &ops,
        .function = *f,
        .legacy = {.base = (uint16_t)bar.base, .size = (uint32_t)bar.size},
    };
    pci_enable(f, PCI_COMMAND_IO);
    transport_name_pci(t, f);
    return true;
}
