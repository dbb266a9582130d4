/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Statistics: see stats.h.
 */
#include "stats.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME_MAX_SIZE 128

static const char *const names[STATS_COUNT] = {"exits", "io_exits", "mmio_exits", "pf_taken",
                                               "pf_fixed"};

/* One descriptor: what it counts is its name. */
static void note_descriptor(struct stats *stats, const struct kvm_stats_header *header,
                            const struct kvm_stats_desc *desc, const char *name)
{
    for (unsigned i = 0; i < STATS_COUNT; i++)
        if (strcmp(name, names[i]) == 0)
            stats->offset[i] = header->data_offset + desc->offset;
}

int stats_open(struct stats *stats, int cpu, struct error *error)
{
    struct kvm_stats_header header;
    struct {
        struct kvm_stats_desc desc;
        char name[NAME_MAX_SIZE];
    } entry;

    stats->fd = ioctl(cpu, KVM_GET_STATS_FD, NULL);
    if (stats->fd < 0)
        return error_set(error, "--stats: KVM has no statistics: %s", strerror(errno));
    if (pread(stats->fd, &header, sizeof header, 0) != sizeof header ||
        header.name_size >= NAME_MAX_SIZE)
        return error_set(error, "--stats: KVM's statistics have an unknown form");
    for (unsigned i = 0; i < header.num_desc; i++) {
        size_t size = sizeof entry.desc + header.name_size;

        if (pread(stats->fd, &entry, size, header.desc_offset + (off_t)(i * size)) != (ssize_t)size)
            return error_set(error, "--stats: cannot read KVM's statistics: %s", strerror(errno));
        entry.name[header.name_size] = '\0';
        note_descriptor(stats, &header, &entry.desc, entry.name);
    }
    return 0;
}

static const struct {
    const char *name;
    size_t offset;
} worker_names[] = {
    {"worker_wakeups", offsetof(struct worker_stats, wakeups)},
    {"worker_calls", offsetof(struct worker_stats, calls)},
    {"frames_sent", offsetof(struct worker_stats, sent)},
    {"frames_received", offsetof(struct worker_stats, received)},
    {"frames_dropped", offsetof(struct worker_stats, dropped)},
    {"block_requests", offsetof(struct worker_stats, blocks)},
};

static uint64_t worker_value(const struct worker_stats *worker, size_t offset)
{
    return *(const uint64_t *)((const uint8_t *)worker + offset);
}

void stats_print(const struct stats *stats, const struct worker_stats *worker, const char *program)
{
    char line[512];
    int len = snprintf(line, sizeof line, "tender_exits=%llu", (unsigned long long)stats->calls);

    for (unsigned i = 0; i < STATS_COUNT; i++) {
        uint64_t value;

        if (stats->offset[i] != 0 &&
            pread(stats->fd, &value, sizeof value, (off_t)stats->offset[i]) == sizeof value)
            len += snprintf(line + len, sizeof line - (size_t)len, " %s=%llu", names[i],
                            (unsigned long long)value);
    }
    for (size_t i = 0; worker && i < sizeof worker_names / sizeof worker_names[0]; i++)
        len += snprintf(line + len, sizeof line - (size_t)len, " %s=%llu", worker_names[i].name,
                        (unsigned long long)worker_value(worker, worker_names[i].offset));
    error_print(program, line);
}
