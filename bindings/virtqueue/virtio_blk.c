/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver of disks: virtio 1.2, 5.2. Each request has a slot, which goes to the device as one
 * chain after another where the device's limits make it more than one:
 *
 *     free ── start ──▶ at the device ── last part returned, or failed ──▶ done ── complete ──▶
 * free ▲        │ └─ next ─┘
 *
 * What the device says of how much it has written is not used: the status says it all (5.2.6.4).
 */
#include "virtqueue.h"

#include "bindings.h"
#include "silence.h"

/* Features: 5.2.3. */
#define SIZE_MAX_F   1
#define SEG_MAX      2
#define RO           5
#define BLK_SIZE     6
#define FLUSH        9
#define DISCARD      13
#define WRITE_ZEROES 14
#define BIT(n)       (UINT64_C(1) << (n))
#define ALL_FEATURES                                                                       \
    (VQ_FEATURES | BIT(SIZE_MAX_F) | BIT(SEG_MAX) | BIT(RO) | BIT(BLK_SIZE) | BIT(FLUSH) | \
     BIT(DISCARD) | BIT(WRITE_ZEROES))

/* The configuration: 5.2.4. */
#define CONFIG_CAPACITY         0 /* sectors, 8 bytes; all others: 4 bytes */
#define CONFIG_SIZE_MAX         8
#define CONFIG_SEG_MAX          12
#define CONFIG_BLK_SIZE         20
#define CONFIG_MAX_DISCARD      36 /* sectors */
#define CONFIG_DISCARD_ALIGN    44 /* sectors */
#define CONFIG_MAX_WRITE_ZEROES 48 /* sectors */

/* 5.2.6. */
#define TYPE_READ         0
#define TYPE_WRITE        1
#define TYPE_FLUSH        4
#define TYPE_GET_ID       8
#define TYPE_DISCARD      11
#define TYPE_WRITE_ZEROES 13
#define STATUS_OK         0
#define STATUS_NONE       0xff /* ours: the device has not said */
#define SECTOR            512
#define BLOCK_SIZE_MAX    32768

#define OP_GET_ID 5 /* after SOLO5_BLOCK_* */

#define DEPTH_MAX    256
#define SEGMENTS_MAX 16                  /* of a part */
#define PART_MAX     (UINT32_C(1) << 24) /* bytes */
#define RANGE_MAX    (UINT64_C(1) << 31) /* bytes */
#define PIECES       2                   /* of a request, beside its data's */

/* Waiting for a request of solo5.h: so long without a pause, then in slices, of which the sum is
 * bounded. A guest that was stopped for a while has lost one slice only. */
#define SPIN_NS  UINT64_C(20000)
#define SLICE_NS UINT64_C(50000000)
#define ID_NS    UINT64_C(5000000000)

struct slot {
    /* What the device looks at. */
    struct {
        uint32_t type;
        uint32_t reserved;
        uint64_t sector;
    } head;
    struct {
        uint64_t sector;
        uint32_t count;
        uint32_t flags;
    } range;
    volatile uint8_t status;
    /* The request, and what is not done of it. */
    enum { FREE, LENT, DONE } state;
    bool plain;   /* of solo5.h: somebody waits for it */
    bool bounced; /* this part goes by the disk's own block */
    bool stalled; /* the next part waits for that block, or for room */
    uint32_t op;
    uint32_t part; /* bytes at the device */
    uint64_t offset, remaining;
    uint8_t *buf;
    uint64_t cookie;
    solo5_result_t result;
};

static struct disk {
    struct virtio_driver driver;
    struct block_io io;
    struct virtqueue vq;
    struct mft_block_basic info;
    uint64_t part_max, discard_max, zeroes_max; /* bytes */
    uint64_t discard_align;
    uint32_t segment_max; /* bytes */
    uint16_t segments;    /* of a part */
    bool flushes;
    struct slot *slots;
    uint16_t *by_id; /* slots of chains */
    uint16_t *free;
    uint16_t free_count;
    uint16_t *done;                  /* slots, a ring of DEPTH_MAX: */
    uint16_t done_added, done_taken; /* positions that count up for ever */
    uint8_t *bounce;                 /* a block, for one that takes too many segments */
    bool bounce_used;
    uint16_t stalled_count;
    uint32_t moves; /* chains given and taken back */
    struct silence silence;
} * disks[MFT_MAX_ENTRIES];

static const struct {
    uint32_t type;
    bool range, data, written; /* which data: a range, the program's; written by the device */
} operations[] = {
    [SOLO5_BLOCK_READ] = {TYPE_READ, false, true, true},
    [SOLO5_BLOCK_WRITE] = {TYPE_WRITE, false, true, false},
    [SOLO5_BLOCK_FLUSH] = {TYPE_FLUSH, false, false, false},
    [SOLO5_BLOCK_DISCARD] = {TYPE_DISCARD, true, false, false},
    [SOLO5_BLOCK_WRITE_ZEROES] = {TYPE_WRITE_ZEROES, true, false, false},
    [OP_GET_ID] = {TYPE_GET_ID, false, true, true},
};

/* ---- Parts of a request --------------------------------------------------------------------- */

/* How much of a request goes to the device at once. */
static uint32_t next_part(const struct disk *disk, const struct slot *slot)
{
    uint64_t max = slot->op == SOLO5_BLOCK_DISCARD        ? disk->discard_max
                   : slot->op == SOLO5_BLOCK_WRITE_ZEROES ? disk->zeroes_max
                                                          : disk->part_max;
    if (slot->remaining <= max)
        return (uint32_t)slot->remaining;
    if (slot->op == SOLO5_BLOCK_DISCARD && disk->discard_align != 0) {
        uint64_t beyond = (slot->offset + max) % disk->discard_align;
        if (beyond < max)
            max -= beyond;
    }
    return (uint32_t)max;
}

/* Takes (excess) bytes off the last pieces. */
static uint16_t shorten(struct vq_piece *pieces, uint16_t count, uint32_t excess)
{
    while (excess != 0 && pieces[count - 1].len <= excess)
        excess -= pieces[--count].len;
    if (excess != 0)
        pieces[count - 1].len -= excess;
    return count;
}

/* Describes what the slot's part moves, in as many segments as the device takes: where the memory
 * lies across a gap, the part is cut down to whole blocks that still fit; 0 pieces: not even one
 * block does. */
static uint16_t describe_data(const struct disk *disk, struct slot *slot, struct vq_piece *pieces)
{
    uint16_t count = 0, flags = operations[slot->op].written ? VQ_DESC_WRITE : 0;
    uint32_t at = 0;
    for (; at < slot->part && count < disk->segments; count++) {
        size_t len = slot->part - at < disk->segment_max ? slot->part - at : disk->segment_max;
        uint64_t addr = virtio_phys(slot->buf + at, &len, flags != 0);
        pieces[count] = (struct vq_piece){.addr = addr, .len = (uint32_t)len, .flags = flags};
        at += (uint32_t)len;
    }
    if (at == slot->part)
        return count;
    uint32_t excess = at % disk->info.block_size;
    slot->part = at - excess;
    return shorten(pieces, count, excess);
}

/* The same by the disk's own block. */
static uint16_t describe_bounced(struct disk *disk, struct slot *slot, struct vq_piece *pieces)
{
    uint16_t count = 0, flags = operations[slot->op].written ? VQ_DESC_WRITE : 0;
    slot->bounced = true;
    slot->part =
        slot->remaining < disk->info.block_size ? (uint32_t)slot->remaining : disk->info.block_size;
    if (flags == 0)
        memcpy(disk->bounce, slot->buf, slot->part);
    for (uint32_t at = 0, len; at < slot->part; at += len) {
        len = slot->part - at < disk->segment_max ? slot->part - at : disk->segment_max;
        pieces[count++] = vq_piece(disk->bounce + at, len, flags);
    }
    return count;
}

/* The chain of a slot's next part; returns how many pieces, 0: it needs the disk's own block, which
 * another has. */
static uint16_t describe(struct disk *disk, struct slot *slot, struct vq_piece *pieces)
{
    uint16_t count = 0, data = 0;
    uint64_t sector = slot->offset / SECTOR;
    bool range = operations[slot->op].range;

    slot->part = next_part(disk, slot);
    slot->status = STATUS_NONE;
    slot->bounced = false;
    slot->head.type = operations[slot->op].type;
    slot->head.sector = range ? 0 : sector;
    pieces[count++] = vq_piece(&slot->head, sizeof slot->head, 0);
    if (range) {
        slot->range.sector = sector;
        slot->range.count = slot->part / SECTOR;
        pieces[count++] = vq_piece(&slot->range, sizeof slot->range, 0);
    } else if (operations[slot->op].data) {
        data = describe_data(disk, slot, pieces + count);
        if (data == 0 && disk->bounce_used)
            return 0;
        count += data != 0 ? data : describe_bounced(disk, slot, pieces + count);
    }
    pieces[count++] = vq_piece(&slot->status, 1, VQ_DESC_WRITE);
    return count;
}

/* False: no room. */
static bool issue(struct disk *disk, struct slot *slot)
{
    struct vq_piece pieces[SEGMENTS_MAX + PIECES];
    uint16_t count = describe(disk, slot, pieces);
    bool reads = operations[slot->op].written;

    if (count == 0 || !vq_room(&disk->vq, count))
        return false;
    disk->bounce_used |= slot->bounced;
    uint16_t id = vq_add(&disk->vq, pieces, count, reads ? slot->part + 1 : 0);
    disk->by_id[id] = (uint16_t)(slot - disk->slots);
    disk->moves++;
    return true;
}

/* The next part of a request of which one is done; if there is no room, later. */
static void go_on(struct disk *disk, struct slot *slot)
{
    bool stalls = !issue(disk, slot);
    if (stalls && !slot->stalled)
        disk->stalled_count++;
    else if (!stalls && slot->stalled)
        disk->stalled_count--;
    slot->stalled = stalls;
}

static void go_on_with_stalled(struct disk *disk)
{
    for (size_t i = 0; disk->stalled_count != 0 && i <= disk->io.depth; i++)
        if (disk->slots[i].stalled)
            go_on(disk, &disk->slots[i]);
}

/* The device is done with the disk's own block. */
static void end_bounce(struct disk *disk, struct slot *slot, bool good)
{
    if (good && operations[slot->op].written)
        memcpy(slot->buf, disk->bounce, slot->part);
    disk->bounce_used = slot->bounced = false;
}

static void finish_slot(struct disk *disk, struct slot *slot, solo5_result_t result)
{
    slot->result = result;
    slot->state = DONE;
    if (!slot->plain)
        disk->done[disk->done_added++ % DEPTH_MAX] = (uint16_t)(slot - disk->slots);
}

/* Takes one chain back that the device is done with; false: there is none. */
static bool collect_one(struct disk *disk)
{
    struct vq_used used;
    if (disk->vq.dev->failed || !vq_take(&disk->vq, &used))
        return false;
    struct slot *slot = &disk->slots[disk->by_id[used.id]];
    disk->moves++;
    bool good = slot->status == STATUS_OK;
    if (slot->bounced)
        end_bounce(disk, slot, good);
    slot->offset += slot->part;
    slot->buf += slot->part;
    slot->remaining -= slot->part;
    if (!good)
        finish_slot(disk, slot, SOLO5_R_EUNSPEC);
    else if (slot->remaining == 0)
        finish_slot(disk, slot, SOLO5_R_OK);
    else
        go_on(disk, slot);
    go_on_with_stalled(disk);
    return true;
}

/* A failed device, which has been reset, does nothing more of what it was given. */
static void give_up(struct disk *disk)
{
    vq_abandon(&disk->driver);
    for (size_t i = 0; i <= disk->io.depth; i++)
        if (disk->slots[i].state == LENT)
            finish_slot(disk, &disk->slots[i], SOLO5_R_EUNSPEC);
}

static void fill_in(struct slot *slot, const struct solo5_block_request *request)
{
    *slot = (struct slot){
        .state = LENT,
        .op = request->op,
        .offset = request->offset,
        .remaining = request->size,
        .buf = request->buf,
        .cookie = request->cookie,
    };
}

/* Whether the program waits for the disk, and whether it need not. */
static void note_wanted(struct disk *disk)
{
    disk->vq.wanted = disk->free_count != disk->io.depth;
    disk->vq.ready = disk->done_added != disk->done_taken;
}

/* ---- The calls of solo5_io.h ---------------------------------------------------------------- */

static bool start_one(struct disk *disk, const struct solo5_block_request *request)
{
    if (disk->free_count == 0)
        return false;
    struct slot *slot = &disk->slots[disk->free[disk->free_count - 1]];
    fill_in(slot, request);
    if (slot->op == SOLO5_BLOCK_FLUSH && !disk->flushes)
        finish_slot(disk, slot, SOLO5_R_OK); /* what was written is stable: 5.2.6.2 */
    else if (!issue(disk, slot)) {
        slot->state = FREE;
        return false;
    }
    disk->free_count--;
    return true;
}

static solo5_result_t submit(solo5_handle_t handle, const struct mft_entry *dev,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted)
{
    struct disk *disk = disks[handle];
    (void)dev;
    *submitted = 0;
    if (disk->vq.dev->failed)
        return SOLO5_R_EUNSPEC;
    while (*submitted < count && start_one(disk, &requests[*submitted]))
        ++*submitted;
    vq_offer(&disk->vq);
    note_wanted(disk);
    return *submitted == count ? SOLO5_R_OK : SOLO5_R_AGAIN;
}

static bool take_done(struct disk *disk, struct solo5_block_completion *completion)
{
    if (disk->done_taken == disk->done_added)
        return false;
    uint16_t number = disk->done[disk->done_taken++ % DEPTH_MAX];
    struct slot *slot = &disk->slots[number];
    *completion = (struct solo5_block_completion){.cookie = slot->cookie, .result = slot->result};
    slot->state = FREE;
    disk->free[disk->free_count++] = number;
    return true;
}

static size_t complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max)
{
    struct disk *disk = disks[handle];
    size_t count = 0;

    if (disk->vq.dev->failed)
        give_up(disk);
    while (count < max)
        if (take_done(disk, &completions[count]))
            count++;
        else if (!collect_one(disk))
            break;
    vq_offer(&disk->vq);
    note_wanted(disk);
    return count;
}

/* ---- The calls of solo5.h: one request, until it is done ------------------------------------ */

struct wait {
    solo5_time_t since, last;
    solo5_time_t waited, looked; /* of all slices; when the device was last asked how it is */
};

static struct wait start_wait(void)
{
    solo5_time_t now = target_clock_monotonic();
    return (struct wait){.since = now, .last = now};
}

/* Lets time go by; fails the device when it is not there any more, or (patience) is at its end. */
static void let_pass(struct disk *disk, struct wait *wait, solo5_time_t patience)
{
    struct virtio_device *dev = disk->vq.dev;
    /* Before it serves a handle, a device may not be waited for. */
    if (disk->vq.attached && wait->last - wait->since > SPIN_NS) {
        disk->vq.wanted = true;
        target_wait(wait->last + SLICE_NS);
    }
    solo5_time_t now = target_clock_monotonic();
    wait->waited += now - wait->last < SLICE_NS ? now - wait->last : SLICE_NS;
    wait->last = now;
    if (wait->waited - wait->looked >= SLICE_NS && dev->transport->alive != NULL) {
        wait->looked = wait->waited;
        dev->transport->alive(dev);
    }
    if (!dev->failed && wait->waited > patience)
        virtio_fail(dev, "it does not answer");
}

static solo5_result_t do_one(struct disk *disk, const struct solo5_block_request *request,
                             solo5_time_t patience)
{
    struct slot *slot = &disk->slots[disk->io.depth];
    const struct virtio_device *dev = disk->vq.dev;
    struct wait wait = start_wait();

    fill_in(slot, request);
    slot->plain = true;
    /* Room comes when something of what the program has submitted is done. */
    while (!dev->failed && !issue(disk, slot))
        if (!collect_one(disk))
            let_pass(disk, &wait, patience);
    vq_offer(&disk->vq);
    while (!dev->failed && slot->state != DONE)
        if (!collect_one(disk))
            let_pass(disk, &wait, patience);
        else
            vq_offer(&disk->vq);
    if (dev->failed)
        give_up(disk);
    slot->state = FREE;
    note_wanted(disk);
    return slot->result;
}

solo5_result_t virtio_blk_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *buf,
                                size_t size)
{
    struct disk *disk = disks[handle];
    if (!(disk->io.features >> SOLO5_BLOCK_WRITE & 1))
        return SOLO5_R_EUNSPEC;
    return do_one(
        disk,
        &(struct solo5_block_request){
            .op = SOLO5_BLOCK_WRITE, .offset = offset, .size = size, .buf = (uint8_t *)buf},
        SILENCE_MAX_NS);
}

solo5_result_t virtio_blk_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf, size_t size)
{
    return do_one(disks[handle],
                  &(struct solo5_block_request){
                      .op = SOLO5_BLOCK_READ, .offset = offset, .size = size, .buf = buf},
                  SILENCE_MAX_NS);
}

bool virtio_blk_id(struct virtio_device *dev, char id[VIRTIO_BLK_ID_SIZE])
{
    for (unsigned i = 0; i < VIRTIO_BLK_ID_SIZE; i++)
        id[i] = '\0';
    return do_one(dev->driver,
                  &(struct solo5_block_request){
                      .op = OP_GET_ID, .size = VIRTIO_BLK_ID_SIZE - 1, .buf = id},
                  ID_NS) == SOLO5_R_OK;
}

bool virtio_blk_first(struct virtio_device *dev, uint8_t *buf, size_t size)
{
    struct disk *disk = dev->driver;
    return disk->info.block_size <= size && disk->info.capacity >= disk->info.block_size &&
           do_one(disk,
                  &(struct solo5_block_request){
                      .op = SOLO5_BLOCK_READ, .size = disk->info.block_size, .buf = buf},
                  ID_NS) == SOLO5_R_OK;
}

/* ---- Opening -------------------------------------------------------------------------------- */

static bool read32(struct virtio_device *dev, unsigned offset, uint32_t *value)
{
    return dev->transport->config_read(dev, offset, value, sizeof *value);
}

static bool read_capacity(struct virtio_device *dev, uint32_t block_size, uint64_t *capacity)
{
    uint64_t sectors;
    if (!dev->transport->config_read(dev, CONFIG_CAPACITY, &sectors, sizeof sectors) ||
        sectors > UINT64_MAX / SECTOR)
        return false;
    *capacity = sectors * SECTOR & ~(uint64_t)(block_size - 1);
    return true;
}

/* How much of a discard or of zeroes the device takes at once; 0: nothing. */
static bool read_max(struct disk *disk, unsigned feature, unsigned offset, uint64_t *max)
{
    uint32_t sectors;
    if (!VIRTIO_HAS(disk->driver.dev->features, feature))
        return true;
    if (!read32(disk->driver.dev, offset, &sectors))
        return false;
    *max = (uint64_t)sectors * SECTOR < RANGE_MAX ? (uint64_t)sectors * SECTOR : RANGE_MAX;
    *max &= ~(uint64_t)(disk->info.block_size - 1);
    return true;
}

static bool read_segments(struct disk *disk)
{
    struct virtio_device *dev = disk->driver.dev;
    uint32_t size = PART_MAX, count = 1;

    if (VIRTIO_HAS(dev->features, SIZE_MAX_F) && !read32(dev, CONFIG_SIZE_MAX, &size))
        return false;
    if (VIRTIO_HAS(dev->features, SEG_MAX) && !read32(dev, CONFIG_SEG_MAX, &count))
        return false;
    if (count > SEGMENTS_MAX || count == 0)
        count = count == 0 ? 1 : SEGMENTS_MAX;
    disk->segment_max = size < PART_MAX ? size : PART_MAX;
    /* One may be as long as a part: then two, for memory across a gap. */
    disk->segments = (uint16_t)(size < PART_MAX || count < 2 ? count : 2);
    return true;
}

static bool read_config(struct disk *disk)
{
    struct virtio_device *dev = disk->driver.dev;
    uint32_t block_size = SECTOR, align = 0;

    if (VIRTIO_HAS(dev->features, BLK_SIZE) && !read32(dev, CONFIG_BLK_SIZE, &block_size))
        return false;
    if (block_size < SECTOR || block_size > BLOCK_SIZE_MAX || (block_size & (block_size - 1))) {
        virtio_fail(dev, "its blocks have not 512 to 32768 bytes, a power of two");
        return false;
    }
    disk->info.block_size = (uint16_t)block_size;
    if (VIRTIO_HAS(dev->features, DISCARD) && !read32(dev, CONFIG_DISCARD_ALIGN, &align))
        return false;
    disk->discard_align = (uint64_t)align * SECTOR;
    if (!read_capacity(dev, block_size, &disk->info.capacity))
        return false;
    if (disk->info.capacity == 0) {
        virtio_fail(dev, "it is shorter than one of its blocks");
        return false;
    }
    return read_segments(disk) && read_max(disk, DISCARD, CONFIG_MAX_DISCARD, &disk->discard_max) &&
           read_max(disk, WRITE_ZEROES, CONFIG_MAX_WRITE_ZEROES, &disk->zeroes_max);
}

static uint64_t operations_of(const struct disk *disk)
{
    uint64_t set = 1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_FLUSH;
    if (VIRTIO_HAS(disk->driver.dev->features, RO))
        return set;
    set |= 1 << SOLO5_BLOCK_WRITE;
    if (disk->discard_max != 0)
        set |= 1 << SOLO5_BLOCK_DISCARD;
    if (disk->zeroes_max != 0)
        set |= 1 << SOLO5_BLOCK_WRITE_ZEROES;
    return set;
}

/* Looks whether requests are without an answer for too long; not of a device that cannot go away.
 * One that is silent is told of them again, each time that it has been for five seconds more: QEMU
 * 7.2 under TCG may miss it once, where barriers are not emulated. */
static void look_for_silence(struct virtio_driver *driver)
{
    struct disk *disk = (struct disk *)driver;
    if (driver->dev->transport->alive == NULL)
        return;
    bool expects = disk->vq.out != 0 && !driver->dev->failed;
    solo5_time_t looks = disk->silence.lasted / SILENCE_LOOK_NS;
    if (silence_look(&disk->silence, disk->moves, expects))
        virtio_fail(driver->dev, "it does not answer");
    else if (disk->silence.lasted / SILENCE_LOOK_NS > looks)
        driver->dev->transport->notify(driver->dev, disk->vq.queue);
    driver->look_at = silence_deadline(&disk->silence, UINT64_MAX);
}

/* The program keeps the capacity that it was told; the device refuses what is beyond its own. */
static void changed(struct virtio_driver *driver)
{
    const struct disk *disk = (const struct disk *)driver;
    uint64_t capacity;
    if (read_capacity(driver->dev, disk->info.block_size, &capacity) &&
        capacity != disk->info.capacity)
        log_write(LOG_WARN, "virtio %s: it has %llu bytes now; the program goes on with %llu",
                  driver->dev->name, (unsigned long long)capacity,
                  (unsigned long long)disk->info.capacity);
}

/* Slots: as many as the queue has room for, and one for the calls of solo5.h. */
static bool make_slots(struct disk *disk)
{
    size_t pieces = (size_t)disk->segments + PIECES;
    size_t depth = disk->vq.tables != NULL ? disk->vq.size : disk->vq.size / pieces;
    uint64_t part = (uint64_t)disk->segment_max * disk->segments;

    disk->part_max = (part < PART_MAX ? part : PART_MAX) & ~(uint64_t)(disk->info.block_size - 1);
    if (disk->part_max == 0 || pieces > disk->vq.chain_max)
        return false;
    disk->io.depth = depth < DEPTH_MAX ? depth : DEPTH_MAX;
    disk->slots = virtio_memory((disk->io.depth + 1) * sizeof *disk->slots);
    disk->by_id = virtio_memory((disk->vq.size + 2 * DEPTH_MAX) * sizeof *disk->by_id);
    disk->free = disk->by_id + disk->vq.size;
    disk->done = disk->free + DEPTH_MAX;
    disk->bounce = virtio_memory(disk->info.block_size);
    for (uint16_t i = 0; i < disk->io.depth; i++)
        disk->free[disk->free_count++] = i;
    return true;
}

bool virtio_blk_open(struct virtio_device *dev)
{
    if (!dev->transport->negotiate(dev, ALL_FEATURES, 0))
        return false;

    struct disk *disk = virtio_memory(sizeof *disk);
    dev->driver = disk;
    *disk = (struct disk){
        .driver = {.dev = dev, .changed = changed, .looks = look_for_silence},
        .io = {.submit = submit, .complete = complete},
        .flushes = VIRTIO_HAS(dev->features, FLUSH),
    };
    if (!read_config(disk)) {
        virtio_fail(dev, "its configuration makes no sense");
        return false;
    }
    disk->io.features = operations_of(disk);
    if (!vq_open(&disk->vq, dev, 0, (uint16_t)(disk->segments + PIECES), DEPTH_MAX))
        return false;
    disk->vq.last = true;
    if (!make_slots(disk)) {
        virtio_fail(dev, "it takes less than a block at a time, or its queue is too short");
        return false;
    }
    return dev->transport->start(dev);
}

void virtio_blk_info(const struct virtio_device *dev, struct mft_block_basic *info)
{
    *info = ((const struct disk *)dev->driver)->info;
}

void virtio_blk_attach(struct virtio_device *dev, solo5_handle_t handle)
{
    struct disk *disk = dev->driver;
    disk->vq.handle = handle;
    disk->vq.attached = true;
    disks[handle] = disk;
    vq_attach(&disk->driver);
}

const struct block_io *virtio_blk_io(solo5_handle_t handle)
{
    return &disks[handle]->io;
}
