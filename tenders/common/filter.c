/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Rules of a seccomp filter that are made at run time: see filter.h, and
 * Documentation/userspace-api/seccomp_filter.rst of Linux. Jumps are relative to the next
 * instruction. Descriptors are compared by their low half, which is all that the kernel looks at.
 */
#include "filter.h"

#include <linux/falloc.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#include "error.h"
#include "machine.h"
#include "range.h"

#define NR   offsetof(struct seccomp_data, nr)
#define ARCH offsetof(struct seccomp_data, arch)

/* The halves of an argument; all our processors are little-endian. */
#define ARG_LOW(n)  (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (n))
#define ARG_HIGH(n) (ARG_LOW(n) + 4)

#define LOAD(from)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(from))
#define EQUAL(k, t, f)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), t, f)
#define ABOVE(k, t, f)  BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)(k), t, f)
#define GOTO(distance)  BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(distance))
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)

#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define KILL  RETURN(SECCOMP_RET_KILL_PROCESS)

static void add(struct filter *filter, const struct sock_filter *code, size_t len)
{
    CHECK(len <= FILTER_MAX - filter->len);
    memcpy(filter->code + filter->len, code, len * sizeof *code);
    filter->len += (unsigned)len;
}

#define ADD(filter, ...)                                    \
    do {                                                    \
        const struct sock_filter code_[] = {__VA_ARGS__};   \
        add(filter, code_, sizeof code_ / sizeof code_[0]); \
    } while (0)

void filter_begin(struct filter *filter)
{
    filter->len = 0;
    ADD(filter, LOAD(ARCH), EQUAL(MACHINE_AUDIT, 1, 0), KILL);
}

/* Begins a section for two calls: goes to its end for others, else has the descriptor loaded.
 * Returns where the jump to the end is. */
static unsigned begin_section(struct filter *filter, uint32_t one, uint32_t other)
{
    ADD(filter, LOAD(NR), EQUAL(one, 2, 0), EQUAL(other, 1, 0), GOTO(0), LOAD(ARG_LOW(0)));
    return filter->len - 2;
}

static void end_section(struct filter *filter, unsigned jump)
{
    filter->code[jump].k = filter->len - jump - 1;
}

static void add_net(struct filter *filter, const struct device *device)
{
    ADD(filter, EQUAL(device->fd, 0, 1), ALLOW);
}

/* (buf, len, offset) are arguments 1 to 3 of pread64(2) and pwrite64(2). An offset is compared by
 * its high half first: above is too far, below is well, and when equal the low half decides. */
static void add_block(struct filter *filter, const struct device *device)
{
    uint64_t last = device->capacity - device->block_size;

    ADD(filter, EQUAL(device->fd, 0, 11), LOAD(ARG_HIGH(2)), EQUAL(0, 0, 7), LOAD(ARG_LOW(2)),
        EQUAL(device->block_size, 0, 5), LOAD(ARG_HIGH(3)), ABOVE(last >> 32, 3, 0),
        EQUAL(last >> 32, 0, 3), LOAD(ARG_LOW(3)), ABOVE(last, 0, 1), KILL, ALLOW);
}

/* The same, with a second limit for requests of other lengths than a block. */
static void add_block_multi(struct filter *filter, const struct device *device)
{
    uint64_t limit = devices_block_limit(device, true);
    uint64_t last = device->capacity - device->block_size;
    uint64_t last_multi = device->capacity - limit;

    ADD(filter, EQUAL(device->fd, 0, 17), LOAD(ARG_HIGH(2)), EQUAL(0, 0, 13), LOAD(ARG_LOW(2)),
        EQUAL(device->block_size, 6, 0), ABOVE(limit, 10, 0), LOAD(ARG_HIGH(3)),
        ABOVE(last_multi >> 32, 8, 0), EQUAL(last_multi >> 32, 0, 8), LOAD(ARG_LOW(3)),
        ABOVE(last_multi, 5, 6), LOAD(ARG_HIGH(3)), ABOVE(last >> 32, 3, 0),
        EQUAL(last >> 32, 0, 3), LOAD(ARG_LOW(3)), ABOVE(last, 0, 1), KILL, ALLOW);
}

static unsigned count(const struct devices *devices, enum mft_type type)
{
    unsigned n = 0;

    for (unsigned i = 1; i < devices->count; i++)
        n += devices->device[i].type == type;
    return n;
}

/* Two calls on the networks that have headers, or on those that have none. */
static void add_nets(struct filter *filter, const struct devices *devices, bool offload,
                     uint32_t reading, uint32_t writing)
{
    unsigned section = 0;

    for (unsigned i = 1; i < devices->count; i++) {
        const struct device *device = &devices->device[i];

        if (device->type != MFT_DEV_NET_BASIC || (device->offload != 0) != offload)
            continue;
        if (section == 0)
            section = begin_section(filter, reading, writing);
        add_net(filter, device);
    }
    if (section != 0)
        end_section(filter, section);
}

void filter_add_devices(struct filter *filter, const struct devices *devices, bool multi)
{
    unsigned section;

    add_nets(filter, devices, true, SYS_readv, SYS_writev);
    add_nets(filter, devices, false, SYS_read, SYS_write);
    if (count(devices, MFT_DEV_BLOCK_BASIC) != 0) {
        section = begin_section(filter, SYS_pread64, SYS_pwrite64);
        for (unsigned i = 1; i < devices->count; i++)
            if (devices->device[i].type == MFT_DEV_BLOCK_BASIC)
                (multi ? add_block_multi : add_block)(filter, &devices->device[i]);
        end_section(filter, section);
    }
}

/* (fd, mode, offset, len) are arguments 0 to 3 of fallocate(2). Blocks that are taken away beyond
 * the end of a file are none, so that the rest needs no look. */
static void add_disk_sync(struct filter *filter, const struct device *device)
{
    const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    ADD(filter, EQUAL(device->fd, 0, 6), LOAD(NR), EQUAL(SYS_fdatasync, 2, 0), LOAD(ARG_LOW(1)),
        EQUAL(mode, 0, 1), ALLOW, KILL);
}

/* (fd, to_submit, min_complete, flags, sig, size of sig). */
void filter_add_uring(struct filter *filter, int ring)
{
    ADD(filter, LOAD(NR), EQUAL(SYS_io_uring_enter, 0, 10), LOAD(ARG_LOW(0)), EQUAL(ring, 0, 7),
        LOAD(ARG_LOW(3)), ABOVE(IORING_ENTER_GETEVENTS, 5, 0), LOAD(ARG_LOW(4)), EQUAL(0, 0, 3),
        LOAD(ARG_HIGH(4)), EQUAL(0, 0, 1), ALLOW, KILL);
}

void filter_add_sync(struct filter *filter, const struct devices *devices)
{
    unsigned section = begin_section(filter, SYS_fdatasync, SYS_fallocate);

    for (unsigned i = 1; i < devices->count; i++)
        if (devices->device[i].type == MFT_DEV_BLOCK_BASIC)
            add_disk_sync(filter, &devices->device[i]);
    end_section(filter, section);
}

void filter_add_fd(struct filter *filter, uint32_t nr, int fd)
{
    ADD(filter, LOAD(NR), EQUAL(nr, 0, 3), LOAD(ARG_LOW(0)), EQUAL(fd, 0, 1), ALLOW);
}

/* What is loaded must be that; what it must not be, or not be above. */
#define MUST_BE(value)    EQUAL(value, 1, 0), KILL
#define NOT_ABOVE(value)  ABOVE(value, 0, 1), KILL
#define NOT_BELOW(value)  BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)(value), 1, 0), KILL
#define MUST_HAVE_NO(set) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(set), 0, 1), KILL
#define DO(op, source, k) BPF_STMT(BPF_ALU | (op) | (source), k)

/* Loads argument (n) in pages: it must be less than 2^43, so that these are less than 2^31, and the
 * sum of two does not wrap. */
#define PAGE_BITS 12
#define LOAD_PAGES(n)                                                                             \
    LOAD(ARG_HIGH(n)), NOT_ABOVE((1 << (PAGE_BITS - 1)) - 1), DO(BPF_LSH, BPF_K, 32 - PAGE_BITS), \
        BPF_STMT(BPF_MISC | BPF_TAX, 0), LOAD(ARG_LOW(n)), DO(BPF_RSH, BPF_K, PAGE_BITS),         \
        DO(BPF_OR, BPF_X, 0)

void filter_add_guard(struct filter *filter, uint64_t start, uint64_t end)
{
    unsigned jump = filter->len + 2;

    CHECK(page_aligned(start) && page_aligned(end) && end >> (31 + PAGE_BITS) == 0);
    /* (addr, len, protection). */
    ADD(filter, LOAD(NR), EQUAL(SYS_mprotect, 1, 0), GOTO(0), LOAD(ARG_LOW(2)), MUST_BE(0),
        LOAD(ARG_HIGH(2)), MUST_BE(0), LOAD_PAGES(0), NOT_BELOW(start >> PAGE_BITS),
        BPF_STMT(BPF_ST, 0), LOAD(ARG_LOW(1)), MUST_HAVE_NO(PAGE_SIZE - 1), LOAD_PAGES(1),
        BPF_STMT(BPF_LDX | BPF_MEM, 0), DO(BPF_ADD, BPF_X, 0), NOT_ABOVE(end >> PAGE_BITS), ALLOW);
    end_section(filter, jump);
}

void filter_add_unmap(struct filter *filter, uint64_t addr, uint64_t len)
{
    ADD(filter, LOAD(NR), EQUAL(SYS_munmap, 0, 9), LOAD(ARG_LOW(0)), EQUAL(addr, 0, 7),
        LOAD(ARG_HIGH(0)), EQUAL(addr >> 32, 0, 5), LOAD(ARG_LOW(1)), EQUAL(len, 0, 3),
        LOAD(ARG_HIGH(1)), EQUAL(len >> 32, 0, 1), ALLOW);
}

void filter_end(struct filter *filter, const struct sock_filter *code, size_t len,
                const struct filter_slot *slots, size_t slot_count, const int *fds)
{
    struct sock_filter *end = filter->code + filter->len;

    add(filter, code, len);
    for (size_t i = 0; i < slot_count; i++)
        end[slots[i].index].k = (uint32_t)fds[slots[i].fd];
}
