/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtqueue.h: the driver's side of one queue of a device, split (virtio 1.2, 2.7) or packed (2.8).
 * The same calls serve both; virtqueue.c has what they share, split.c and packed.c the rings.
 *
 * A chain is a request to the device: pieces of memory that it reads, then pieces that it writes.
 * Each chain that the device has is known by an id below the size of the queue, which is free again
 * when the chain is taken back.
 *
 *     free ── vq_add ──▶ added ── vq_offer ──▶ the device's ── vq_take ──▶ free
 *
 * What the device writes is the used half of the rings and the events, and all of it is looked at
 * once: an id that is not outstanding, an index that no count of outstanding chains explains, a
 * length beyond what the chain had room for, end the program (virtio_abort). Whatever else is
 * needed to find a chain again is in memory that the device is not told of.
 *
 * There are no interrupts while the program runs: the device is asked for one just before the
 * program waits.
 */
#ifndef VIRTQUEUE_H
#define VIRTQUEUE_H

#include "virtio_device.h"

/* What a driver asks for, whatever its device. */
#define VQ_FEATURES                                                                  \
    (UINT64_C(1) << VIRTIO_F_EVENT_IDX | UINT64_C(1) << VIRTIO_F_INDIRECT_DESC |     \
     UINT64_C(1) << VIRTIO_F_RING_PACKED | UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM | \
     UINT64_C(1) << VIRTIO_F_ANY_LAYOUT)

#define VQ_SIZE_MAX  1024 /* that a driver asks for; a legacy device may have more */
#define VQ_CHAIN_MAX 66   /* pieces */

/* Flags of descriptors, split and packed: virtio 1.2, 2.7.5 and 2.8.2. */
#define VQ_DESC_NEXT     1
#define VQ_DESC_WRITE    2
#define VQ_DESC_INDIRECT 4

struct vq_piece {
    uint64_t addr;
    uint32_t len;
    uint16_t flags; /* VQ_DESC_WRITE: for the device to write to */
};

/* What is known of a chain, by its id. */
struct vq_chain {
    uint32_t limit; /* bytes that the device may say it has written; 0: nobody asks */
    uint16_t count; /* descriptors in the ring; 0: not outstanding */
    uint16_t last;  /* split: the last of them */
    uint16_t table; /* its indirect table, or VQ_NO_TABLE */
};
#define VQ_NO_TABLE UINT16_MAX

/* A chain that the device has returned, as it says. */
struct vq_used {
    uint32_t id;
    uint32_t len;
};

struct virtqueue;

/* The rings themselves. */
struct vq_ring {
    /* Finds the parts of the queue in its memory, and makes all descriptors free. */
    void (*init)(struct virtqueue *vq);
    /* The id that the next chain gets; there is one as long as there are descriptors. */
    uint16_t (*next_id)(const struct virtqueue *vq);
    /* Fills in descriptors of the ring for a chain and makes it available. */
    void (*add)(struct virtqueue *vq, const struct vq_piece *pieces, uint16_t count);
    /* Fills in an indirect table. */
    void (*table)(void *table, const struct vq_piece *pieces, uint16_t count);
    /* Lets the device see what was added; whether it wants to be told. */
    bool (*offer)(struct virtqueue *vq);
    /* Whether the device has returned a chain, and which. */
    bool (*used)(const struct virtqueue *vq);
    struct vq_used (*take)(struct virtqueue *vq);
    /* Makes the descriptors of a chain free that was taken. */
    void (*release)(struct virtqueue *vq, uint16_t id);
    /* Asks for an interrupt when something is used, or for none. */
    void (*ask)(struct virtqueue *vq, bool interrupt);
};

extern const struct vq_ring vq_split, vq_packed;

struct virtqueue {
    struct virtio_device *dev;
    const struct vq_ring *ring;
    struct virtqueue *next; /* of all open queues */
    solo5_handle_t handle;  /* with `attached` */
    uint16_t queue;         /* its number */
    uint16_t size;          /* descriptors */
    bool attached;          /* waiting for it is waiting for `handle` */
    bool wanted;            /* the program waits for what the device returns */
    bool ready;             /* the driver has something for it already */
    bool last;              /* what the device has is to be done before the program ends */
    bool owed;              /* the device is to be told of what it can see */
    bool events;            /* VIRTIO_F_EVENT_IDX */
    uint16_t chain_max;     /* pieces of a chain */
    uint16_t free;          /* descriptors */
    uint16_t out;           /* chains that the device has */
    struct vq_chain *chains;
    uint8_t *tables; /* indirect: chain_max descriptors each */
    uint16_t *free_tables;
    uint16_t free_table_count;

    /* The rings' own. Positions of a split ring count up for ever; those of a packed ring are below
     * its size and have a counter that flips when they wrap around. */
    void *desc;
    uint16_t *avail, *used;
    uint16_t *list;      /* split: by descriptor, the next free or of its chain; packed: free ids */
    uint16_t first_free; /* split: descriptor; packed: free ids are before it in `list` */
    uint16_t added, taken;
    uint16_t unoffered; /* how far `added` is ahead of what the device was told */
    bool added_wrap, taken_wrap;
};

/* ---- virtqueue.c */

/* Ends the program with a line that says what the device did. */
void vq_lie(const struct virtqueue *vq, const char *what) __attribute__((noreturn));

/* Sets queue (number) of a device up, with up to (size_max) descriptors, of which chains take up to
 * (chain_max), and (tables) indirect tables where that was negotiated. (vq) is no open queue, and
 * may be one of a device that was left. False: the device is failed. */
bool vq_open(struct virtqueue *vq, struct virtio_device *dev, uint16_t number, uint16_t chain_max,
             uint16_t tables);

/* Resets a device that is not used, or not any more, and closes its queues. Whether it can be reset
 * does not matter, and is not told, when it has nothing of the driver's. */
void vq_leave(struct virtio_device *dev);

/* Whether there is room for a chain of (count) pieces. */
bool vq_room(const struct virtqueue *vq, uint16_t count);

/* The id that vq_add is going to return, while there is room. */
uint16_t vq_next_id(const struct virtqueue *vq);

/* Adds a chain, for which there is room. (limit): see struct vq_chain. */
uint16_t vq_add(struct virtqueue *vq, const struct vq_piece *pieces, uint16_t count,
                uint32_t limit);

/* Lets the device know of what was added. */
void vq_offer(struct virtqueue *vq);

/* Lets the device see what was added. If it wants to be told, that is owed: vq_offer does it, and
 * virtio_ready. */
void vq_show(struct virtqueue *vq);

/* Takes a chain back that the device is done with; false: there is none. */
bool vq_take(struct virtqueue *vq, struct vq_used *used);

/* The same, but waits for one until (deadline) at most, without sleep. */
bool vq_await(struct virtqueue *vq, struct vq_used *used, solo5_time_t deadline);

/* How long that may be where nothing is known of the device. */
#define VQ_PATIENCE_NS UINT64_C(1000000000)

/* A piece of the driver's own memory that the device reads, or (flags is VQ_DESC_WRITE) writes. */
static inline struct vq_piece vq_piece(const volatile void *base, size_t len, uint16_t flags)
{
    return (struct vq_piece){.addr = (uint64_t)base, .len = (uint32_t)len, .flags = flags};
}

/* Memory of the program: one piece, or two when it lies across a gap, of which there is one at most
 * (virtio_phys). Returns how many. */
uint16_t vq_pieces(struct vq_piece *pieces, const void *base, size_t len, uint16_t flags);

/* The driver's own of a device begins with this. */
struct virtio_driver {
    struct virtio_driver *next;
    struct virtio_device *dev;
    bool abandoned;                                /* failed, and reset since */
    void (*changed)(struct virtio_driver *driver); /* the configuration has */
    void (*waits)(struct virtio_driver *driver);   /* the program is about to; or NULL */
    void (*looks)(struct virtio_driver *driver);   /* virtio_look; or NULL */
    solo5_time_t look_at; /* when `looks` is to be called next, at the latest; 0: no matter */
};

/* Everything that is open, and whether the program's end has been waited for. */
extern struct vq_all {
    struct virtqueue *queues;
    struct virtio_driver *drivers;
    bool finished;
} vq_all;

/* From now on these are called, from virtio_ready and virtio_look. */
void vq_attach(struct virtio_driver *driver);

/* Resets a failed device, once: what it was lent is the program's again. */
void vq_abandon(struct virtio_driver *driver);

#endif
