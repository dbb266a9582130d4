/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The rings of hvt_abi.h are virtio's, and the drivers of virtqueue/ serve them: this is the
 * transport beneath. A device is opened when the program first asks for one of its queues, and a
 * queue is given to the tender when the device is first told of something in it. So a network of
 * which only the sending half is used goes on being read by hypercalls.
 */
#include "ring.h"

#include "hypercall.h"
#include "virtio_device.h"

/* Bytes of memory for what a queue needs, by the drivers: as much as a network's takes. */
#define QUEUE_MEMORY 0x18000
#define PAGE         4096

/* Features and configuration of a tender's devices: virtio 1.2, 5.1.3, 5.2.3, 5.2.4. */
#define BIT(n)       (UINT64_C(1) << (n))
#define NET_HOST_ECN 13
#define BLK_SIZE     6
#define BLK_FLUSH    9
#define BLK_DISCARD  13
#define BLK_ZEROES   14

#define OPS                                                                    \
    (1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE | 1 << SOLO5_BLOCK_FLUSH | \
     1 << SOLO5_BLOCK_DISCARD | 1 << SOLO5_BLOCK_WRITE_ZEROES)

/* Devices, by their first queue. */
static struct device {
    struct virtio_device virtio;
    const struct mft_entry *entry;
    solo5_handle_t handle;
    struct virtio_queue_place place[2];
    bool made, set_up[2];
} devices[HVT_RING_QUEUES];

static uint8_t memory[HVT_RING_QUEUES * QUEUE_MEMORY] __attribute__((aligned(PAGE)));
static size_t memory_used;

void *virtio_memory(size_t size)
{
    uint8_t *at = memory + memory_used;
    size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
    if (size > sizeof memory - memory_used) {
        log_write(LOG_ERROR, "rings: out of memory");
        solo5_abort();
    }
    memory_used += size;
    return at;
}

uint64_t virtio_phys(const volatile void *addr, size_t *size, bool written)
{
    (void)size;
    (void)written;
    return (uint64_t)addr;
}

void virtio_fail(struct virtio_device *dev, const char *why)
{
    if (!dev->failed)
        log_write(LOG_ERROR, "%s: %s", dev->name, why);
    dev->failed = true;
}

void virtio_abort(const struct virtio_device *dev, const char *what)
{
    log_write(LOG_ERROR, "%s: %s", dev->name, what);
    solo5_abort();
}

static struct device *device_of(struct virtio_device *dev)
{
    return (struct device *)dev;
}

static const struct hvt_ring_offer *offer(void)
{
    return (const struct hvt_ring_offer *)ext_offer.ring;
}

static int first_queue(solo5_handle_t handle)
{
    if (!EXT1_HAS(ext_offer.features, EXT1_RING) || ext_offer.ring == 0)
        return -1;
    uint8_t queue = offer()->queue[handle];
    return queue < HVT_RING_QUEUES ? queue : -1;
}

/* ---- The transport --------------------------------------------------------------------------- */

/* What a network can do is in the offer; the header goes with every frame. */
static bool negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t required)
{
    (void)wanted, (void)required;
    dev->features = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_EVENT_IDX);
    if (dev->type == VIRTIO_TYPE_NET)
        dev->features |= BIT(NET_HOST_ECN);
    else
        dev->features |= BIT(BLK_SIZE) | BIT(BLK_FLUSH) | BIT(BLK_DISCARD) | BIT(BLK_ZEROES);
    return true;
}

/* A disk's: its size is the manifest's, and what it does at once has no limit. */
static bool config_read(struct virtio_device *dev, unsigned offset, void *to, size_t len)
{
    const struct mft_block_basic *info = &device_of(dev)->entry->u.block_basic;
    const uint64_t capacity = info->capacity / HVT_BLOCK_SECTOR;
    uint64_t value = offset == 0 ? capacity : offset == 20 ? info->block_size : UINT32_MAX;
    memcpy(to, &value, len);
    return true;
}

static uint16_t queue_max(struct virtio_device *dev, uint16_t queue)
{
    (void)dev, (void)queue;
    return HVT_RING_SIZE_MAX;
}

static bool queue_setup(struct virtio_device *dev, uint16_t queue,
                        const struct virtio_queue_place *place)
{
    device_of(dev)->place[queue] = *place;
    return true;
}

static bool start_device(struct virtio_device *dev)
{
    ring_ready = virtio_ready;
    ring_finish = virtio_finish;
    return !dev->failed;
}

static void set_up(struct device *device, uint16_t queue)
{
    const struct virtio_queue_place *place = &device->place[queue];
    struct hvt_hc_ring_setup call = {
        .queue = (uint32_t)(device - devices) + queue,
        .size = place->size,
        .desc = place->desc,
        .avail = place->driver,
        .used = place->device,
    };
    hypercall(HVT_HYPERCALL_RING_SETUP, &call);
    if (call.ret != SOLO5_R_OK)
        virtio_fail(&device->virtio, "the tender does not take a queue");
    else if (device->virtio.type == VIRTIO_TYPE_NET && queue == HVT_RING_RECEIVE)
        poll_without(device->handle);
    device->set_up[queue] = true;
}

static void notify(struct virtio_device *dev, uint16_t queue)
{
    struct device *device = device_of(dev);
    if (!device->set_up[queue])
        set_up(device, queue);
    if (!dev->failed)
        ring_kick((uint8_t)(device - devices + queue));
}

/* The tender has taken no queue of a device that failed. */
static bool reset(struct virtio_device *dev)
{
    (void)dev;
    return true;
}

static const struct virtio_transport transport = {
    .negotiate = negotiate,
    .config_read = config_read,
    .queue_max = queue_max,
    .queue_setup = queue_setup,
    .start = start_device,
    .notify = notify,
    .reset = reset,
};

/* ---- What the program asks for --------------------------------------------------------------- */

/* The device of a handle that has rings, opened, or NULL. */
static struct device *open_device(solo5_handle_t handle, const struct mft_entry *entry,
                                  uint32_t type)
{
    int queue = first_queue(handle);
    if (queue < 0)
        return NULL;
    struct device *device = &devices[queue];
    if (device->made)
        return device;
    *device = (struct device){
        .virtio = {.transport = &transport, .type = type},
        .entry = entry,
        .handle = handle,
        .made = true,
    };
    memcpy(device->virtio.name, entry->name, sizeof device->virtio.name - 1);
    if (type == VIRTIO_TYPE_NET) {
        virtio_net_open(&device->virtio);
        virtio_net_serve(&device->virtio, handle);
    } else {
        virtio_blk_open(&device->virtio);
        virtio_blk_attach(&device->virtio, handle);
    }
    return device;
}

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    return open_device(handle, dev, VIRTIO_TYPE_NET) != NULL ? virtio_net_io(handle) : NULL;
}

const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    if (first_queue(handle) < 0 || (offer()->block_ops & OPS) != OPS)
        return NULL;
    return open_device(handle, dev, VIRTIO_TYPE_BLOCK) != NULL ? virtio_blk_io(handle) : NULL;
}
