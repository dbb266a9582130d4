/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A capture of all frames, in pcap form (link type Ethernet, nanoseconds). Every frame is written
 * at once and whole, so that a run that is killed leaves a file that can be read.
 */
#ifndef QUINTET_TENDERS_USERNET_PCAP_H
#define QUINTET_TENDERS_USERNET_PCAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pcap {
    int fd;       /* -1 when nothing is captured, or nothing any more */
    off_t length; /* of the whole records in the file */
};

/* Opens (path) anew and writes the file header. Returns 0, or -1 with errno. */
int pcap_open(struct pcap *pcap, const char *path);

/* Adds a frame, with the present time. When the file takes no more, it is cut back to its last
 * whole record and closed, and -1 is returned with errno; that happens at most once. Else 0.
 */
int pcap_write(struct pcap *pcap, const uint8_t *frame, size_t len);

#endif
