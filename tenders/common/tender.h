/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What makes one tender differ from another where the common code must know.
 */
#ifndef TENDERS_COMMON_TENDER_H
#define TENDERS_COMMON_TENDER_H

#include <stdbool.h>
#include <stdint.h>

struct option;

/* How a tender says a common option that is not quite the others'. */
struct option_text {
    const char *prefix, *argument, *help;
};

/* The value of --net:NAME= that stands for a network of the tender's own. */
#define TENDER_NET_USER "user"

struct tender {
    const char *name;     /* of the program, for its messages */
    const char *synopsis; /* what it runs, for --help */
    uint32_t abi_target;
    uint32_t abi_version;
    uint64_t image_base; /* lowest address at which an image may be loaded */
    uint64_t mem_max_mb; /* most memory that --mem may give */
    /* What a machine takes of its memory, in KiB: firmware, tables and stack, and the queues of
     * each network and each disk. All 0: a process, or a machine without a firmware. */
    uint32_t machine_kib, net_kib, block_kib;
    uint32_t block_size_max; /* largest block of a disk, in bytes; 0: what the manifest holds */
    const struct option *options; /* its own, after the common ones; ends with a NULL prefix */
    const char *words;            /* what follows options, for --help; NULL: IMAGE [ARGUMENT]... */
    const struct option_text *texts; /* in place of the common ones; ends with a NULL prefix */
    const char *network;             /* what --net:NAME= takes, for messages; NULL: IFACE, or @FD */
    bool has_user_network;           /* --net:NAME=user is one of its own */
    uint32_t without; /* set of 1 << enum device_option_kind: common options that it has not */
};

#endif
