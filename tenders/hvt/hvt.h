/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The hvt tender, with or without aids for debugging: what its main programs share.
 */
#ifndef TENDERS_HVT_HVT_H
#define TENDERS_HVT_HVT_H

#include "options.h"
#include "tender.h"
#include "vm.h"

/* The whole program. */
int hvt_main(const struct tender *tender, const struct vm_hooks *hooks, int argc, char **argv);

int hvt_parse_stats(struct options *options, const char *value, struct error *error);
int hvt_parse_net_backend(struct options *options, const char *value, struct error *error);
int hvt_parse_no_rings(struct options *options, const char *value, struct error *error);

/* Their first options. */
#define HVT_OPTIONS                                                                            \
    {"--net-backend:", "NAME=tender|vhost",                                                    \
     "who moves the frames of network NAME: the tender (default), or the kernel",              \
     hvt_parse_net_backend},                                                                   \
        {"--stats", NULL, "at its end, say how often the guest left the processor",            \
         hvt_parse_stats},                                                                     \
    {                                                                                          \
        "--no-net-ring", NULL, "serve networks and disks by calls of the guest, not by rings", \
            hvt_parse_no_rings                                                                 \
    }

/* What they have in common. */
#define HVT_TENDER                                                           \
    .synopsis = "Runs the unikernel IMAGE in a virtual machine of its own.", \
    .abi_target = HVT_ABI_TARGET, .abi_version = HVT_ABI_VERSION,            \
    .image_base = HVT_GUEST_MIN_BASE, .mem_max_mb = 4096

#endif
