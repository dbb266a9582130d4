/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See virtio_hostile.h.
 */
#include "virtio_hostile.h"

#include <string.h>

#define NET_MRG_RXBUF 15 /* virtio 1.2, 5.1.3 */

/* A driver that breaks a rule is a finding. */
void fake_broken(const char *why)
{
    fprintf(stderr, "the driver: %s\n", why);
    abort();
}

static void take_all(struct hostile *hostile, unsigned queue)
{
    unsigned *count = &hostile->count[queue];
    while (hostile->honest && *count < 16 &&
           fake_next(hostile->fake, queue, &hostile->taken[queue][*count]))
        ++*count;
}

static bool merges(const struct fake *fake)
{
    return fake->dev.type == VIRTIO_TYPE_NET && VIRTIO_HAS(fake->dev.features, NET_MRG_RXBUF);
}

static uint32_t serve(const struct hostile *hostile, unsigned queue, const struct fake_chain *chain,
                      struct input *input)
{
    const struct vq_piece *last = &chain->piece[chain->count - 1];
    if (last->flags & VQ_DESC_WRITE)
        *(uint8_t *)(last->addr + last->len - 1) = next8(input);
    if (chain->piece[0].flags & VQ_DESC_WRITE)
        memset((void *)chain->piece[0].addr, next8(input), chain->piece[0].len);
    if (queue == 0 && merges(hostile->fake))
        ((struct solo5_net_hdr *)chain->piece[0].addr)->num_buffers = next8(input) % 5;
    return next16(input);
}

/* One that it has taken. */
static void give_back(struct hostile *hostile, unsigned queue, struct input *input)
{
    unsigned *count = &hostile->count[queue];
    if (!hostile->honest || *count == 0)
        return;
    struct fake_chain *chain = &hostile->taken[queue][next8(input) % *count];
    uint32_t len = hostile->serve(hostile, queue, chain, input);
    fake_return(hostile->fake, queue, chain, len);
    *chain = hostile->taken[queue][--*count];
}

/* One that it may not have. */
static void lie(struct hostile *hostile, unsigned queue, struct input *input)
{
    struct fake_chain chain = {.id = next16(input), .descriptors = next8(input)};
    uint8_t how = next8(input);
    struct fake_queue *q = &hostile->fake->queue[queue];

    hostile->honest = false;
    if (how & 1)
        chain.id %= 16;
    if (q->place.size == 0)
        return;
    if (chain.descriptors > q->place.size)
        chain.descriptors %= q->place.size;
    fake_return(hostile->fake, queue, &chain, (uint32_t)next64(input));
}

static void scribble(struct hostile *hostile, unsigned queue, struct input *input)
{
    const struct virtio_queue_place *place = &hostile->fake->queue[queue].place;
    const struct {
        uint64_t addr;
        size_t size;
    } parts[] = {
        {place->desc, 16 * (size_t)place->size},
        {place->driver, 6 + 2 * (size_t)place->size},
        {place->device, 6 + 8 * (size_t)place->size},
        {place->device, 8},
    };
    unsigned part = next8(input) % 4;
    uint64_t value = next64(input);
    size_t at = next16(input), size = next8(input) % 9;

    if (place->size == 0)
        return;
    hostile->honest = false;
    at %= parts[part].size - 5;
    if (size > parts[part].size - at)
        size = parts[part].size - at;
    memcpy((uint8_t *)parts[part].addr + at, &value, size);
}

void hostile_init(struct hostile *hostile, struct fake *fake, uint32_t type, struct input *input)
{
    static const uint16_t sizes[] = {0, 1, 2, 4, 8, 16, 64, 256, 300, 1024, 2048, 0xffff};

    fake_reset();
    fake_tick = 1000000;
    fake_init(fake, type, next64(input));
    fake->queue_max = sizes[next8(input) % (sizeof sizes / sizeof sizes[0])];
    for (unsigned at = next8(input) % 64, count = next8(input) % 64; count > 0; at++, count--)
        fake->config[at % 64] = next8(input);
    *hostile = (struct hostile){.fake = fake, .honest = true, .serve = serve};
}

void hostile_step(struct hostile *hostile, struct input *input)
{
    if (input->size == 0)
        return;
    uint8_t what = next8(input);
    unsigned queue = what >> 7;

    if ((what & 0x60) == 0x60)
        queue = hostile->fake->queues > 3 ? 2 + queue : 2;
    switch (what & 15) {
    case 0:
        lie(hostile, queue, input);
        break;
    case 1:
        scribble(hostile, queue, input);
        break;
    case 2:
        hostile->fake->config[next8(input) % 64] = next8(input);
        hostile->fake->dev.changed = true;
        break;
    case 3:
        if (next8(input) == 0)
            virtio_fail(&hostile->fake->dev, "it wants to be reset");
        break;
    case 4:
        if (hostile->fake->queue[queue].place.size != 0 && hostile->honest)
            fake_ask(hostile->fake, queue, what & 16);
        break;
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
        give_back(hostile, queue, input);
        break;
    default:
        take_all(hostile, queue);
    }
}
