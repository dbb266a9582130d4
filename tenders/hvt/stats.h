/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How often the guest has left the processor, as KVM counts it (Documentation/virt/kvm/api.rst of
 * Linux, 4.133) and as the tender does: for --stats.
 */
#ifndef TENDERS_HVT_STATS_H
#define TENDERS_HVT_STATS_H

#include <stdint.h>

#include "error.h"

#define STATS_COUNT 5

struct stats {
    int fd;         /* 0: not wanted */
    uint64_t calls; /* returns to the tender */
    /* Where the values are in fd; 0: KVM does not count that. */
    uint64_t offset[STATS_COUNT];
};

int stats_open(struct stats *stats, int cpu, struct error *error);

/* What the thread that serves rings does. */
struct worker_stats {
    uint64_t wakeups; /* returns from waiting */
    uint64_t calls;   /* the guest was woken */
    uint64_t sent, received, dropped, blocks;
};

/* Writes a line to standard error. (worker): NULL when there is none. */
void stats_print(const struct stats *stats, const struct worker_stats *worker, const char *program);

#endif
