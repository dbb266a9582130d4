/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The seccomp filter of a tender: first the rules that depend on its devices, made at run time in
 * the order of how often they are asked, then a constant program that libseccomp has made at build
 * time (filter-gen.c). Everything that no rule allows ends the process.
 */
#ifndef TENDERS_COMMON_FILTER_H
#define TENDERS_COMMON_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices.h"

/* Enough for 63 disks or networks, with a constant program of up to 256. */
#define FILTER_MAX 2048

struct filter {
    unsigned len;
    struct sock_filter code[FILTER_MAX];
};

/* A descriptor whose number only the run time knows: the constant program has a placeholder. */
enum filter_fd { FILTER_FD_POLL, FILTER_FD_TIMER, FILTER_FD_VCPU, FILTER_FD_COUNT };
#define FILTER_PLACEHOLDER(fd) (0x7fff0000 + (fd))

/* Where placeholders are. */
struct filter_slot {
    uint16_t index;
    uint16_t fd; /* enum filter_fd */
};

/* Begins an empty filter with the check of the architecture, which every filter must have. */
void filter_begin(struct filter *filter);

/* Networks: read(2) and write(2), or with `offload` only readv(2) and writev(2). Disks: pread64(2)
 * and pwrite64(2) of one block within the capacity; with (multi), as elf_abi.h allows with
 * EXT1_BLOCK_MULTI. */
void filter_add_devices(struct filter *filter, const struct devices *devices, bool multi);

/* io_uring_enter(2) on (ring), without a signal mask. */
void filter_add_uring(struct filter *filter, int ring);

/* Disks: fdatasync(2), and fallocate(2) that takes blocks away and changes no size. */
void filter_add_sync(struct filter *filter, const struct devices *devices);

/* System call (nr) on the descriptor (fd). */
void filter_add_fd(struct filter *filter, uint32_t nr, int fd);

/* mprotect(2) to PROT_NONE of whole pages in [start, end), which are page aligned and below 2^43.
 */
void filter_add_guard(struct filter *filter, uint64_t start, uint64_t end);

/* munmap(2) of exactly the (len) bytes at (addr). */
void filter_add_unmap(struct filter *filter, uint64_t addr, uint64_t len);

/* Ends the filter by a constant program; fds: indexed by enum filter_fd. */
void filter_end(struct filter *filter, const struct sock_filter *code, size_t len,
                const struct filter_slot *slots, size_t slot_count, const int *fds);

#endif
