/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio over MMIO: virtio 1.2, 4.2, version 2 and, as QEMU has it unless told otherwise, the
 * legacy version 1 (4.2.4).
 */
#include "transport.h"

#include "hardware.h"
#include "machine.h"

#define MAGIC_VALUE 0x74726976 /* "virt" */
#define PAGE        4096

enum {
    MAGIC = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SEL = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SEL = 0x024,
    GUEST_PAGE_SIZE = 0x028, /* legacy */
    QUEUE_SEL = 0x030,
    QUEUE_NUM_MAX = 0x034,
    QUEUE_NUM = 0x038,
    QUEUE_ALIGN = 0x03c, /* legacy */
    QUEUE_PFN = 0x040,   /* legacy */
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACK = 0x064,
    STATUS = 0x070,
    QUEUE_DESC = 0x080,
    QUEUE_DRIVER = 0x090,
    QUEUE_DEVICE = 0x0a0,
    CONFIG_GENERATION = 0x0fc,
    CONFIG = 0x100,
};

static uint32_t get(const struct transport *t, unsigned reg)
{
    return reg_read32(t->mmio.base + reg);
}

static void set(const struct transport *t, unsigned reg, uint32_t value)
{
    reg_write32(t->mmio.base + reg, value);
}

static uint8_t status(struct transport *t)
{
    return (uint8_t)get(t, STATUS);
}

static void set_status(struct transport *t, uint8_t value)
{
    set(t, STATUS, value);
}

static uint32_t offered(struct transport *t, unsigned half)
{
    set(t, DEVICE_FEATURES_SEL, half);
    return get(t, DEVICE_FEATURES);
}

static void accept(struct transport *t, unsigned half, uint32_t features)
{
    set(t, DRIVER_FEATURES_SEL, half);
    set(t, DRIVER_FEATURES, features);
    if (t->dev.legacy)
        set(t, GUEST_PAGE_SIZE, PAGE);
}

static uint32_t config(struct transport *t, unsigned offset, unsigned width)
{
    uint64_t at = t->mmio.base + CONFIG + offset;
    return width == 4 ? reg_read32(at) : width == 2 ? reg_read16(at) : reg_read8(at);
}

static uint32_t generation(struct transport *t)
{
    return get(t, CONFIG_GENERATION);
}

static uint16_t queue_max(struct transport *t, uint16_t queue)
{
    set(t, QUEUE_SEL, queue);
    uint32_t size = get(t, QUEUE_NUM_MAX);
    return size <= 32768 ? (uint16_t)size : 0;
}

static void set64(struct transport *t, unsigned reg, uint64_t value)
{
    set(t, reg, (uint32_t)value);
    set(t, reg + 4, (uint32_t)(value >> 32));
}

static bool queue_setup(struct transport *t, uint16_t queue, const struct virtio_queue_place *place)
{
    set(t, QUEUE_SEL, queue);
    set(t, QUEUE_NUM, place->size);
    if (t->dev.legacy) {
        if (get(t, QUEUE_PFN) != 0 || place->desc / PAGE > UINT32_MAX)
            return false;
        set(t, QUEUE_ALIGN, PAGE);
        set(t, QUEUE_PFN, (uint32_t)(place->desc / PAGE));
        return true;
    }
    if (get(t, QUEUE_READY) != 0)
        return false;
    set64(t, QUEUE_DESC, place->desc);
    set64(t, QUEUE_DRIVER, place->driver);
    set64(t, QUEUE_DEVICE, place->device);
    set(t, QUEUE_READY, 1);
    return get(t, QUEUE_READY) == 1;
}

static uint8_t acknowledge(struct transport *t)
{
    uint32_t bits = get(t, INTERRUPT_STATUS);
    if (bits != 0)
        set(t, INTERRUPT_ACK, bits);
    return (uint8_t)bits;
}

static void notify(struct virtio_device *dev, uint16_t queue)
{
    set(transport_of(dev), QUEUE_NOTIFY, queue);
}

static const struct transport_ops ops = {
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

static const struct transport_ops ops_legacy = {
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

bool virtio_mmio_find(uint64_t base, uint64_t size, struct transport *t)
{
    void *window = size > CONFIG && !(base & 3) ? machine_map(base, size, MACHINE_DEVICE) : NULL;
    *t = (struct transport){.mmio = {.base = (uint64_t)window}};
    transport_name_mmio(t, base);
    if (window == NULL) {
        log_write(LOG_WARN, "virtio %s: no device fits into %llu bytes there", t->dev.name,
                  (unsigned long long)size);
        return false;
    }
    uint32_t magic = get(t, MAGIC), version = get(t, VERSION);
    if (magic != MAGIC_VALUE || version == 0 || version > 2) {
        log_write(LOG_WARN, "virtio %s: no device there that is known (magic %llx, version %u)",
                  t->dev.name, (unsigned long long)magic, version);
        return false;
    }
    t->dev.type = get(t, DEVICE_ID);
    t->dev.legacy = version == 1;
    t->dev.transport = &transport;
    t->ops = t->dev.legacy ? &ops_legacy : &ops;
    t->config_size = (uint32_t)(size - CONFIG < PAGE ? size - CONFIG : PAGE);
    return t->dev.type != 0; /* 4.2.3.1.1: a place without a device */
}
