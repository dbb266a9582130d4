/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a hostile program can do with the io_uring that spt gives it: by the kernel's
 * own interface (io_uring(7)), past the bindings. The command line says what to try;
 * the driver looks at the disks afterwards.
 */
#include <elf_abi.h>
#include <mft_abi.h>
#include <spt_abi.h>

#include "test.h"

/* Linux's numbers for x86_64. */
enum number {
    NR_FDATASYNC = 75,
    NR_FSYNC = 74,
    NR_FALLOCATE = 285,
    NR_IO_URING_SETUP = 425,
    NR_IO_URING_ENTER = 426,
    NR_IO_URING_REGISTER = 427
};

#define EBADF  9
#define EACCES 13
#define EFBIG  27

#define OP_FSYNC     3
#define OP_FALLOCATE 17
#define OP_READ      22
#define OP_WRITE     23
#define OP_COUNT     128

#define FIXED_FILE      1
#define RWF_APPEND      0x10
#define GETEVENTS       1
#define EXT_ARG         8
#define FALLOCATE_PLAIN 0
#define FALLOCATE_KEEP  1
#define FALLOCATE_PUNCH 3

#define FLOOD_ENTRIES 2000000
#define FLOOD_NSEC    (10 * NSEC_PER_SEC)

struct sqe {
    uint8_t opcode, flags;
    uint16_t ioprio;
    int32_t fd;
    uint64_t offset, addr;
    uint32_t len, op_flags;
    uint64_t user_data;
    uint16_t buffer, personality;
    uint32_t file_index;
    uint64_t rest[2];
};

struct cqe {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

static uint8_t buffer[8192] __attribute__((aligned(4096)));
static const struct spt_uring *uring;
static uint64_t capacity;

static long call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    long result;
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = 8; /* the size of a signal mask */

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static volatile uint32_t *word(uint64_t addr)
{
    return (volatile uint32_t *)addr;
}

/* What the kernel says to one entry. */
static int32_t result_of(struct sqe entry)
{
    uint32_t tail = *word(uring->sq_tail), head = *word(uring->cq_head);
    const struct cqe *cqes = (const struct cqe *)uring->cqes;
    int32_t result;

    ((struct sqe *)uring->sqes)[tail & (uring->sq_entries - 1)] = entry;
    __atomic_store_n(word(uring->sq_tail), tail + 1, __ATOMIC_RELEASE);
    EXPECT(call(NR_IO_URING_ENTER, (uint64_t)uring->fd, 1, 1, GETEVENTS, 0) == 1);
    EXPECT(__atomic_load_n(word(uring->cq_tail), __ATOMIC_ACQUIRE) == head + 1);
    result = cqes[head & (uring->cq_entries - 1)].result;
    *word(uring->cq_head) = head + 1;
    return result;
}

static struct sqe entry(uint8_t opcode, uint64_t offset, uint32_t len)
{
    return (struct sqe){.opcode = opcode,
                        .flags = FIXED_FILE,
                        .offset = offset,
                        .addr = (uintptr_t)buffer,
                        .len = len};
}

/* Nothing beyond the end, by any way of saying where. */
static void check_offsets(void)
{
    static const uint64_t far[] = {1ULL << 32, 1ULL << 40, 1ULL << 62, INT64_MAX - 4096};
    struct sqe append = entry(OP_WRITE, 0, 4096);

    memset(buffer, 0xaa, sizeof buffer);
    EXPECT(result_of(entry(OP_WRITE, 0, 4096)) == 4096);
    EXPECT(result_of(entry(OP_WRITE, capacity - 4096, 4096)) == 4096);
    EXPECT(result_of(entry(OP_WRITE, capacity, 4096)) == -EFBIG);
    EXPECT(result_of(entry(OP_WRITE, capacity, 1)) == -EFBIG);
    EXPECT(result_of(entry(OP_WRITE, capacity - 512, 4096)) == 512);
    append.op_flags = RWF_APPEND;
    EXPECT(result_of(append) == -EFBIG);
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        EXPECT(result_of(entry(OP_WRITE, far[i], 4096)) < 0);
        EXPECT(result_of(entry(OP_READ, far[i], 4096)) <= 0);
    }
    /* At the file's own position, which such a write moves, until it is at the end. */
    for (uint64_t at = 0; at < capacity; at += sizeof buffer) {
        EXPECT(result_of(entry(OP_WRITE, UINT64_MAX, sizeof buffer)) == sizeof buffer);
    }
    EXPECT(result_of(entry(OP_WRITE, UINT64_MAX, sizeof buffer)) == -EFBIG);
    EXPECT(result_of(entry(OP_READ, capacity - 512, 4096)) == 512);
    EXPECT(result_of(entry(OP_READ, capacity, 4096)) == 0);
}

/* Nothing but the two operations, on the files that are registered. */
static void check_operations(void)
{
    struct sqe other = entry(OP_READ, 0, 512);

    for (unsigned i = 0; i < OP_COUNT; i++) {
        if (i != OP_READ && i != OP_WRITE) {
            EXPECT(result_of(entry((uint8_t)i, 0, 512)) < 0);
        }
    }
    EXPECT(result_of(entry(OP_FALLOCATE, 0, 0)) == -EACCES);
    EXPECT(result_of((struct sqe){.opcode = OP_FSYNC, .flags = FIXED_FILE}) == -EACCES);
    /* Every other flag, and none. */
    for (unsigned i = 0; i < 256; i++) {
        if (i != FIXED_FILE) {
            other.flags = (uint8_t)i;
            EXPECT(result_of(other) < 0);
        }
    }
    /* A descriptor instead of a file's index, a file that is not there. */
    other.flags = 0;
    for (other.fd = 0; other.fd < 16; other.fd++) {
        EXPECT(result_of(other) == -EACCES);
    }
    other.flags = FIXED_FILE;
    for (other.fd = 2; other.fd < 256; other.fd++) {
        EXPECT(result_of(other) == -EBADF);
    }
    other.fd = -1;
    EXPECT(result_of(other) == -EBADF);
    other.fd = 0, other.personality = 1;
    EXPECT(result_of(other) < 0);
    /* Memory that is not there, or not the program's to write. */
    other.personality = 0, other.addr = 0;
    EXPECT(result_of(other) < 0);
    other.addr = SPT_BOOT_INFO_BASE;
    EXPECT(result_of(other) < 0);
    other.addr = UINT64_MAX - 4096;
    EXPECT(result_of(other) < 0);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

/* Indices, entries and the kernel's own fields of the ring, all at random. */
static void make_nonsense(void)
{
    uint64_t state = 88172645463325252ULL;
    volatile uint64_t *entries = (volatile uint64_t *)uring->sqes;

    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof(struct sqe) / 8 * 8; i++) {
            entries[i] = next_random(&state);
        }
        /* Some with an operation that is allowed, on memory that is there. */
        for (size_t i = 0; i < 8 && round % 2; i++) {
            ((struct sqe *)uring->sqes)[i] =
                entry(i % 2 ? OP_READ : OP_WRITE, next_random(&state), 512);
            ((struct sqe *)uring->sqes)[i].op_flags = (uint32_t)next_random(&state) & 0x7f;
        }
        *word(uring->sq_tail) = (uint32_t)next_random(&state);
        *word(uring->cq_head) = (uint32_t)next_random(&state);
        if (round % 3 == 0) {
            *word(uring->sq_head) = (uint32_t)next_random(&state);
            *word(uring->cq_tail) = (uint32_t)next_random(&state);
        }
        call(NR_IO_URING_ENTER, (uint64_t)uring->fd, (uint32_t)next_random(&state), 0,
             round & GETEVENTS, 0);
    }
    for (volatile uint8_t *at = (volatile uint8_t *)(uring->sq_head & ~4095ULL), *end = at + 4096;
         at < end; at++) {
        *at = 0xff;
    }
    call(NR_IO_URING_ENTER, (uint64_t)uring->fd, UINT32_MAX, 0, GETEVENTS, 0);
}

/* More entries than a control group of the driver has room for, and completions that nobody takes.
 * It may end the program. */
static void flood(uint8_t opcode)
{
    solo5_time_t end = solo5_clock_monotonic() + FLOOD_NSEC;
    long sent = 0;

    for (uint32_t i = 0; i < uring->sq_entries; i++) {
        ((struct sqe *)uring->sqes)[i] = entry(opcode, 0, sizeof buffer);
    }
    while (sent < FLOOD_ENTRIES && solo5_clock_monotonic() < end) {
        uint32_t tail = *word(uring->sq_head) + uring->sq_entries;

        __atomic_store_n(word(uring->sq_tail), tail, __ATOMIC_RELEASE);
        sent += call(NR_IO_URING_ENTER, (uint64_t)uring->fd, uring->sq_entries, 0, 0, 0);
    }
}

/* Calls that end the program; (a) to (e) with the ring, a disk and standard output for fds. */
enum fd { RING, DISK, STDOUT };

static const struct {
    const char *name;
    long number;
    enum fd fd;
    uint64_t b, c, d, e;
} killed[] = {
    {"setup", NR_IO_URING_SETUP, STDOUT, 0, 0, 0, 0},
    {"register", NR_IO_URING_REGISTER, RING, 0, 0, 0, 0},
    {"enter-other", NR_IO_URING_ENTER, DISK, 0, 0, 0, 0},
    {"enter-flags", NR_IO_URING_ENTER, RING, 0, 0, EXT_ARG, 0},
    {"enter-registered", NR_IO_URING_ENTER, RING, 0, 0, 1 << 4, 0},
    {"enter-mask", NR_IO_URING_ENTER, RING, 0, 0, GETEVENTS, (uintptr_t)buffer},
    {"enter-mask-high", NR_IO_URING_ENTER, RING, 0, 0, 0, 1ULL << 32},
    {"fsync", NR_FSYNC, DISK, 0, 0, 0, 0},
    {"fdatasync-other", NR_FDATASYNC, STDOUT, 0, 0, 0, 0},
    {"fallocate-plain", NR_FALLOCATE, DISK, FALLOCATE_PLAIN, 0, 4096, 0},
    {"fallocate-keep", NR_FALLOCATE, DISK, FALLOCATE_KEEP, 0, 4096, 0},
    {"fallocate-collapse", NR_FALLOCATE, DISK, 8, 0, 4096, 0},
    {"fallocate-insert", NR_FALLOCATE, DISK, 0x20, 0, 4096, 0},
    {"fallocate-zero", NR_FALLOCATE, DISK, 0x11, 0, 4096, 0},
    {"fallocate-other", NR_FALLOCATE, STDOUT, FALLOCATE_PUNCH, 0, 4096, 0},
};

static void call_killed(const char *name, uint64_t disk)
{
    const uint64_t fds[] = {[RING] = (uint64_t)uring->fd, [DISK] = disk, [STDOUT] = 1};

    for (size_t i = 0; i < sizeof killed / sizeof killed[0]; i++) {
        if (after_word(name, killed[i].name)) {
            say("about to call\n");
            call(killed[i].number, fds[killed[i].fd], killed[i].b, killed[i].c, killed[i].d,
                 killed[i].e);
            say("FAILED: still alive\n");
            solo5_exit(TEST_FAILED);
        }
    }
}

/* Taking blocks away is allowed anywhere: there are none after the end. */
static void punch(uint64_t disk)
{
    static const uint64_t at[] = {0, 65536, 1ULL << 20, 1ULL << 40};

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        call(NR_FALLOCATE, disk, FALLOCATE_PUNCH, at[i], 1ULL << 40, 0);
    }
    EXPECT(call(NR_FALLOCATE, disk, FALLOCATE_PUNCH, 0, 4096, 0) == 0);
    EXPECT(call(NR_FDATASYNC, disk, 0, 0, 0, 0) == 0);
}

int solo5_app_main(const struct solo5_start_info *start)
{
    const struct spt_boot_info *boot = (const struct spt_boot_info *)SPT_BOOT_INFO_BASE;
    const struct mft *mft = (const struct mft *)boot->mft;
    uint64_t disk = (uint64_t)mft->e[1].b.hostfd;

    /* The tender writes it behind the command line, as the offer would say. */
    uring = (const struct spt_uring *)((boot->cmdline + SPT_CMDLINE_SIZE + 7) & ~7ULL);
    capacity = mft->e[1].u.block_basic.capacity;
    say(uring->fd < 0 ? "no ring" : "ring");
    for (unsigned i = 1; i < 64 && uring->file[i] >= 0; i++) {
        say(" ");
        say(mft->e[i].name);
    }
    say("\n");
    if (after_word(start->cmdline, "offsets")) {
        check_offsets();
    } else if (after_word(start->cmdline, "operations")) {
        check_operations();
    } else if (after_word(start->cmdline, "nonsense")) {
        make_nonsense();
    } else if (after_word(start->cmdline, "punch")) {
        punch(disk);
    } else if (after_word(start->cmdline, "flood-refused")) {
        flood(OP_FSYNC);
    } else if (after_word(start->cmdline, "flood-writes")) {
        flood(OP_WRITE);
    } else {
        call_killed(start->cmdline, disk);
    }
    return test_success();
}
