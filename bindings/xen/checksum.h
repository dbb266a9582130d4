/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * checksum.h: where the checksum of a packet is. Xen only says that it is missing, or asks only
 * whether it is; the protocols whose checksums it means are TCP and UDP, right behind IPv4 or IPv6.
 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKSUM_HEADERS 128 /* bytes of a frame that are enough to find it */

struct checksum {
    uint16_t start;  /* of what is summed, from the start of the frame */
    uint16_t offset; /* of the checksum, from there */
    bool ipv6;
};

/* (size): bytes of the frame that are at (frame). False: it is no such packet. */
bool checksum_find(const uint8_t *frame, size_t size, struct checksum *checksum);

/* Fills in the checksum of a whole frame, of which start + offset + 2 is not behind the end. */
void checksum_fill(uint8_t *frame, size_t size, uint16_t start, uint16_t offset);

#endif
