/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the transports against a device that says what it likes: the input begins with the
 * configuration space of a PCI function, what follows is what its registers say, one reading after
 * the other. A driver's steps are gone through; no access may be outside the function's BARs (the
 * fake stops the program), and what the driver is told must be within bounds.
 */
#include "transport.h"

#include <string.h>

#include "fake.h"
#include "fuzz.h"

#define CONFIG_SIZE 256
#define WINDOW      0xfebd0000
#define WINDOW_SIZE 0x4000

static const uint8_t *said;
static size_t left;

static uint64_t next_reading(uint64_t addr, unsigned width)
{
    uint64_t value = 0;
    (void)addr;
    for (unsigned i = 0; i < width && left != 0; i++, left--)
        value |= (uint64_t)*said++ << 8 * i;
    return value;
}

static void ignore(uint64_t addr, unsigned width, uint64_t value)
{
    (void)addr, (void)width, (void)value;
}

static void use(struct virtio_device *dev)
{
    const struct virtio_transport *t = dev->transport;
    uint8_t bytes[24];

    FUZZ_CHECK(strlen(dev->name) < sizeof dev->name);
    if (!t->negotiate(dev, UINT64_MAX, 0)) {
        FUZZ_CHECK(dev->failed);
        return;
    }
    FUZZ_CHECK(dev->legacy || VIRTIO_HAS(dev->features, VIRTIO_F_VERSION_1));
    t->config_read(dev, 0, bytes, 6);
    t->config_read(dev, 0, bytes, 8);
    t->config_read(dev, 10, bytes, 2);
    t->config_read(dev, 20, bytes, 4);
    for (uint16_t queue = 0; queue < 6; queue++) {
        uint16_t max = t->queue_max(dev, queue);
        const struct virtio_queue_place place = {
            .size = max, .desc = 0x1000, .driver = 0x2000, .device = 0x3000};
        FUZZ_CHECK(max <= 32768 && (queue < TRANSPORT_QUEUES || max == 0));
        if (t->queue_setup(dev, queue, &place))
            t->notify(dev, queue);
        else
            FUZZ_CHECK(dev->failed);
    }
    t->start(dev);
    transport_acknowledge((struct transport *)dev);
    transport_look((struct transport *)dev);
    t->alive(dev);
    t->reset(dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pci_function function = {.slot = 3, .vendor = VIRTIO_PCI_VENDOR};
    static uint8_t window[WINDOW_SIZE];
    struct transport t;

    if (size < CONFIG_SIZE)
        return 0;
    for (unsigned kind = 0; kind < 3; kind++) {
        fake_reset();
        memset(window, 0, sizeof window);
        fake.region[fake.region_count++] = (struct fake_region){WINDOW, WINDOW_SIZE, window};
        struct fake_function *f = &fake.function[fake.function_count++];
        f->slot = 3;
        memcpy(f->config, data, CONFIG_SIZE);
        for (unsigned i = 0; i < 6; i++)
            f->bar_size[i] = f->config[0x10 + 4 * i] & 1 ? 0x20 : WINDOW_SIZE;
        said = data + CONFIG_SIZE, left = size - CONFIG_SIZE;
        fake.read = next_reading;
        fake.write = ignore;
        if (kind == 0   ? virtio_pci_find(&function, &t)
            : kind == 1 ? virtio_legacy_find(&function, &t)
                        : virtio_mmio_find(WINDOW, 512, &t))
            use(&t.dev);
    }
    return 0;
}
