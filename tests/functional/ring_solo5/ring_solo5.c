/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A guest for Solo5's own ring of hvt, which the tender offers to images without
 * our note: entries that no guest of good will makes, one a run, named by the first
 * word of the command line. The tender must end the guest, or do without what
 * makes no sense.
 */
#include <hvt_abi.h>

#include "test.h"

/* The manifest has a disk, then a network. */
#define DISK    1
#define NETWORK 2

#define TEXT  0x100000ULL
#define FAR   0x7ffffff000ULL /* above any guest's memory */
#define WRITE HVT_NET_RING_WRITE
#define READ  HVT_NET_RING_READ

static uint8_t buffer[4096] __attribute__((aligned(4096)));

#define BUFFER ((uint64_t)buffer)

static struct hvt_net_ring *ring;

static void out(unsigned port, uint32_t value)
{
    __asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"((uint16_t)port) : "memory");
}

static void kick(void)
{
    out(HVT_NET_RING_KICK_PIO_BASE, 0);
}

/* Gives the tender time. */
static void wait_a_while(unsigned milliseconds)
{
    solo5_time_t end = solo5_clock_monotonic() + milliseconds * NSEC_PER_MSEC;

    while (solo5_clock_monotonic() < end) {
        struct hvt_hc_poll poll = {.timeout_nsecs = NSEC_PER_MSEC};
        out(HVT_HYPERCALL_PIO_BASE + HVT_HYPERCALL_POLL, (uint32_t)(uint64_t)&poll);
    }
}

static bool reached(const uint32_t *index, uint32_t value)
{
    for (unsigned i = 0; i < 5000 && __atomic_load_n(index, __ATOMIC_ACQUIRE) != value; i++) {
        wait_a_while(1);
    }
    return __atomic_load_n(index, __ATOMIC_ACQUIRE) == value;
}

/* Adds an entry as a guest of good will does, but for what is in it. */
static void add(const struct hvt_net_ring_entry *entry)
{
    ring->entries[ring->entry_tail % HVT_NET_RING_SIZE] = *entry;
    __atomic_store_n(&ring->entry_tail, ring->entry_tail + 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->needs_kick, __ATOMIC_SEQ_CST)) {
        kick();
    }
}

/* ---- Entries that make no sense */

static const struct bad {
    const char *name;
    struct hvt_net_ring_entry entry;
    uint32_t tail;
} bads[] = {
    {"tail-jump", {WRITE, NETWORK, BUFFER, 60, 0, 0}, HVT_NET_RING_SIZE + 1},
    {"tail-back", {WRITE, NETWORK, BUFFER, 60, 0, 0}, UINT32_MAX},
    {"operation-0", {0, NETWORK, BUFFER, 60, 0, 0}, 1},
    {"operation-wild", {0x80000001, NETWORK, BUFFER, 60, 0, 0}, 1},
    {"handle-0", {WRITE, 0, BUFFER, 60, 0, 0}, 1},
    {"handle-disk", {READ, DISK, BUFFER, 2048, 0, 0}, 1},
    {"handle-wild", {WRITE, UINT32_MAX, BUFFER, 60, 0, 0}, 1},
    {"write-far", {WRITE, NETWORK, FAR, 60, 0, 0}, 1},
    {"write-wraps", {WRITE, NETWORK, UINT64_MAX - 8, 60, 0, 0}, 1},
    {"write-len-huge", {WRITE, NETWORK, BUFFER, UINT32_MAX, 0, 0}, 1},
    {"write-tender", {WRITE, NETWORK, 0x1000, 60, 0, 0}, 1},
    {"read-far", {READ, NETWORK, FAR, 2048, 0, 0}, 1},
    {"read-wraps", {READ, NETWORK, UINT64_MAX - 8, 2048, 0, 0}, 1},
    {"read-len-huge", {READ, NETWORK, BUFFER, UINT32_MAX, 0, 0}, 1},
    {"read-text", {READ, NETWORK, TEXT, 2048, 0, 0}, 1},
    {"read-boot-info", {READ, NETWORK, HVT_BOOT_INFO_BASE, 2048, 0, 0}, 1},
};

static void bad_entry(const char *name)
{
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        if (after_word(name, bads[i].name)) {
            ring->entries[0] = bads[i].entry;
            __atomic_store_n(&ring->entry_tail, bads[i].tail, __ATOMIC_SEQ_CST);
            kick();
            wait_a_while(5000);
        }
    }
}

/* ---- What is answered */

static int32_t result_of(const struct hvt_net_ring_entry *entry)
{
    const struct hvt_net_ring_commit *commit;

    add(entry);
    EXPECT(reached(&ring->commit_tail, ring->commit_head + 1));
    commit = &ring->commits[ring->commit_head++ % HVT_NET_RING_SIZE];
    EXPECT(commit->id == entry->id);
    EXPECT((commit->len != 0) == (commit->ret == SOLO5_R_OK));
    return commit->ret;
}

/* After what frames there are of the host's own. */
static void read_nothing(void)
{
    struct hvt_net_ring_entry read = {READ, NETWORK, BUFFER, 2048, 77, 0};
    int32_t result = SOLO5_R_OK;

    for (unsigned i = 0; i < 100 && result == SOLO5_R_OK; i++) {
        read.id++;
        result = result_of(&read);
    }
    EXPECT(result == SOLO5_R_AGAIN);
}

static void read_short(void)
{
    const struct hvt_net_ring_entry read = {READ, NETWORK, BUFFER, 1513, 78, 0};

    EXPECT(result_of(&read) == SOLO5_R_EINVAL);
}

/* Lost, without a word: as the ring has it, nothing comes back. */
static void write_no_frame(void)
{
    static const uint32_t lens[] = {0, 13, 1515, 4096};

    for (unsigned i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        const struct hvt_net_ring_entry entry = {WRITE, NETWORK, BUFFER, lens[i], 0, 0};
        add(&entry);
    }
    EXPECT(reached(&ring->entry_head, 4));
    EXPECT(ring->commit_tail == 0);
    read_nothing();
}

/* ---- What is legal and a nuisance */

static void flood(void)
{
    for (unsigned i = 0; i < 40000; i++) {
        kick();
    }
    read_nothing();
}

/* Far more reads than there are places for their commits, which are never looked at. */
static void never_consume(void)
{
    const struct hvt_net_ring_entry read = {READ, NETWORK, BUFFER, 2048, 0, 0};

    for (uint32_t i = 1; i <= 5000; i++) {
        add(&read);
        if (i % HVT_NET_RING_SIZE == 0 || i == 5000) {
            EXPECT(reached(&ring->entry_head, i));
        }
    }
    EXPECT(ring->commit_tail == 5000);
}

/* Writes to what is the tender's: it goes on by what it knows itself. */
static void overwrite(void)
{
    const struct hvt_net_ring_entry read = {READ, NETWORK, BUFFER, 2048, 0, 0};

    for (uint32_t i = 1; i <= 2000; i++) {
        ring->entry_head = ring->commit_tail = UINT32_MAX - i;
        ring->commit_head = i * 77;
        ring->needs_kick = 1;
        add(&read);
        EXPECT(reached(&ring->commit_tail, i));
        EXPECT(ring->entry_head == i);
    }
}

/* Changes entries that are being read, for a second; either way they make sense. */
static void change(void)
{
    solo5_time_t end = solo5_clock_monotonic() + NSEC_PER_SEC;
    volatile struct hvt_net_ring_entry *entries = ring->entries;
    uint32_t tail = 0;

    for (unsigned i = 0; i < HVT_NET_RING_SIZE; i++) {
        ring->entries[i] = (struct hvt_net_ring_entry){WRITE, NETWORK, BUFFER, 60, i, 0};
    }
    while (solo5_clock_monotonic() < end) {
        volatile struct hvt_net_ring_entry *entry = &entries[tail % HVT_NET_RING_SIZE];

        if (tail - __atomic_load_n(&ring->entry_head, __ATOMIC_ACQUIRE) < HVT_NET_RING_SIZE) {
            __atomic_store_n(&ring->entry_tail, ++tail, __ATOMIC_SEQ_CST);
            kick();
        }
        entry->operation = READ;
        entry->len = 2048;
        entry->data = BUFFER + 64;
        entry->operation = WRITE;
        entry->len = 60;
        entry->data = BUFFER;
    }
    EXPECT(tail > HVT_NET_RING_SIZE || reached(&ring->entry_head, tail));
}

/* The ring itself is the guest's memory, and may be what is sent or read into. */
static void itself(void)
{
    const struct hvt_net_ring_entry write = {WRITE, NETWORK, (uint64_t)ring, 1514, 0, 0};
    const struct hvt_net_ring_entry read = {READ, NETWORK, (uint64_t)ring->commits, 2048, 9, 0};

    add(&write);
    add(&read);
    EXPECT(reached(&ring->commit_tail, 1));
}

static const struct {
    const char *name;
    void (*run)(void);
} legal[] = {
    {"read-nothing", read_nothing},     {"read-short", read_short},
    {"write-no-frame", write_no_frame}, {"flood", flood},
    {"overwrite", overwrite},           {"change", change},
    {"never-consume", never_consume},   {"itself", itself},
};

static bool is_legal(const char *name)
{
    for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++) {
        if (after_word(name, legal[i].name)) {
            legal[i].run();
            return true;
        }
    }
    return false;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    const struct hvt_boot_info *boot = (const struct hvt_boot_info *)HVT_BOOT_INFO_BASE;

    if (after_word(info->cmdline, "absent")) {
        EXPECT(boot->host_features == 0 && boot->net_ring == 0);
        return test_success();
    }
    EXPECT(boot->host_features == 1 << HVT_HOST_NET_RING);
    EXPECT(boot->net_ring == boot->mem_size);
    ring = (struct hvt_net_ring *)boot->net_ring;
    if (is_legal(info->cmdline)) {
        return test_success();
    }
    say("about to call\n");
    bad_entry(info->cmdline);
    say("FAILED: no such thing, or it was taken\n");
    return TEST_FAILED;
}
