/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A disk (xen/io/blkif.h). A request of the program is a job, which is done in as many requests to
 * the backend as it takes, each with a slot of its own until it is answered:
 *
 *     queued      a job of which something is not asked for yet; jobs start in order
 *     running     all of it is asked for
 *     done        all of it is answered; waits for the program to take its completion
 *
 * Data go straight to and from the program's pages where they begin at sectors, else by a page of
 * the slot. Sectors of the protocol have 512 bytes whatever the disk's own size is: so Linux's
 * backend counts.
 *
 * What is not asked for: persistent grants, for which every byte would be copied to and from pages
 * that the backend keeps, when it could have had the program's; and a ring of several pages, since
 * in one there is room for 32 requests of 64 pages, 8 MiB at a time.
 */
#include "xen.h"

#include <xen/io/blkif.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#include "ring.h"
#include "silence.h"
#include "xencall.h"

#define SECTOR 512
#define RING   32 /* slots that fit into a page */
#define JOBS   64

#define DIRECT_MAX   BLKIF_MAX_SEGMENTS_PER_REQUEST
#define INDIRECT_MAX 64 /* segments of a request that we make */

#define DISK_GRANTS (2 + 2 * RING + RING * INDIRECT_MAX)

/* A wait for one port: after it one looks what else has happened. */
#define SLICE_NS UINT64_C(1000000000)
#define LOOK_NS  UINT64_C(10000000)

struct job {
    uint64_t cookie, offset;
    uint8_t *buf;
    uint64_t left;    /* bytes that are not asked for yet; 1 for a flush */
    uint32_t op;      /* SOLO5_BLOCK_* */
    uint16_t asked;   /* slots that are not answered */
    bool used, async; /* async: its completion is the program's to take */
    bool failed;
};

struct slot {
    uint32_t grants[INDIRECT_MAX];
    uint16_t grant_count;
    uint16_t job;
    uint16_t bounced; /* bytes that go by the slot's page */
    uint8_t operation;
    uint8_t *to; /* where what is read belongs in the end, or NULL */
    bool sent;
};

struct disk {
    struct xen_device *dev;
    blkif_sring_t *ring;
    uint32_t produced, told, answered; /* ours; never read back */
    struct slot slots[RING];
    uint16_t unused[RING];
    unsigned unused_count;
    struct job jobs[JOBS];
    uint16_t queue[JOBS], done[JOBS]; /* rings of jobs; positions count up for ever */
    uint32_t queue_first, queue_next, done_first, done_next;
    uint8_t *pages; /* RING to bounce by, RING of indirect segments */
    uint32_t ring_grant, bounce_grants[RING], indirect_grants[RING];
    struct silence silence;
    unsigned segments_max;
    uint16_t block_size;
    bool read_only;
    bool closing; /* nothing more is asked of the backend */
    struct block_io io;
};

static uint8_t zeroes[XEN_PAGE] __attribute__((aligned(XEN_PAGE)));

static uint8_t *bounce_page(struct disk *disk, unsigned slot)
{
    return disk->pages + (size_t)slot * XEN_PAGE;
}

static struct blkif_request_segment *indirect_page(struct disk *disk, unsigned slot)
{
    return (struct blkif_request_segment *)(disk->pages + (size_t)(RING + slot) * XEN_PAGE);
}

/* ---- Asking ---- */

/* One more page of (slot): (size) bytes from (at) on, none beyond the page that (at) is in. */
static bool add_segment(struct disk *disk, struct slot *slot, struct blkif_request_segment *to,
                        const uint8_t *at, size_t size, bool writing)
{
    size_t offset = (uintptr_t)at % XEN_PAGE;
    uint32_t grant = grant_page(disk->dev->domain, at, writing);
    if (grant == GRANT_NONE)
        return false;
    slot->grants[slot->grant_count++] = grant;
    *to = (struct blkif_request_segment){
        .gref = grant,
        .first_sect = (uint8_t)(offset / SECTOR),
        .last_sect = (uint8_t)((offset + size) / SECTOR - 1),
    };
    return true;
}

/* Fills segments in for as much of the job as goes at once; returns the bytes. */
static size_t fill_segments(struct disk *disk, struct slot *slot, unsigned number,
                            const struct job *job, struct blkif_request_segment *segments,
                            unsigned max, unsigned *count)
{
    size_t total = 0;
    bool writing = job->op != SOLO5_BLOCK_READ;
    const uint8_t *at = job->buf;
    *count = 0;
    while (total < job->left && *count < max && (uintptr_t)at % disk->block_size == 0) {
        bool zero = job->op == SOLO5_BLOCK_WRITE_ZEROES;
        size_t size = XEN_PAGE - (uintptr_t)at % XEN_PAGE;
        if (size > job->left - total)
            size = job->left - total;
        if (!add_segment(disk, slot, &segments[*count], at, size, writing))
            break;
        ++*count, total += size;
        at += zero ? 0 : size;
    }
    if (total != 0)
        return total;
    /* The buffer does not begin at a block, or no grant is left: it goes by the slot's page. */
    total = job->left < XEN_PAGE ? job->left : XEN_PAGE;
    slot->bounced = (uint16_t)total;
    if (writing)
        xencall_copy(bounce_page(disk, number), job->buf, total);
    else
        slot->to = job->buf;
    segments[0] = (struct blkif_request_segment){
        .gref = disk->bounce_grants[number],
        .last_sect = (uint8_t)(total / SECTOR - 1),
    };
    *count = 1;
    return total;
}

static void ask_to_move(struct disk *disk, struct slot *slot, unsigned number, struct job *job,
                        blkif_request_t *request)
{
    static struct blkif_request_segment segments[INDIRECT_MAX];
    unsigned count;
    uint8_t operation = job->op == SOLO5_BLOCK_READ ? BLKIF_OP_READ : BLKIF_OP_WRITE;
    size_t size = fill_segments(disk, slot, number, job, segments, disk->segments_max, &count);
    if (count <= DIRECT_MAX) {
        *request = (blkif_request_t){
            .operation = operation,
            .nr_segments = (uint8_t)count,
            .handle = (blkif_vdev_t)disk->dev->number,
            .id = number,
            .sector_number = job->offset / SECTOR,
        };
        memcpy(request->seg, segments, count * sizeof segments[0]);
    } else {
        blkif_request_indirect_t *indirect = (blkif_request_indirect_t *)request;
        *indirect = (blkif_request_indirect_t){
            .operation = BLKIF_OP_INDIRECT,
            .indirect_op = operation,
            .nr_segments = (uint16_t)count,
            .id = number,
            .sector_number = job->offset / SECTOR,
            .handle = (blkif_vdev_t)disk->dev->number,
            .indirect_grefs = {disk->indirect_grants[number]},
        };
        memcpy(indirect_page(disk, number), segments, count * sizeof segments[0]);
    }
    /* Linux's backend answers with what an indirect request does, not with its form. */
    slot->operation = operation;
    job->offset += size, job->left -= size;
    if (job->op != SOLO5_BLOCK_WRITE_ZEROES)
        job->buf += size;
}

/* Asks for what is next of the job. There is a slot. */
static void ask(struct disk *disk, uint16_t job_number)
{
    struct job *job = &disk->jobs[job_number];
    uint16_t number = disk->unused[--disk->unused_count];
    struct slot *slot = &disk->slots[number];
    blkif_request_t *request = &disk->ring->ring[disk->produced++ % RING].req;
    *slot = (struct slot){.job = job_number, .sent = true};
    job->asked++;
    if (job->op == SOLO5_BLOCK_FLUSH) {
        slot->operation = BLKIF_OP_FLUSH_DISKCACHE;
        *request = (blkif_request_t){
            .operation = slot->operation, .handle = (blkif_vdev_t)disk->dev->number, .id = number};
        job->left = 0;
    } else if (job->op == SOLO5_BLOCK_DISCARD) {
        slot->operation = BLKIF_OP_DISCARD;
        *(blkif_request_discard_t *)request =
            (blkif_request_discard_t){.operation = slot->operation,
                                      .handle = (blkif_vdev_t)disk->dev->number,
                                      .id = number,
                                      .sector_number = job->offset / SECTOR,
                                      .nr_sectors = job->left / SECTOR};
        job->left = 0;
    } else {
        ask_to_move(disk, slot, number, job, request);
    }
}

static void tell(struct disk *disk)
{
    uint32_t old = disk->told, now = disk->produced;
    disk->told = now;
    ring_tell(disk->dev, &disk->ring->req_prod, &disk->ring->req_event, old, now);
}

static void finish(struct disk *disk, uint16_t number)
{
    struct job *job = &disk->jobs[number];
    if (job->left == 0 && job->asked == 0 && job->async)
        disk->done[disk->done_next++ % JOBS] = number;
}

/* Asks for as much as there are slots for. */
static void pump(struct disk *disk)
{
    while (disk->queue_first != disk->queue_next) {
        uint16_t number = disk->queue[disk->queue_first % JOBS];
        struct job *job = &disk->jobs[number];
        if (disk->dev->lost || disk->closing || job->failed) {
            job->failed = true;
            job->left = 0;
        }
        while (job->left != 0 && disk->unused_count != 0)
            ask(disk, number);
        if (job->left != 0)
            break;
        disk->queue_first++;
        finish(disk, number);
    }
    if (!disk->dev->lost)
        tell(disk);
}

/* ---- Answers ---- */

static void free_slot(struct disk *disk, unsigned number, bool failed)
{
    struct slot *slot = &disk->slots[number];
    struct job *job = &disk->jobs[slot->job];
    slot->sent = false;
    disk->unused[disk->unused_count++] = (uint16_t)number;
    job->failed |= failed;
    job->asked--;
    finish(disk, slot->job);
}

static void answer_slot(struct disk *disk, const blkif_response_t *answer)
{
    const char *name = disk->dev->name;
    if (answer->id >= RING || !disk->slots[answer->id].sent)
        xen_lie(name, "answers a request that was not made");
    struct slot *slot = &disk->slots[answer->id];
    if (answer->operation != slot->operation)
        xen_lie(name, "answers another request than was made");
    if (answer->status > BLKIF_RSP_OKAY || answer->status < BLKIF_RSP_EOPNOTSUPP)
        xen_lie(name, "answers with a status that there is not");
    for (unsigned i = 0; i < slot->grant_count; i++)
        grant_end(slot->grants[i], name);
    if (slot->to != NULL && answer->status == BLKIF_RSP_OKAY)
        xencall_copy(slot->to, bounce_page(disk, (unsigned)answer->id), slot->bounced);
    free_slot(disk, (unsigned)answer->id, answer->status != BLKIF_RSP_OKAY);
}

static void collect(struct disk *disk)
{
    if (!disk->dev->lost) {
        uint32_t end = __atomic_load_n(&disk->ring->rsp_prod, __ATOMIC_ACQUIRE);
        if (end - disk->answered > disk->told - disk->answered)
            xen_lie(disk->dev->name, "answers more than was asked");
        for (; disk->answered != end; disk->answered++) {
            const volatile blkif_response_t *shared = &disk->ring->ring[disk->answered % RING].rsp;
            blkif_response_t answer = {
                .id = shared->id, .operation = shared->operation, .status = shared->status};
            answer_slot(disk, &answer);
        }
    }
    pump(disk);
}

/* ---- Jobs ---- */

/* Returns its number, or JOBS: there is no place. */
static uint16_t add_job(struct disk *disk, const struct solo5_block_request *request, bool async)
{
    for (uint16_t i = 0; i < JOBS; i++) {
        if (disk->jobs[i].used)
            continue;
        bool flush = request->op == SOLO5_BLOCK_FLUSH;
        bool refused = disk->dev->lost || (disk->read_only && request->op != SOLO5_BLOCK_READ);
        disk->jobs[i] = (struct job){
            .cookie = request->cookie,
            .offset = request->offset,
            .buf = request->op == SOLO5_BLOCK_WRITE_ZEROES ? zeroes : request->buf,
            .left = flush ? 1 : request->size,
            .op = request->op,
            .used = true,
            .async = async,
            .failed = refused && !flush,
        };
        disk->queue[disk->queue_next++ % JOBS] = i;
        return i;
    }
    return JOBS;
}

static struct disk *disk_of(solo5_handle_t handle)
{
    return bus_device(handle)->state;
}

static solo5_result_t submit(solo5_handle_t handle, const struct mft_entry *entry,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted)
{
    (void)entry;
    struct disk *disk = disk_of(handle);
    *submitted = 0;
    if (disk->dev->lost)
        return SOLO5_R_EUNSPEC;
    for (; *submitted < count; ++*submitted)
        if (add_job(disk, &requests[*submitted], true) == JOBS)
            break;
    pump(disk);
    return *submitted == count ? SOLO5_R_OK : SOLO5_R_AGAIN;
}

static size_t complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max)
{
    struct disk *disk = disk_of(handle);
    size_t count = 0;
    collect(disk);
    while (count < max && disk->done_first != disk->done_next) {
        struct job *job = &disk->jobs[disk->done[disk->done_first++ % JOBS]];
        completions[count++] = (struct solo5_block_completion){
            .cookie = job->cookie,
            .result = job->failed ? SOLO5_R_EUNSPEC : SOLO5_R_OK,
        };
        job->used = false;
    }
    return count;
}

/* Asks to be told of the next answer. True: it is there already. */
static bool ask_for_answers(struct disk *disk)
{
    return ring_ask(&disk->ring->rsp_prod, &disk->ring->rsp_event, disk->answered);
}

/* Collects, and gives a backend up that has been silent for too long. */
static void collect_or_lose(struct disk *disk)
{
    struct xen_device *dev = disk->dev;
    collect(disk);
    if (silence_look(&disk->silence, disk->produced + disk->answered,
                     !dev->lost && disk->unused_count != RING)) {
        bus_lose(dev, "does not answer");
        collect(disk);
    }
}

/* Waits for an answer; what becomes of the backend meanwhile is seen too. */
static void wait_for_answer(struct disk *disk)
{
    if (!disk->dev->lost && !ask_for_answers(disk)) {
        event_wait_port(disk->dev->port, SLICE_NS);
        xen_look();
    }
    collect_or_lose(disk);
}

solo5_result_t blkfront_move(struct xen_device *dev, uint32_t op, solo5_off_t offset, void *buf,
                             size_t size)
{
    struct disk *disk = dev->state;
    const struct solo5_block_request request = {
        .op = op, .offset = offset, .size = size, .buf = buf};
    uint16_t number;
    while ((number = add_job(disk, &request, false)) == JOBS) {
        if (disk->done_next - disk->done_first == JOBS)
            return SOLO5_R_EUNSPEC; /* the program lets all jobs wait for itself */
        wait_for_answer(disk);
    }
    struct job *job = &disk->jobs[number];
    pump(disk);
    while (job->left != 0 || job->asked != 0)
        wait_for_answer(disk);
    job->used = false;
    return job->failed ? SOLO5_R_EUNSPEC : SOLO5_R_OK;
}

static bool ready(struct xen_device *dev, bool before)
{
    struct disk *disk = dev->state;
    collect_or_lose(disk);
    /* An answer that completes no job is no reason to wake up; the next may be. */
    while (before && !dev->lost && disk->done_first == disk->done_next && ask_for_answers(disk))
        collect(disk);
    return disk->done_first != disk->done_next;
}

static solo5_time_t wait_until(const struct xen_device *dev, solo5_time_t deadline)
{
    return silence_deadline(&((const struct disk *)dev->state)->silence, deadline);
}

static bool finished(struct xen_device *dev)
{
    struct disk *disk = dev->state;
    collect(disk);
    return disk->queue_first == disk->queue_next && disk->unused_count == RING;
}

/* ---- Opening ---- */

static bool set_up(struct xen_device *dev)
{
    struct disk *disk = xen_pages((sizeof *disk + XEN_PAGE - 1) / XEN_PAGE);
    uint64_t segments;
    char path[STORE_PATH_MAX];
    memset(disk, 0, sizeof *disk);
    dev->state = disk;
    disk->dev = dev;
    disk->ring = xen_pages(1);
    memset(disk->ring, 0, XEN_PAGE);
    disk->ring->req_event = disk->ring->rsp_event = 1;
    disk->pages = xen_pages(2 * RING);
    disk->ring_grant = grant_page(dev->domain, disk->ring, false);
    bool granted = disk->ring_grant != GRANT_NONE;
    for (uint16_t i = 0; i < RING; i++) {
        disk->unused[disk->unused_count++] = i;
        disk->bounce_grants[i] = grant_page(dev->domain, bounce_page(disk, i), false);
        disk->indirect_grants[i] = grant_page(dev->domain, indirect_page(disk, i), true);
        granted &= disk->bounce_grants[i] != GRANT_NONE && disk->indirect_grants[i] != GRANT_NONE;
    }
    if (!granted) {
        log_write(LOG_ERROR, "%s: no more pages can be granted", dev->name);
        return false;
    }
    disk->segments_max = DIRECT_MAX;
    if (bus_read_number(dev, "feature-max-indirect-segments", &segments) && segments > DIRECT_MAX)
        disk->segments_max = segments < INDIRECT_MAX ? (unsigned)segments : INDIRECT_MAX;
    bus_write(dev, "ring-ref", disk->ring_grant);
    bus_write(dev, "event-channel", dev->port);
    store_path(path, dev->node, "protocol");
    return store_write(path, XEN_IO_PROTO_ABI_NATIVE);
}

static bool begin(struct xen_device *dev, struct mft_entry *entry)
{
    struct disk *disk = dev->state;
    uint64_t sectors, size, info = 0;
    uint64_t bytes;
    char mode[8];
    if (!bus_read_number(dev, "sectors", &sectors) || !bus_read_number(dev, "sector-size", &size) ||
        __builtin_mul_overflow(sectors, SECTOR, &bytes) || bytes == 0) {
        log_write(LOG_ERROR, "%s: its backend does not say how large it is", dev->name);
        return false;
    }
    if (size < SECTOR || size > XEN_PAGE || (size & (size - 1)) != 0) {
        log_write(LOG_ERROR, "%s: has sectors of %llu bytes; must be 512, 1024, 2048 or 4096",
                  dev->name, (unsigned long long)size);
        return false;
    }
    bus_read_number(dev, "info", &info);
    disk->read_only = (info & VDISK_READONLY) != 0 ||
                      (bus_read(dev, "mode", mode, sizeof mode) && string_equal(mode, "r"));
    disk->block_size = (uint16_t)size;
    disk->io = (struct block_io){
        .features = 1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE | 1 << SOLO5_BLOCK_WRITE_ZEROES |
                    bus_flag(dev, "feature-flush-cache") << SOLO5_BLOCK_FLUSH |
                    bus_flag(dev, "feature-discard") << SOLO5_BLOCK_DISCARD,
        .depth = JOBS,
        .submit = submit,
        .complete = complete,
    };
    entry->u.block_basic.capacity = bytes & ~(size - 1);
    entry->u.block_basic.block_size = (uint16_t)size;
    return true;
}

/* Takes back what the slot's request was lent. False: the backend uses some of it still. */
static bool take_back(struct slot *slot)
{
    while (slot->grant_count != 0 && grant_take_back(slot->grants[slot->grant_count - 1]))
        slot->grant_count--;
    return slot->grant_count == 0;
}

/* What is under way fails. Its memory is the program's again, so no backend may have it any more:
 * one that does not let go ends the program. */
static void fail_slot(struct disk *disk, unsigned number, solo5_time_t end)
{
    struct slot *slot = &disk->slots[number];
    while (!take_back(slot)) {
        if (target_clock_monotonic() > end)
            xen_lie(disk->dev->name, "has the program's memory and does not let go of it");
        event_wait_port(disk->dev->port, LOOK_NS);
    }
    free_slot(disk, number, true);
}

/* A backend that is about to go answers what it has been asked, as long as it is not told that it
 * is alone: so the program learns what became of its requests. */
static void drain(struct xen_device *dev)
{
    struct disk *disk = dev->state;
    solo5_time_t end = target_clock_monotonic() + SILENCE_MAX_NS;
    disk->closing = true;
    collect(disk);
    while (disk->unused_count != RING && target_clock_monotonic() < end) {
        event_wait_port(dev->port, LOOK_NS);
        collect(disk);
    }
}

static void lost(struct xen_device *dev)
{
    struct disk *disk = dev->state;
    solo5_time_t end = target_clock_monotonic() + SILENCE_MAX_NS;
    for (unsigned i = 0; i < RING; i++)
        if (disk->slots[i].sent)
            fail_slot(disk, i, end);
    /* These pages are used for nothing else: a backend that has them still may keep them. */
    grant_take_back(disk->ring_grant);
    for (unsigned i = 0; i < RING; i++) {
        grant_take_back(disk->bounce_grants[i]);
        grant_take_back(disk->indirect_grants[i]);
    }
}

const struct block_io *blkfront_io(struct xen_device *dev)
{
    return &((struct disk *)dev->state)->io;
}

const struct xen_driver blkfront = {
    .class = "vbd",
    .noun = "disk",
    .mft_type = MFT_DEV_BLOCK_BASIC,
    .connected = XenbusStateInitialised,
    .grants = DISK_GRANTS,
    .set_up = set_up,
    .start = begin,
    .drain = drain,
    .lost = lost,
    .ready = ready,
    .wait_until = wait_until,
    .finished = finished,
};
