/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The life of a device, the same on every transport (virtio 1.2, 3.1), and the reading of its
 * configuration. A device that does not answer in time, or wants a reset, is failed for good.
 */
#include "transport.h"

#include "bindings.h"

#define RESET_NS  UINT64_C(1000000000)
#define STILL_MAX 64 /* readings until the configuration holds still */

/* Puts (value) at (at), as (digits) hexadecimal digits at least; returns what is behind. */
static char *put_hex(char *at, uint64_t value, unsigned digits)
{
    for (unsigned shift = 64; shift != 0;) {
        shift -= 4;
        if (shift / 4 < digits || value >> shift != 0)
            *at++ = "0123456789abcdef"[value >> shift & 15];
    }
    *at = '\0';
    return at;
}

void transport_name_pci(struct transport *t, const struct pci_function *f)
{
    memcpy(t->dev.name, "pci ", 4);
    char *at = put_hex(t->dev.name + 4, f->bus, 2);
    *at++ = ':';
    at = put_hex(at, f->slot, 2);
    *at++ = '.';
    put_hex(at, f->function, 1);
}

void transport_name_mmio(struct transport *t, uint64_t base)
{
    memcpy(t->dev.name, "mmio ", 5);
    put_hex(t->dev.name + 5, base, 1);
}

static void add_status(struct transport *t, uint8_t bits)
{
    t->ops->set_status(t, t->ops->status(t) | bits);
}

void virtio_fail(struct virtio_device *dev, const char *why)
{
    if (dev->failed)
        return;
    dev->failed = true;
    log_write(LOG_ERROR, "virtio %s: %s", dev->name, why);
    add_status(transport_of(dev), STATUS_FAILED);
}

void virtio_abort(const struct virtio_device *dev, const char *what)
{
    log_write(LOG_ERROR, "virtio %s: %s", dev->name, what);
    solo5_abort();
}

/* Fails a device that has (status), which is all ones when nobody is there to answer. */
static void fail_by_status(struct transport *t, uint8_t status, const char *why)
{
    virtio_fail(&t->dev, status == STATUS_GONE ? "it is not in the machine any more" : why);
}

/* One that is not there touches nothing. One that cannot be reset, such as Firecracker's once they
 * are started, says so by FAILED, which it did not have. */
bool transport_reset(struct virtio_device *dev)
{
    struct transport *t = transport_of(dev);
    solo5_time_t end = target_clock_monotonic() + RESET_NS;
    uint8_t status, before = t->ops->status(t);
    t->ops->set_status(t, 0);
    while ((status = t->ops->status(t)) != 0) {
        bool refuses = (status & ~before & STATUS_FAILED) && status != STATUS_GONE;
        if (refuses || target_clock_monotonic() > end) {
            fail_by_status(t, status, "it does not come out of reset");
            return status == STATUS_GONE;
        }
    }
    return true;
}

static uint64_t offered(struct transport *t)
{
    uint64_t features = t->ops->offered(t, 0);
    if (!t->dev.legacy)
        features |= (uint64_t)t->ops->offered(t, 1) << 32;
    return features;
}

bool transport_negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t required)
{
    const uint64_t version_1 = UINT64_C(1) << VIRTIO_F_VERSION_1;
    struct transport *t = transport_of(dev);
    transport_reset(dev);
    if (dev->failed)
        return false;
    t->line = t->ops->enable == NULL || !t->ops->enable(t);
    t->ops->set_status(t, STATUS_ACKNOWLEDGE);
    t->ops->set_status(t, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    uint64_t features = offered(t);
    if (!dev->legacy) {
        wanted |= version_1;
        if (!(features & version_1)) {
            virtio_fail(dev, "it is neither of version 1 nor a legacy device");
            return false;
        }
    }
    features &= wanted | required;
    if ((features & required) != required) {
        virtio_fail(dev, "it lacks a feature that is needed");
        return false;
    }
    t->ops->accept(t, 0, (uint32_t)features);
    if (!dev->legacy) {
        t->ops->accept(t, 1, (uint32_t)(features >> 32));
        add_status(t, STATUS_FEATURES_OK);
        if (!(t->ops->status(t) & STATUS_FEATURES_OK)) {
            virtio_fail(dev, "it refuses the features that it offered");
            return false;
        }
    }
    dev->features = features;
    return true;
}

/* One field by accesses as wide as it is, 8 bytes by two; anything else byte by byte (2.5.1). */
static void read_once(struct transport *t, unsigned offset, uint8_t *to, size_t len)
{
    unsigned width = len == 2 || len == 4 ? (unsigned)len : len == 8 ? 4 : 1;
    for (size_t at = 0; at < len; at += width) {
        uint32_t value = t->ops->config(t, offset + (unsigned)at, width);
        memcpy(to + at, &value, width);
    }
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
    while (len != 0 && *a == *b)
        a++, b++, len--;
    return len == 0;
}

/* Without a generation two readings must agree (2.5.4, legacy). */
static bool read_twice(struct transport *t, unsigned offset, uint8_t *to, size_t len)
{
    uint8_t again[16];
    for (unsigned i = 0; i < STILL_MAX; i++) {
        read_once(t, offset, to, len);
        if (len == 1 || len > sizeof again)
            return true;
        read_once(t, offset, again, len);
        if (same(to, again, len))
            return true;
    }
    return false;
}

/* What takes several accesses, such as a capacity or a hardware address, is read again when it has
 * changed meanwhile: 2.5.1. */
bool transport_config_read(struct virtio_device *dev, unsigned offset, void *to, size_t len)
{
    struct transport *t = transport_of(dev);
    if (offset > t->config_size || len > t->config_size - offset)
        return false;
    if (t->ops->generation == NULL)
        return read_twice(t, offset, to, len);
    for (unsigned i = 0; i < STILL_MAX; i++) {
        uint32_t generation = t->ops->generation(t);
        read_once(t, offset, to, len);
        if (t->ops->generation(t) == generation)
            return true;
    }
    return false;
}

uint16_t transport_queue_max(struct virtio_device *dev, uint16_t queue)
{
    struct transport *t = transport_of(dev);
    if (queue >= TRANSPORT_QUEUES)
        return 0;
    uint16_t size = t->ops->queue_max(t, queue);
    /* 2.7: a power of two up to 32768, but for packed rings. */
    return size <= 32768 ? size : 0;
}

bool transport_queue_setup(struct virtio_device *dev, uint16_t queue,
                           const struct virtio_queue_place *place)
{
    struct transport *t = transport_of(dev);
    if (!dev->failed && queue < TRANSPORT_QUEUES && t->ops->queue_setup(t, queue, place))
        return true;
    virtio_fail(dev, "it does not take a queue");
    return false;
}

static void wants_reset(struct transport *t)
{
    uint8_t status = t->ops->status(t);
    if (status & STATUS_NEEDS_RESET)
        fail_by_status(t, status, "it wants to be reset; it is not used any more");
}

bool transport_start(struct virtio_device *dev)
{
    struct transport *t = transport_of(dev);
    if (dev->failed)
        return false;
    add_status(t, STATUS_DRIVER_OK);
    wants_reset(t);
    return !dev->failed;
}

void transport_acknowledge(struct transport *t)
{
    if (t->line && (t->ops->acknowledge(t) & INTERRUPT_CONFIG) && !t->dev.failed) {
        t->dev.changed = true;
        wants_reset(t);
    }
}

void transport_look(struct transport *t)
{
    if (t->dev.failed || t->line)
        return;
    uint32_t generation = t->ops->generation != NULL ? t->ops->generation(t) : 0;
    if (t->ops->generation == NULL || generation != t->last_generation)
        t->dev.changed = true;
    t->last_generation = generation;
    wants_reset(t);
}

bool transport_alive(struct virtio_device *dev)
{
    wants_reset(transport_of(dev));
    return !dev->failed;
}
