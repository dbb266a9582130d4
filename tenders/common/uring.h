/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * An io_uring(7) for a guest's disks, made, restricted and enabled before the guest starts. Whoever
 * has its descriptor and its memory can then read and write the files that are registered with it,
 * and nothing else.
 *
 * Nor does the kernel bound how many requests are under way, or how many completions nobody takes:
 * all that is its own memory, on the account of the guest's control group (cgroup.h).
 *
 * The kernel does not bound offsets. A block device has its own end. A file would grow, but not
 * beyond RLIMIT_FSIZE: it is set to the capacity of the largest disk that is a file, and only files
 * of that capacity are registered. Other disks do without a ring.
 */
#ifndef TENDERS_COMMON_URING_H
#define TENDERS_COMMON_URING_H

#include <stdbool.h>
#include <stdint.h>

#include "devices.h"

/* Room for submissions between two calls, and for completions, which is what may be outstanding. */
#define URING_SUBMISSIONS 128
#define URING_COMPLETIONS 1024

struct uring {
    int fd;           /* -1: there is none, and only file[] is valid */
    uint32_t refused; /* why disks are not in it: SPT_URING_* (spt_abi.h) */
    uint32_t sq_entries, cq_entries;
    /* Where they are mapped: the first four are 32-bit indices. */
    void *sq_head, *sq_tail, *cq_head, *cq_tail, *sqes, *cqes;
    int8_t file[MFT_MAX_ENTRIES]; /* by handle: index among the registered files, or -1 */
    uint64_t file_max;            /* bytes that files may have, 0: there are none among them */
};

/* There is none. */
void uring_none(struct uring *uring);

/*
 * Makes one for the disks of (devices) that can have it. When no disk can, or the host does not
 * allow it, that is no error: there is none then. Files cannot when standard output is a file,
 * whose size the limit would bound too.
 */
void uring_make(struct uring *uring, const struct devices *devices);

/* Sets the limit, beyond which a write fails with EFBIG (and SIGXFSZ, which signals_init has had
 * ignored): before the guest starts, and after all that the tender has to say to a file. Returns 0,
 * or -1 with errno. */
int uring_confine(const struct uring *uring);

#endif
