/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network's wire to the guest: usernet's end of a datagram socket pair, one datagram a frame.
 *
 * A frame that the guest has no room for yet waits here, in order, and the caller stops reading
 * from the host's sockets while tap_is_blocked(), so that TCP slows down at its source. Only when
 * the queue is full too are frames lost, as on any wire.
 */
#ifndef QUINTET_TENDERS_USERNET_TAP_H
#define QUINTET_TENDERS_USERNET_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define TAP_QUEUE 4096u /* frames */
#define TAP_BATCH 32u   /* frames taken by one system call */

struct tap_frame {
    uint16_t len;
    uint8_t data[FRAME_MAX];
};

struct tap {
    int fd;        /* -1 once the guest's end is gone */
    unsigned head; /* the next to send; counts on without end, as tail does */
    unsigned tail;
    struct tap_frame *queue; /* TAP_QUEUE of them, whose memory is touched when first used */
    struct tap_frame *batch; /* TAP_BATCH of them */
};

/* Makes the pair and sets (*guest_fd), which is non-blocking and closed on exec, to the guest's
 * end. Returns 0, or -1 with errno.
 */
int tap_open(struct tap *tap, int *guest_fd);

/* Takes up to TAP_BATCH frames that the guest has sent into tap->batch, without waiting. Returns
 * how many; one whose len is 0 was no frame or was longer than the MTU allows and is to be skipped.
 */
unsigned tap_receive(struct tap *tap);

/* Sends the guest a frame, or queues or drops it. */
void tap_send(struct tap *tap, const uint8_t *frame, size_t len);

/* Sends what is queued, as far as there is room. */
void tap_flush(struct tap *tap);

bool tap_is_blocked(const struct tap *tap);

#endif
