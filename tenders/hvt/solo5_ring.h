/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The tender's side of struct hvt_net_ring, Solo5's own ring for networks. All of it belongs to the
 * guest, which may change it at any time: the tender's positions are kept here and only told to the
 * guest, an entry is copied before it is checked.
 */
#ifndef TENDERS_HVT_SOLO5_RING_H
#define TENDERS_HVT_SOLO5_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "hvt_abi.h"

/* Bytes that it takes, whole pages. */
#define SOLO5_RING_BYTES ((sizeof(struct hvt_net_ring) + 4095) & ~UINT64_C(4095))

struct solo5_ring {
    struct hvt_net_ring *shared;
    uint32_t taken;     /* entries */
    uint32_t committed; /* of them, those with a commit */
    bool asked;         /* the guest is to kick */
    /* Whether to look for more before sleeping: as vain grows with each look for nothing, seldom.
     */
    unsigned vain, skipped;
};

#endif
