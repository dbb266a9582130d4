/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See virtio_fake.h.
 */
#include "virtio_fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bindings.h"

#define MEMORY_MAX 256
#define PAGE       4096

char fake_said[256];
jmp_buf fake_aborted;
bool fake_expects_abort;
solo5_time_t fake_now, fake_tick = 1000;
void (*fake_while_waiting)(void), (*fake_at_each_look)(void);
const uint8_t *fake_gap;

static void *memory[MEMORY_MAX];
static unsigned memory_count;

struct split_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};

struct packed_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t id, flags;
};

#define AVAIL 0x80
#define USED  0x8000

/* ---- What drivers want of a target ---------------------------------------------------------- */

void *virtio_memory(size_t size)
{
    if (size == 0 || memory_count == MEMORY_MAX)
        fake_broken("asks for memory that there is not");
    void *at = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
    memory[memory_count++] = at;
    return memset(at, 0, size);
}

uint64_t virtio_phys(const volatile void *addr, size_t *size, bool written)
{
    (void)written;
    const uint8_t *at = (const uint8_t *)addr;
    if (*size == 0)
        fake_broken("asks for the address of nothing");
    if (fake_gap == NULL || at < fake_gap) {
        if (fake_gap != NULL && *size > (size_t)(fake_gap - at))
            *size = (size_t)(fake_gap - at);
        return (uint64_t)at;
    }
    return (uint64_t)at + FAKE_GAP_SHIFT;
}

void virtio_fail(struct virtio_device *dev, const char *why)
{
    if (!dev->failed)
        snprintf(fake_said, sizeof fake_said, "%s", why);
    dev->failed = true;
}

void virtio_abort(const struct virtio_device *dev, const char *what)
{
    (void)dev;
    snprintf(fake_said, sizeof fake_said, "%s", what);
    if (!fake_expects_abort)
        fake_broken(what);
    longjmp(fake_aborted, 1);
}

void log_write(enum log_level level, const char *format, ...)
{
    va_list args;
    if (level > LOG_WARN)
        return;
    va_start(args, format);
    vsnprintf(fake_said, sizeof fake_said, format, args);
    va_end(args);
}

solo5_time_t target_clock_monotonic(void)
{
    if (fake_at_each_look != NULL)
        fake_at_each_look();
    return fake_now += fake_tick;
}

solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    while (virtio_ready(true) == 0 && fake_now < deadline) {
        solo5_time_t until = virtio_wait_until(deadline);
        if (fake_while_waiting != NULL)
            fake_while_waiting();
        if (fake_now < until)
            fake_now = until;
    }
    return virtio_ready(false);
}

void fake_reset(void)
{
    while (memory_count > 0)
        free(memory[--memory_count]);
    fake_said[0] = '\0';
    fake_now = 0;
    fake_gap = NULL;
    fake_while_waiting = fake_at_each_look = NULL;
    fake_expects_abort = false;
    vq_all = (struct vq_all){0};
}

/* ---- The transport -------------------------------------------------------------------------- */

static struct fake *fake_of(struct virtio_device *dev)
{
    return (struct fake *)dev;
}

static bool negotiate(struct virtio_device *dev, uint64_t wanted, uint64_t required)
{
    struct fake *fake = fake_of(dev);
    uint64_t version = fake->offered & FAKE_BIT(VIRTIO_F_VERSION_1);
    dev->legacy = version == 0;
    dev->features = (fake->offered & (wanted | required)) | version;
    if (dev->legacy)
        dev->features &= UINT32_MAX;
    return (dev->features & required) == required;
}

static bool config_read(struct virtio_device *dev, unsigned offset, void *to, size_t len)
{
    if (offset + len > sizeof fake_of(dev)->config)
        return false;
    memcpy(to, fake_of(dev)->config + offset, len);
    return true;
}

static uint16_t queue_max(struct virtio_device *dev, uint16_t queue)
{
    return queue < fake_of(dev)->queues ? fake_of(dev)->queue_max : 0;
}

static bool queue_setup(struct virtio_device *dev, uint16_t queue,
                        const struct virtio_queue_place *place)
{
    uint64_t driver_end = place->driver + 6 + 2 * (uint64_t)place->size;
    if (place->desc % PAGE != 0 || place->driver != place->desc + 16 * (uint64_t)place->size ||
        place->device != (driver_end + PAGE - 1) / PAGE * PAGE)
        fake_broken("a queue is where a legacy device does not find it");
    if (dev->legacy && place->size != fake_of(dev)->queue_max)
        fake_broken("a legacy queue of another size");
    fake_of(dev)->queue[queue] =
        (struct fake_queue){.place = *place, .taken_wrap = true, .returned_wrap = true};
    if (fake_of(dev)->refuses_queue)
        virtio_fail(dev, "it does not take a queue");
    return !dev->failed;
}

static bool start_device(struct virtio_device *dev)
{
    return !fake_of(dev)->refuses_start;
}

static void notify(struct virtio_device *dev, uint16_t queue)
{
    fake_of(dev)->queue[queue].kicks++;
}

static bool alive(struct virtio_device *dev)
{
    if (fake_of(dev)->gone)
        virtio_fail(dev, "it is gone");
    return !dev->failed;
}

static bool reset(struct virtio_device *dev)
{
    fake_of(dev)->resets++;
    if (fake_of(dev)->refuses_reset)
        virtio_fail(dev, "it does not come out of reset");
    return !fake_of(dev)->refuses_reset;
}

static const struct virtio_transport transport = {
    .negotiate = negotiate,
    .config_read = config_read,
    .queue_max = queue_max,
    .queue_setup = queue_setup,
    .start = start_device,
    .notify = notify,
    .alive = alive,
    .reset = reset,
};

void fake_init(struct fake *fake, uint32_t type, uint64_t features)
{
    *fake = (struct fake){
        .dev = {.transport = &transport, .name = "fake", .type = type},
        .offered = features,
        .queue_max = 256,
        .queues = type == VIRTIO_TYPE_NET ? 3 : 2,
    };
}

void fake_config(struct fake *fake, unsigned offset, uint64_t value, size_t len)
{
    memcpy(fake->config + offset, &value, len);
}

/* ---- The device's side of a queue ----------------------------------------------------------- */

static bool is_packed(const struct fake *fake)
{
    return VIRTIO_HAS(fake->dev.features, VIRTIO_F_RING_PACKED);
}

static bool has_events(const struct fake *fake)
{
    return VIRTIO_HAS(fake->dev.features, VIRTIO_F_EVENT_IDX);
}

static void add_piece(struct fake_chain *chain, uint64_t addr, uint32_t len, uint16_t flags)
{
    bool after_write = chain->count > 0 && (chain->piece[chain->count - 1].flags & VQ_DESC_WRITE);
    if (chain->count == FAKE_PIECES)
        fake_broken("a chain is too long");
    if (len == 0)
        fake_broken("a piece is empty");
    if (after_write && !(flags & VQ_DESC_WRITE))
        fake_broken("a piece to read comes after one to write");
    chain->piece[chain->count++] = (struct vq_piece){addr, len, flags & VQ_DESC_WRITE};
}

static void read_split_table(struct fake_chain *chain, const struct split_desc *desc,
                             uint32_t count, uint16_t at, bool indirect)
{
    for (uint32_t hops = 0; hops < count; hops++) {
        if (at >= count)
            fake_broken("next is beyond the table");
        if ((desc[at].flags & VQ_DESC_INDIRECT) && (indirect || hops != 0))
            fake_broken("an indirect table where none may be");
        if (desc[at].flags & VQ_DESC_INDIRECT) {
            if (desc[at].flags != VQ_DESC_INDIRECT || desc[at].len % 16 != 0)
                fake_broken("an indirect table that cannot be");
            chain->indirect = true;
            chain->descriptors = 1;
            read_split_table(chain, (const struct split_desc *)desc[at].addr, desc[at].len / 16, 0,
                             true);
            return;
        }
        add_piece(chain, desc[at].addr, desc[at].len, desc[at].flags);
        if (!indirect)
            chain->descriptors++;
        if (!(desc[at].flags & VQ_DESC_NEXT))
            return;
        at = desc[at].next;
    }
    fake_broken("a loop");
}

static bool next_split(struct fake *fake, struct fake_queue *q, struct fake_chain *chain)
{
    const uint16_t *avail = (const uint16_t *)q->place.driver;
    if (avail[1] == q->taken)
        return false;
    if ((uint16_t)(avail[1] - q->taken) > q->place.size)
        fake_broken("the available index jumped");
    chain->id = avail[2 + q->taken++ % q->place.size];
    if (has_events(fake))
        fake_ask(fake, (unsigned)(q - fake->queue), true);
    read_split_table(chain, (const struct split_desc *)q->place.desc, q->place.size, chain->id,
                     false);
    return true;
}

static void read_packed_table(struct fake_chain *chain, const struct packed_desc *desc)
{
    const struct packed_desc *table = (const struct packed_desc *)desc->addr;
    if ((desc->flags & 7) != VQ_DESC_INDIRECT || desc->len % 16 != 0)
        fake_broken("an indirect table that cannot be");
    chain->indirect = true;
    for (uint32_t i = 0; i < desc->len / 16; i++) {
        if (table[i].flags & ~VQ_DESC_WRITE)
            fake_broken("a flag that an indirect table does not have");
        add_piece(chain, table[i].addr, table[i].len, table[i].flags);
    }
}

static bool next_packed(struct fake_queue *q, struct fake_chain *chain)
{
    const struct packed_desc *desc = (const struct packed_desc *)q->place.desc + q->taken;
    bool more = true;
    if (!(desc->flags & AVAIL) != !q->taken_wrap || !(desc->flags & USED) == !q->taken_wrap)
        return false;
    while (more) {
        desc = (const struct packed_desc *)q->place.desc + q->taken;
        if (!(desc->flags & AVAIL) != !q->taken_wrap || !(desc->flags & USED) == !q->taken_wrap)
            fake_broken("a chain ends before its end");
        chain->descriptors++;
        chain->id = desc->id;
        more = desc->flags & VQ_DESC_NEXT;
        if (desc->flags & VQ_DESC_INDIRECT)
            read_packed_table(chain, desc);
        else
            add_piece(chain, desc->addr, desc->len, desc->flags);
        if (++q->taken == q->place.size) {
            q->taken = 0;
            q->taken_wrap = !q->taken_wrap;
        }
    }
    return true;
}

bool fake_next(struct fake *fake, unsigned queue, struct fake_chain *chain)
{
    struct fake_queue *q = &fake->queue[queue];
    *chain = (struct fake_chain){0};
    if (q->place.size == 0)
        return false;
    return is_packed(fake) ? next_packed(q, chain) : next_split(fake, q, chain);
}

void fake_return(struct fake *fake, unsigned queue, const struct fake_chain *chain, uint32_t len)
{
    struct fake_queue *q = &fake->queue[queue];
    if (!is_packed(fake)) {
        uint16_t *used = (uint16_t *)q->place.device;
        struct vq_used *items = (struct vq_used *)(used + 2);
        items[q->returned++ % q->place.size] = (struct vq_used){chain->id, len};
        used[1] = q->returned;
        return;
    }
    struct packed_desc *desc = (struct packed_desc *)q->place.desc + q->returned;
    desc->id = chain->id;
    desc->len = len;
    desc->flags =
        (uint16_t)((q->returned_wrap ? AVAIL | USED : 0) | (len != 0 ? VQ_DESC_WRITE : 0));
    q->returned += chain->descriptors;
    if (q->returned >= q->place.size) {
        q->returned -= q->place.size;
        q->returned_wrap = !q->returned_wrap;
    }
}

bool fake_wants_interrupt(const struct fake *fake, unsigned queue)
{
    const struct fake_queue *q = &fake->queue[queue];
    const uint16_t *driver = (const uint16_t *)q->place.driver;
    if (is_packed(fake))
        return driver[1] == 0;
    if (!has_events(fake))
        return !(driver[0] & 1);
    return driver[2 + q->place.size] == (uint16_t)(q->returned - 1);
}

void fake_ask(struct fake *fake, unsigned queue, bool notify)
{
    struct fake_queue *q = &fake->queue[queue];
    uint16_t *device = (uint16_t *)q->place.device;
    if (is_packed(fake)) {
        device[0] = (uint16_t)(q->taken | q->taken_wrap << 15);
        device[1] = notify ? has_events(fake) ? 2 : 0 : 1;
    } else if (has_events(fake)) {
        device[2 + q->place.size * 4] = (uint16_t)(q->taken - !notify);
    } else {
        device[0] = !notify;
    }
}
