/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * An io_uring for a guest: see uring.h. By plain system calls, as io_uring_setup(2),
 * io_uring_register(2) and io_uring_enter(2) describe them.
 */
#include "uring.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spt_abi.h"

/* Threads of the kernel for what would have to wait. */
#define WORKERS 8

/* All that the ring will do: no entry without a registered file, and no other flag. No syncs: each
 * would be work for such a thread, for the asking. */
static const struct io_uring_restriction restrictions[] = {
    {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ},
    {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE},
    {.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_FIXED_FILE},
    {.opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED, .sqe_flags = IOSQE_FIXED_FILE},
};

static bool is_file(int fd)
{
    struct stat st;

    /* What cannot be looked at is taken for what needs more care. */
    return fstat(fd, &st) != 0 || S_ISREG(st.st_mode);
}

static bool is_disk(const struct device *device)
{
    return device->type == MFT_DEV_BLOCK_BASIC;
}

static int limit_files(const struct rlimit *limit)
{
    return (int)syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, limit, NULL);
}

/* Whether limit_files will be allowed, later. */
static bool may_limit_files(struct rlimit *now)
{
    return syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, now) == 0 && limit_files(now) == 0;
}

/* The same file once more. The kernel lets go of what a ring has some time after the process that
 * made it has ended; a lock on the disk is not to outlive the tender. */
static int open_again(int fd)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOCTTY;
    char path[sizeof "/proc/self/fd/" + 10];
    int again;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    /* Only the owner may do without the time of each access, which costs some. */
    again = open(path, flags | O_NOATIME);
    return again >= 0 ? again : open(path, flags);
}

/* Why a file is not as large as files may be. */
static uint32_t why_not(const struct uring *uring)
{
    if (uring->file_max != 0)
        return SPT_URING_SIZES;
    return is_file(STDOUT_FILENO) ? SPT_URING_OUTPUT : SPT_URING_HOST;
}

/* Fills in file[] and (fds), which the caller closes, returns how many. */
static unsigned choose_files(struct uring *uring, const struct devices *devices, int *fds)
{
    bool file[MFT_MAX_ENTRIES] = {false};
    uint64_t largest = 0;
    struct rlimit now;
    unsigned count = 0;

    for (unsigned i = 1; i < devices->count; i++) {
        const struct device *device = &devices->device[i];

        if (!is_disk(device))
            continue;
        file[i] = is_file(device->fd);
        if (file[i] && device->capacity > largest)
            largest = device->capacity;
    }
    if (largest != 0 && !is_file(STDOUT_FILENO) && may_limit_files(&now))
        uring->file_max = largest;
    for (unsigned i = 1; i < devices->count; i++) {
        const struct device *device = &devices->device[i];

        if (!is_disk(device))
            continue;
        if (file[i] && device->capacity != uring->file_max) {
            uring->refused = why_not(uring);
            continue;
        }
        fds[count] = open_again(device->fd);
        if (fds[count] >= 0)
            uring->file[i] = (int8_t)count++;
    }
    return count;
}

/* Maps the rings and the array of submissions; the order in which the kernel takes them is set to
 * that of the array. */
static int map(struct uring *uring, const struct io_uring_params *p)
{
    const int protection = PROT_READ | PROT_WRITE;
    const int flags = MAP_SHARED | MAP_POPULATE;
    size_t sq_size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    size_t cq_size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    size_t size = sq_size > cq_size ? sq_size : cq_size;
    uint8_t *rings, *sqes;
    uint32_t *array;

    if (!(p->features & IORING_FEAT_SINGLE_MMAP))
        return -1;
    rings = mmap(NULL, size, protection, flags, uring->fd, IORING_OFF_SQ_RING);
    sqes = mmap(NULL, p->sq_entries * sizeof(struct io_uring_sqe), protection, flags, uring->fd,
                IORING_OFF_SQES);
    /* What was mapped goes with the process: a ring that fails here fails for good. */
    if (rings == MAP_FAILED || sqes == MAP_FAILED)
        return -1;
    array = (uint32_t *)(rings + p->sq_off.array);
    for (uint32_t i = 0; i < p->sq_entries; i++)
        array[i] = i;
    uring->sq_entries = p->sq_entries;
    uring->cq_entries = p->cq_entries;
    uring->sq_head = rings + p->sq_off.head;
    uring->sq_tail = rings + p->sq_off.tail;
    uring->cq_head = rings + p->cq_off.head;
    uring->cq_tail = rings + p->cq_off.tail;
    uring->cqes = rings + p->cq_off.cqes;
    uring->sqes = sqes;
    return 0;
}

static int enroll(int ring, unsigned op, const void *argument, unsigned count)
{
    return (int)syscall(SYS_io_uring_register, ring, op, argument, count);
}

/* A kernel that cannot (before 5.15) has as many as it thinks right. */
static void limit_workers(int ring)
{
    uint32_t most[] = {WORKERS, 1}; /* for files and block devices; for all else */

    enroll(ring, IORING_REGISTER_IOWQ_MAX_WORKERS, most, 2);
}

static int make(struct uring *uring, const int *fds, unsigned count)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE,
        .cq_entries = URING_COMPLETIONS,
    };
    const unsigned restriction_count = sizeof restrictions / sizeof restrictions[0];

    uring->fd = (int)syscall(SYS_io_uring_setup, URING_SUBMISSIONS, &params);
    if (uring->fd < 0)
        return -1;
    limit_workers(uring->fd);
    if (enroll(uring->fd, IORING_REGISTER_FILES, fds, count) != 0 ||
        enroll(uring->fd, IORING_REGISTER_RESTRICTIONS, restrictions, restriction_count) != 0 ||
        enroll(uring->fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) != 0)
        return -1;
    /* A sandbox around this may allow all of that and not this. */
    if (syscall(SYS_io_uring_enter, uring->fd, 0, 0, 0, NULL, 0) != 0)
        return -1;
    return map(uring, &params);
}

void uring_none(struct uring *uring)
{
    *uring = (struct uring){.fd = -1};
    memset(uring->file, -1, sizeof uring->file);
}

void uring_make(struct uring *uring, const struct devices *devices)
{
    int fds[MFT_MAX_ENTRIES];
    uint32_t refused;
    unsigned count;

    uring_none(uring);
    count = choose_files(uring, devices, fds);
    refused = uring->refused;
    if (count == 0 || make(uring, fds, count) != 0) {
        if (uring->fd >= 0)
            close(uring->fd);
        uring_none(uring);
        uring->refused = count != 0 ? SPT_URING_HOST : refused;
    }
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

int uring_confine(const struct uring *uring)
{
    struct rlimit limit;

    if (uring->fd < 0 || uring->file_max == 0)
        return 0;
    if (syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) != 0)
        return -1;
    if (limit.rlim_cur > uring->file_max)
        limit.rlim_cur = uring->file_max;
    if (limit.rlim_max > uring->file_max)
        limit.rlim_max = uring->file_max;
    return limit_files(&limit);
}
