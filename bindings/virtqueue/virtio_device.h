/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio_device.h: what the drivers of virtqueue/ need of the target beneath them, and what they
 * give it. A target finds devices, opens each with the driver of its type, and says which handle it
 * belongs to. A driver talks to its device through struct virtio_transport and the rings alone.
 *
 *     found      by the target, has been reset
 *     open       virtio_net_open, virtio_blk_open: features negotiated, queues set up, running
 *     attached   virtio_net_attach, virtio_blk_attach: serves a handle
 *     failed     for good: every request fails with SOLO5_R_EUNSPEC, the program goes on
 *
 * All integers are little-endian. A device is believed
 * nothing: what can only be a lie ends the program by virtio_abort, what may be misfortune (a
 * device that wants to be reset, one that does not answer) makes the device failed.
 */
#ifndef VIRTIO_DEVICE_H
#define VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mft_abi.h"
#include "solo5_io.h"
#include "target.h"

/* Device types, virtio 1.2, 5. */
#define VIRTIO_TYPE_NET     1
#define VIRTIO_TYPE_BLOCK   2
#define VIRTIO_TYPE_CONSOLE 3
#define VIRTIO_TYPE_ENTROPY 4

/* Features that belong to no type, as bit numbers: virtio 1.2, 6. */
#define VIRTIO_F_ANY_LAYOUT      27
#define VIRTIO_F_INDIRECT_DESC   28
#define VIRTIO_F_EVENT_IDX       29
#define VIRTIO_F_VERSION_1       32
#define VIRTIO_F_ACCESS_PLATFORM 33
#define VIRTIO_F_RING_PACKED     34

#define VIRTIO_HAS(features, bit) (((features) >> (bit)) & 1)

struct virtio_transport;

struct virtio_device {
    const struct virtio_transport *transport;
    char name[24];     /* what messages call it, such as "pci 00:03.0" */
    uint32_t type;     /* VIRTIO_TYPE_* */
    bool legacy;       /* no VERSION_1: rings in one piece, sizes fixed, headers as they were */
    bool failed;       /* for good */
    bool changed;      /* its configuration has changed: the target sets it, the driver clears it */
    uint64_t features; /* negotiated */
    void *driver;      /* the driver's own */
};

/* Where a queue lies: virtio 1.2, 2.7 (split) or 2.8 (packed: descriptors, then the two event
 * suppression structures). Page aligned. A legacy device knows only one address: `driver` follows
 * `desc` at once and `device` begins at the next multiple of 4096 behind it (2.7.2). */
struct virtio_queue_place {
    uint16_t size;   /* descriptors */
    uint64_t desc;   /* descriptors */
    uint64_t driver; /* available ring */
    uint64_t device; /* used ring */
};

struct virtio_transport {
    /*
     * Resets the device, then goes through 3.1.1 steps 1 to 6: takes of what the device offers
     * what is (wanted), sets features and legacy. VERSION_1 is the transport's own: asked for and
     * accepted where the device is not legacy. False, and the device is failed with a line on the
     * console, when one of (required) is not offered or the device does not keep to its offer.
     */
    bool (*negotiate)(struct virtio_device *dev, uint64_t wanted, uint64_t required);

    /* Reads (len) bytes of the configuration at (offset): a field of 1, 2, 4 or 8 bytes, or an
     * array of bytes of another length. Never torn. False: the configuration ends before, or
     * does not hold still. */
    bool (*config_read)(struct virtio_device *dev, unsigned offset, void *to, size_t len);

    /* Returns how many descriptors a queue has at most, 0: there is no such queue. A legacy device
     * takes exactly that many. After negotiate. */
    uint16_t (*queue_max)(struct virtio_device *dev, uint16_t queue);

    /* Gives the device a queue; its interrupts only end target_wait. False: it does not take it,
     * the device is failed. */
    bool (*queue_setup)(struct virtio_device *dev, uint16_t queue,
                        const struct virtio_queue_place *place);

    /* DRIVER_OK: 3.1.1 step 8. False: the device is failed. */
    bool (*start)(struct virtio_device *dev);

    /* Tells the device of a queue that has something new. */
    void (*notify)(struct virtio_device *dev, uint16_t queue);

    /* Asked now and then while a driver waits for a request: false when the device is not there any
     * more or wants to be reset, it is failed then. NULL: it always is. */
    bool (*alive)(struct virtio_device *dev);

    /* Resets the device and waits until it has done so: it touches no memory afterwards. False: it
     * has not, within a second, and may; the device is failed. */
    bool (*reset)(struct virtio_device *dev);
};

/* ---- What the target has for the drivers ------------------------------------------------------
 */

/* Returns (size) bytes of zeroes, page aligned, for as long as the program runs; only while devices
 * are being opened. There is as much as is needed, or the program ends with a message. */
void *virtio_memory(size_t size);

/* The address at which a device finds (addr), which is the program's memory, the image's or
 * virtio_memory's; (size), at least 1, is cut to what follows there without a gap. What is not the
 * program's has no gap, and is its own address. To be called for all memory of the program that a
 * device is to read or, (written), to write: it makes sure that there is some. */
uint64_t virtio_phys(const volatile void *addr, size_t *size, bool written);

/* Marks the device failed, with a line on the console that says why. */
void virtio_fail(struct virtio_device *dev, const char *why);

/* Ends the program with a line that says what the device did. */
void virtio_abort(const struct virtio_device *dev, const char *what) __attribute__((noreturn));

/* ---- What the drivers have for the target -----------------------------------------------------
 */

/* Negotiates, sets the queues up and starts the device. False: it is failed. */
bool virtio_net_open(struct virtio_device *dev);
bool virtio_blk_open(struct virtio_device *dev);

/* What is known of an open device; everything but the names of the manifest. A network without an
 * address has all zeroes: the target chooses one and puts it into the manifest. */
void virtio_net_info(const struct virtio_device *dev, struct mft_net_basic *info);
void virtio_blk_info(const struct virtio_device *dev, struct mft_block_basic *info);

/* Set of SOLO5_NET_* bits (solo5_io.h), for the offer: as negotiated, 0 in a program without
 * SOLO5_WANTS_NET_OFFLOAD. */
uint32_t virtio_net_offload(const struct virtio_device *dev);

/* Asks a disk for its serial number, VIRTIO_BLK_T_GET_ID; after 5 seconds it is failed. False: it
 * has none. Before virtio_blk_attach. */
#define VIRTIO_BLK_ID_SIZE 21 /* with the terminator */
bool virtio_blk_id(struct virtio_device *dev, char id[VIRTIO_BLK_ID_SIZE]);

/* Reads the first block, if it has at most (size) bytes; in the same way. */
bool virtio_blk_first(struct virtio_device *dev, uint8_t *buf, size_t size);

/* The open device serves (handle) from now on. A network that is only served has no buffers for
 * virtio_net_read and virtio_net_write. */
void virtio_net_attach(struct virtio_device *dev, solo5_handle_t handle);
void virtio_net_serve(struct virtio_device *dev, solo5_handle_t handle);
void virtio_blk_attach(struct virtio_device *dev, solo5_handle_t handle);

/* What target_net_io and target_block_io return, and what the other functions of target.h that move
 * something do; handles are attached. */
const struct net_io *virtio_net_io(solo5_handle_t handle);
solo5_result_t virtio_net_write(solo5_handle_t handle, const uint8_t *buf, size_t size);
solo5_result_t virtio_net_read(solo5_handle_t handle, uint8_t *buf, size_t size, size_t *read_size);
const struct block_io *virtio_blk_io(solo5_handle_t handle);
solo5_result_t virtio_blk_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *buf,
                                size_t size);
solo5_result_t virtio_blk_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf,
                               size_t size);

/* What target_wait asks before it sleeps (true: interrupts are asked for where the program waits)
 * and afterwards: which handles have something. Also looks at devices that have `changed`. */
solo5_handle_set_t virtio_ready(bool before);

/* After virtio_ready(true): how long a wait until (deadline) may be before it is called again,
 * although nothing has happened: a disk that has requests may have gone silent. */
solo5_time_t virtio_wait_until(solo5_time_t deadline);

/* Notices disks that have gone silent, as virtio_ready(true) does: for programs that find something
 * ready whenever they wait. To be called now and then. */
void virtio_look(void);

/* What is to be done before the program ends: waits, by target_wait, for a second at most, until
 * devices have done what they were given. Does nothing the second time. */
void virtio_finish(void);

#endif
