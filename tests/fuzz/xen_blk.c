/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A disk of Xen's against a backend that does what the input says; see xen_net.c.
 */
#include "fuzz.h"
#include "input.h"

#include "fake.h"

#include <string.h>
#include <xen/io/blkif.h>

#define RING      32
#define STEPS_MAX 400

static struct input input;
static blkif_sring_t *ring;
static uint32_t seen;
static struct mft_entry entry;
static unsigned asked, done; /* requests of the program */
static bool lied;            /* what is in the ring is not the driver's alone any more */

static void submit(void)
{
    size_t block = entry.u.block_basic.block_size, taken;
    size_t size = (next8(&input) % 64 + 1) * block;
    size_t shift = next8(&input) & 1 ? next8(&input) : 0;
    struct solo5_block_request request = {
        .op = next8(&input) % 5, .size = size, .buf = (uint8_t *)fake_memory(size + shift) + shift};
    request.offset = next8(&input) * block;
    if (request.op == SOLO5_BLOCK_FLUSH)
        request.offset = request.size = 0;
    const struct block_io *io = blkfront_io(&fake_device);
    io->submit(1, &entry, &request, 1, &taken);
    asked += taken != 0;
}

static void complete(void)
{
    struct solo5_block_completion completions[8];
    done += (unsigned)blkfront_io(&fake_device)->complete(1, completions, 8);
    FUZZ_CHECK(done <= asked);
}

/* Reads or writes what the segments name, as a backend does. */
static void move(const struct blkif_request_segment *segments, unsigned count, bool reads)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t *page = fake_granted(segments[i].gref, reads);
        FUZZ_CHECK(lied ||
                   (segments[i].first_sect <= segments[i].last_sect && segments[i].last_sect < 8));
        if (page != NULL && reads)
            memset(page + segments[i].first_sect * 512, 0x5a,
                   (segments[i].last_sect - segments[i].first_sect + 1) * 512u);
    }
}

/* One that is gone answers no more. */
static void answer(unsigned count, int16_t status)
{
    uint32_t produced = ring->rsp_prod;
    for (; !lied && !fake_device.lost && count != 0 && seen != ring->req_prod; count--, seen++) {
        blkif_request_t request = ring->ring[seen % RING].req;
        const blkif_request_indirect_t *form = (const blkif_request_indirect_t *)&request;
        bool indirect = request.operation == BLKIF_OP_INDIRECT;
        if (indirect) {
            uint8_t *page = fake_granted(form->indirect_grefs[0], false);
            FUZZ_CHECK(lied || (page != NULL && form->nr_segments <= 512));
            move((const struct blkif_request_segment *)page, form->nr_segments,
                 form->indirect_op == BLKIF_OP_READ);
        } else if (request.operation <= BLKIF_OP_WRITE) {
            FUZZ_CHECK(lied || (request.nr_segments >= 1 && request.nr_segments <= 11));
            move(request.seg, request.nr_segments, request.operation == BLKIF_OP_READ);
        }
        ring->ring[produced++ % RING].rsp =
            (blkif_response_t){.id = indirect ? form->id : request.id,
                               .operation = indirect ? form->indirect_op : request.operation,
                               .status = status};
    }
    ring->rsp_prod = produced;
}

static void lie(void)
{
    lied = true;
    blkif_response_t *answer = &ring->ring[(ring->rsp_prod + next8(&input) % 2) % RING].rsp;
    answer->id = next8(&input) & 1 ? next32(&input) : next8(&input) % RING;
    answer->operation = next8(&input) % 8;
    answer->status = (int16_t)(int8_t)next8(&input);
    ring->rsp_prod += (uint32_t)(int8_t)next8(&input);
}

static void step(void)
{
    switch (next8(&input) % 10) {
    case 0:
    case 1:
    case 2:
        submit();
        break;
    case 3:
    case 4:
        complete();
        break;
    case 5:
    case 6:
        answer(next8(&input), next8(&input) % 8 == 0 ? -1 : 0);
        break;
    case 7:
        blkfront.ready(&fake_device, next8(&input) & 1);
        break;
    case 8:
        if (next8(&input) & 1)
            lie();
        else
            fake_use_grant(next32(&input) % 2048);
        break;
    case 9:
        if (next8(&input) > 250 && !fake_device.lost) {
            fake_device.lost = true;
            blkfront.lost(&fake_device);
        }
    }
}

/* Each wait of a call that waits is a step of the backend. */
static void notified(uint32_t port)
{
    (void)port;
    if (input.size != 0 && next8(&input) & 1)
        answer(next8(&input) % 4, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = (struct input){data, size};
    seen = 0;
    asked = done = 0;
    lied = false;
    fake_reset();
    uint8_t kind = next8(&input);
    fake_node("sectors", "100000");
    fake_node("sector-size", kind & 1 ? "4096" : "512");
    fake_node("mode", kind & 2 ? "r" : "w");
    fake_node("feature-flush-cache", "1");
    fake_node("feature-discard", "1");
    if (kind & 4)
        fake_node("feature-max-indirect-segments", "256");
    if (setjmp(fake_end) != 0)
        return 0;
    fake_device.driver = &blkfront;
    grant_init(kind & 8 ? 200 : 4000);
    if (!blkfront.set_up(&fake_device) || !blkfront.start(&fake_device, &entry))
        return 0;
    ring = (blkif_sring_t *)fake_granted((uint32_t)fake_written("ring-ref"), true);
    FUZZ_CHECK(ring != NULL);
    fake_notified = notified;
    for (unsigned i = 0; i < STEPS_MAX && input.size != 0; i++)
        step();
    /* In the end a backend of good will has all done. */
    answer(RING, 0);
    for (unsigned i = 0; i < 200 && done < asked; i++) {
        complete();
        answer(RING, 0);
    }
    FUZZ_CHECK(lied || done == asked);
    return 0;
}
