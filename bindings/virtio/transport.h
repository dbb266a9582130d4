/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * transport.h: what the three transports have in common. Each gives its registers (struct
 * transport_ops); the steps of virtio 1.2, 3.1.1 are written once, upon them, in transport.c.
 *
 *     virtio_pci.c     PCI, virtio 1.x: registers in memory BARs, found by capabilities
 *     virtio_legacy.c  PCI, before 1.0: registers in an I/O BAR
 *     virtio_mmio.c    registers at an address that somebody tells; 1.x, and before
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "irq.h"
#include "pci.h"
#include "virtio_device.h"

/* Queues of a device that drivers use: a network's two and its control queue. */
#define TRANSPORT_QUEUES 4

/* virtio 1.2, 2.1 */
#define STATUS_ACKNOWLEDGE 0x01
#define STATUS_DRIVER      0x02
#define STATUS_DRIVER_OK   0x04
#define STATUS_FEATURES_OK 0x08
#define STATUS_NEEDS_RESET 0x40
#define STATUS_FAILED      0x80
#define STATUS_GONE        0xff /* nobody answers */

/* A bit of the interrupt status: 4.1.4.5, 4.2.2. */
#define INTERRUPT_CONFIG 0x2

struct transport;

struct transport_ops {
    /* To be called when the device has been reset, and not before: it may have buffers of whoever
     * had it, and nobody to stop it then. Lets it use memory and, where it can, interrupt by
     * messages; false: by its line. NULL: it may all that already, and has a line. */
    bool (*enable)(struct transport *t);
    uint8_t (*status)(struct transport *t);
    void (*set_status)(struct transport *t, uint8_t status);
    uint32_t (*offered)(struct transport *t, unsigned half);
    void (*accept)(struct transport *t, unsigned half, uint32_t features);
    /* (width) 1, 2 or 4 bytes, within config_size. */
    uint32_t (*config)(struct transport *t, unsigned offset, unsigned width);
    uint32_t (*generation)(struct transport *t); /* NULL: it has none */
    uint16_t (*queue_max)(struct transport *t, uint16_t queue);
    bool (*queue_setup)(struct transport *t, uint16_t queue,
                        const struct virtio_queue_place *place);
    uint8_t (*acknowledge)(struct transport *t); /* takes the interrupt back; its status */
};

struct transport {
    struct virtio_device dev; /* first: a driver has a pointer to this */
    const struct transport_ops *ops;
    uint32_t config_size;
    bool line; /* interrupts by a line that is to be acknowledged; else by messages, or not yet */
    enum irq_trigger trigger;     /* of its line, */
    uint32_t gsi;                 /* which is this one; 0, the timer's: nobody knows */
    struct pci_function function; /* on PCI */
    uint32_t last_generation;     /* as last seen */
    union {
        struct {
            uint64_t common, isr, config;
            uint64_t notify, notify_size;
            uint32_t notify_multiplier;
            uint64_t kick[TRANSPORT_QUEUES];
        } pci;
        struct {
            uint16_t base, config;
            uint32_t size;
        } legacy;
        struct {
            uint64_t base;
        } mmio;
    };
};

static inline struct transport *transport_of(struct virtio_device *dev)
{
    return (struct transport *)dev;
}

/* ---- transport.c: most of struct virtio_transport */

bool transport_negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t required);
bool transport_config_read(struct virtio_device *dev, unsigned offset, void *to, size_t len);
uint16_t transport_queue_max(struct virtio_device *dev, uint16_t queue);
bool transport_queue_setup(struct virtio_device *dev, uint16_t queue,
                           const struct virtio_queue_place *place);
bool transport_start(struct virtio_device *dev);
bool transport_reset(struct virtio_device *dev);
bool transport_alive(struct virtio_device *dev);

/* The transport that has these, and a way to notify of its own. */
#define TRANSPORT_WITH(notify_function)                                                  \
    {                                                                                    \
        .negotiate = transport_negotiate, .config_read = transport_config_read,          \
        .queue_max = transport_queue_max, .queue_setup = transport_queue_setup,          \
        .start = transport_start, .notify = (notify_function), .alive = transport_alive, \
        .reset = transport_reset,                                                        \
    }

/* To be called before the program sleeps: takes the interrupt of a line back. */
void transport_acknowledge(struct transport *t);

/* To be called when something has woken the program and no queue has anything: looks whether the
 * configuration changed, or the device wants to be reset, which makes it failed. */
void transport_look(struct transport *t);

/* What messages call a device: its place. */
void transport_name_pci(struct transport *t, const struct pci_function *f);
void transport_name_mmio(struct transport *t, uint64_t base);

/* ---- The transports: each looks at what was found and fills (t) in. False: no device that can be
 * used, with a line on the console where that is worth one. */

#define VIRTIO_PCI_VENDOR 0x1af4

bool virtio_pci_find(const struct pci_function *f, struct transport *t);
bool virtio_legacy_find(const struct pci_function *f, struct transport *t);
bool virtio_mmio_find(uint64_t base, uint64_t size, struct transport *t);

/* ---- msix.c */

#define MSIX_ENTRY 0 /* of the table: for everything */

/* enable of struct transport_ops. */
bool transport_enable_pci(struct transport *t);

#endif
