/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A hostile guest for the rings of hvt: queues in impossible places, and requests
 * that no guest of good will makes, one a run, named by the first word of the
 * command line. The tender must end the guest, or do without what makes no sense.
 */
#include <hvt_abi.h>

#include "test.h"

/* The manifest has a disk, then a network. */
#define DISK    0
#define RECEIVE 1
#define SEND    2

#define SIZE 8
#define TEXT 0x100000ULL
#define FAR  0x7ffffff000ULL /* above any guest's memory */
#define NEXT HVT_RING_DESC_NEXT
#define IN   HVT_RING_DESC_WRITE

static struct {
    struct hvt_ring_desc desc[SIZE];
    struct {
        uint16_t flags, index;
        struct hvt_ring_used items[SIZE];
        uint16_t avail_event;
    } used;
    struct {
        uint16_t flags, index, items[SIZE], used_event;
    } avail;
} rings[3] __attribute__((aligned(4096)));

static uint8_t buffer[4096] __attribute__((aligned(4096)));

#define BUFFER ((uint64_t)buffer)
#define STATUS (BUFFER + 4000)
#define READ                                                  \
    {BUFFER, 16, NEXT, 1}, {BUFFER + 512, 512, NEXT | IN, 2}, \
    {                                                         \
        STATUS, 1, IN, 0                                      \
    }

static void out(unsigned port, uint32_t value)
{
    __asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"((uint16_t)port) : "memory");
}

static struct hvt_hc_ring_setup place(unsigned queue)
{
    return (struct hvt_hc_ring_setup){
        .queue = queue,
        .size = SIZE,
        .desc = (uint64_t)rings[queue % 3].desc,
        .avail = (uint64_t)&rings[queue % 3].avail,
        .used = (uint64_t)&rings[queue % 3].used,
    };
}

static void set_up(struct hvt_hc_ring_setup setup)
{
    setup.ret = -1;
    out(HVT_HYPERCALL_PIO_BASE + HVT_HYPERCALL_RING_SETUP, (uint32_t)(uint64_t)&setup);
    EXPECT(setup.ret == SOLO5_R_OK);
}

static void kick(unsigned queue)
{
    out(HVT_RING_KICK_PIO_BASE + queue, 0);
}

/* Gives the tender time; the network may have frames of the host's own, which end a POLL. */
static void wait_a_while(unsigned milliseconds)
{
    solo5_time_t end = solo5_clock_monotonic() + milliseconds * NSEC_PER_MSEC;

    while (solo5_clock_monotonic() < end) {
        struct hvt_hc_poll poll = {.timeout_nsecs = NSEC_PER_MSEC};
        out(HVT_HYPERCALL_PIO_BASE + HVT_HYPERCALL_POLL, (uint32_t)(uint64_t)&poll);
    }
}

static uint16_t used_index(unsigned queue)
{
    return __atomic_load_n(&rings[queue].used.index, __ATOMIC_ACQUIRE);
}

static bool wait_for_used(unsigned queue, uint16_t index)
{
    for (unsigned i = 0; i < 5000 && used_index(queue) != index; i++) {
        wait_a_while(1);
    }
    return used_index(queue) == index;
}

/* ---- Interrupts of the processor to itself that take it out of 64-bit mode */

#define ICR  0x830 /* SDM vol. 3, 11.12.9 */
#define SMI  (2U << 8 | 1U << 14)
#define INIT (5U << 8 | 1U << 14)

/* To the processor 0: there is no other. */
static void interrupt_self(uint32_t mode)
{
    __asm__ volatile("wrmsr" : : "c"(ICR), "a"(mode), "d"(0) : "memory");
    wait_a_while(5000);
}

static void leave_mode(const char *name)
{
    if (after_word(name, "self-init")) {
        interrupt_self(INIT);
    } else if (after_word(name, "self-smi")) {
        interrupt_self(SMI);
    }
}

/* ---- Queues that cannot be */

static void bad_place(const char *name)
{
    struct hvt_hc_ring_setup setup = place(SEND);

    if (after_word(name, "queue-3")) {
        setup.queue = 3;
    } else if (after_word(name, "queue-wild")) {
        setup.queue = UINT32_MAX;
    } else if (after_word(name, "size-0")) {
        setup.size = 0;
    } else if (after_word(name, "size-odd")) {
        setup.size = 7;
    } else if (after_word(name, "size-huge")) {
        setup.size = 1U << 31;
    } else if (after_word(name, "desc-odd")) {
        setup.desc += 8;
    } else if (after_word(name, "desc-far")) {
        setup.desc = FAR;
    } else if (after_word(name, "avail-wraps")) {
        setup.avail = UINT64_MAX - 1;
    } else if (after_word(name, "used-text")) {
        setup.used = TEXT;
    } else if (after_word(name, "used-boot-info")) {
        setup.used = HVT_BOOT_INFO_BASE;
    } else if (after_word(name, "twice")) {
        set_up(setup);
    } else {
        return;
    }
    set_up(setup);
}

/* ---- Chains that make no sense */

static const struct bad {
    const char *name;
    unsigned queue;
    struct hvt_ring_desc desc[3];
    uint16_t head, index;
} bads[] = {
    {"index-jump", SEND, {{BUFFER, 72, 0, 0}}, 0, SIZE + 1},
    {"index-back", SEND, {{BUFFER, 72, 0, 0}}, 0, UINT16_MAX},
    {"head-wild", SEND, {{BUFFER, 72, 0, 0}}, SIZE, 1},
    {"next-wild", SEND, {{BUFFER, 12, NEXT, 0xfffe}}, 0, 1},
    {"loop", SEND, {{BUFFER, 12, NEXT, 1}, {BUFFER, 60, NEXT, 0}}, 0, 1},
    {"loop-receive", RECEIVE, {{BUFFER, 12, NEXT | IN, 0}}, 0, 1},
    {"indirect", SEND, {{BUFFER, 32, HVT_RING_DESC_INDIRECT, 0}}, 0, 1},
    {"send-far", SEND, {{FAR, 72, 0, 0}}, 0, 1},
    {"send-wraps", SEND, {{UINT64_MAX - 8, 72, 0, 0}}, 0, 1},
    {"send-len-huge", SEND, {{BUFFER, UINT32_MAX, 0, 0}}, 0, 1},
    {"send-tender", SEND, {{0x1000, 72, 0, 0}}, 0, 1},
    {"send-nothing", SEND, {{BUFFER, 0, 0, 0}}, 0, 1},
    {"send-head-only", SEND, {{BUFFER, 12, 0, 0}}, 0, 1},
    {"send-writable", SEND, {{BUFFER, 72, IN, 0}}, 0, 1},
    {"send-long", SEND, {{BUFFER, 12, NEXT, 1}, {0x200000, 70000, 0, 0}}, 0, 1},
    {"receive-readable", RECEIVE, {{BUFFER, 2000, 0, 0}}, 0, 1},
    {"receive-short", RECEIVE, {{BUFFER, 12, IN, 0}}, 0, 1},
    {"receive-text", RECEIVE, {{TEXT, 2000, IN, 0}}, 0, 1},
    {"receive-boot-info", RECEIVE, {{HVT_BOOT_INFO_BASE, 2000, IN, 0}}, 0, 1},
    {"receive-wraps", RECEIVE, {{UINT64_MAX - 100, 2000, IN, 0}}, 0, 1},
    {"block-one", DISK, {{BUFFER, 16, 0, 0}}, 0, 1},
    {"block-head-short", DISK, {{BUFFER, 8, NEXT, 1}, {STATUS, 1, IN, 0}}, 0, 1},
    {"block-status-long", DISK, {{BUFFER, 16, NEXT, 1}, {STATUS, 2, IN, 0}}, 0, 1},
    {"block-into-text",
     DISK,
     {{BUFFER, 16, NEXT, 1}, {TEXT, 512, NEXT | IN, 2}, {STATUS, 1, IN, 0}},
     0,
     1},
    {"block-backwards", DISK, {{STATUS, 1, NEXT | IN, 1}, {BUFFER, 16, 0, 0}}, 0, 1},
};

static void offer(unsigned queue, const struct hvt_ring_desc *desc, uint16_t head, uint16_t index)
{
    for (unsigned i = 0; i < 3; i++) {
        rings[queue].desc[i] = desc[i];
    }
    rings[queue].avail.items[0] = head;
    __atomic_store_n(&rings[queue].avail.index, index, __ATOMIC_SEQ_CST);
    kick(queue);
}

static void bad_chain(const char *name)
{
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        if (after_word(name, bads[i].name)) {
            set_up(place(bads[i].queue));
            offer(bads[i].queue, bads[i].desc, bads[i].head, bads[i].index);
            wait_a_while(5000);
        }
    }
}

/* ---- Requests that the disk does not do */

static const struct {
    const char *name;
    struct hvt_block_head head;
    uint8_t status;
} requests[] = {
    {"block-in-bounds", {.type = HVT_BLOCK_READ, .sector = 255}, HVT_BLOCK_OK},
    {"block-after-end", {.type = HVT_BLOCK_READ, .sector = 256}, HVT_BLOCK_FAILED},
    {"block-sector-wraps", {.type = HVT_BLOCK_READ, .sector = 1ULL << 55}, HVT_BLOCK_FAILED},
    {"block-sector-huge", {.type = HVT_BLOCK_READ, .sector = UINT64_MAX}, HVT_BLOCK_FAILED},
    {"block-write-to-read", {.type = HVT_BLOCK_WRITE, .sector = 0}, HVT_BLOCK_UNKNOWN},
    {"block-unknown", {.type = 77, .sector = 0}, HVT_BLOCK_UNKNOWN},
};

static bool answered(const char *name)
{
    static const struct hvt_ring_desc read[] = {READ};

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (after_word(name, requests[i].name)) {
            set_up(place(DISK));
            memcpy(buffer, &requests[i].head, sizeof requests[i].head);
            buffer[STATUS - BUFFER] = 99;
            offer(DISK, read, 0, 1);
            EXPECT(wait_for_used(DISK, 1));
            EXPECT(buffer[STATUS - BUFFER] == requests[i].status);
            return true;
        }
    }
    return false;
}

/* No flag of a range is known: nothing is taken away. */
static void range_flags(void)
{
    static const struct hvt_ring_desc discard[] = {
        {BUFFER, 16, NEXT, 1}, {BUFFER + 512, 16, NEXT, 2}, {STATUS, 1, IN, 0}};
    struct hvt_block_head head = {.type = HVT_BLOCK_DISCARD};
    struct hvt_block_range range = {.count = 1, .flags = 2};

    set_up(place(DISK));
    memcpy(buffer, &head, sizeof head);
    memcpy(buffer + 512, &range, sizeof range);
    offer(DISK, discard, 0, 1);
    EXPECT(wait_for_used(DISK, 1));
    EXPECT(buffer[STATUS - BUFFER] == HVT_BLOCK_UNKNOWN);
}

/* ---- What is legal and a nuisance */

/* Notices without end, of queues with nothing in them and of one that is not there yet. */
static void flood(void)
{
    set_up(place(SEND));
    for (unsigned i = 0; i < 20000; i++) {
        kick(SEND);
        kick(RECEIVE);
    }
}

/* Offers the same chain again and again, and never looks at what comes back. */
static void never_consume(void)
{
    static const struct hvt_ring_desc read[] = {READ};

    set_up(place(DISK));
    memset(&rings[DISK].used, 0xff, sizeof rings[DISK].used);
    for (unsigned i = 1; i <= 1000; i++) {
        offer(DISK, read, 0, (uint16_t)i);
        wait_for_used(DISK, (uint16_t)i);
    }
}

/* Changes a chain that is being read, for a second; either way it makes sense. */
static void change(void)
{
    solo5_time_t end = solo5_clock_monotonic() + NSEC_PER_SEC;
    volatile struct hvt_ring_desc *desc = rings[SEND].desc;
    uint16_t index = 0;

    set_up(place(SEND));
    for (unsigned i = 0; i < SIZE; i++) {
        desc[i].addr = BUFFER;
        desc[i].len = 72;
    }
    while (solo5_clock_monotonic() < end) {
        if ((uint16_t)(index - used_index(SEND)) < SIZE) {
            __atomic_store_n(&rings[SEND].avail.index, ++index, __ATOMIC_RELEASE);
            kick(SEND);
        }
        desc[0].len = 1512;
        desc[0].addr = BUFFER + 64;
        rings[SEND].avail.items[index % SIZE] ^= 1;
        desc[0].len = 72;
        desc[0].addr = BUFFER;
    }
}

static bool legal(const char *name)
{
    if (after_word(name, "flood")) {
        flood();
    } else if (after_word(name, "never-consume")) {
        never_consume();
    } else if (after_word(name, "block-range-flags")) {
        range_flags();
    } else if (after_word(name, "change")) {
        change();
    } else {
        return false;
    }
    return true;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    if (answered(info->cmdline) || legal(info->cmdline)) {
        return test_success();
    }
    say("about to call\n");
    if (after_word(info->cmdline, "kick-3")) {
        kick(3);
    }
    leave_mode(info->cmdline);
    bad_place(info->cmdline);
    bad_chain(info->cmdline);
    say("FAILED: no such thing, or it was taken\n");
    return TEST_FAILED;
}
