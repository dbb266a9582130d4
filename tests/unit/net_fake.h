/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What runtime/net stands on, for tests on the host: one network device whose frames the test gives
 * and takes, one thread that waits, descriptors, and a clock that only waiting moves.
 */
#ifndef TESTS_UNIT_NET_FAKE_H
#define TESTS_UNIT_NET_FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solo5_io.h"

#define NET_FAKE_HANDLE 3

/* All that the device can be made to do. */
#define NET_FAKE_FEATURES                                                         \
    (1 << SOLO5_NET_CSUM_OUT | 1 << SOLO5_NET_TSO4_OUT | 1 << SOLO5_NET_CSUM_IN | \
     1 << SOLO5_NET_TSO4_IN | 1 << SOLO5_NET_USO_IN)

struct net_fake {
    bool no_device;
    uint8_t mac[6];
    size_t mtu;
    size_t heap_total;
    size_t heap_used;
    volatile bool outside; /* what is taken and given back now is not of the heap */
    uint64_t now_ns;
    void (*sent)(const uint8_t *frame, size_t len); /* the program sent a frame; may be NULL */
    bool send_fails;
    bool send_full;       /* the device has no room */
    uint64_t features;    /* SOLO5_NET_*; set before the start */
    unsigned lend;        /* packets that the device still looks at, and sends later */
    unsigned hold;        /* packets that were sent whose memory the device keeps */
    unsigned large_count; /* packets that came to be cut */
    unsigned sent_count;
    unsigned turns; /* how often the program looked */
    char console[4096];
    size_t console_len;
    jmp_buf end; /* of solo5_exit; 1 is added to the status */
    bool end_set;
};

extern struct net_fake net_fake;

/* Gives the device a frame, which the program reads when it waits next; the second one with a
 * header. */
void net_fake_give(const void *frame, size_t len);
void net_fake_give_with(const void *frame, size_t len, const struct solo5_net_hdr *hdr);

/* How many frames wait to be read. */
unsigned net_fake_waiting(void);

/* Lets the program wait for (ms) of its clock. */
void net_fake_run(unsigned ms);

/* One turn, without time passing. */
void net_fake_turn(void);

/* Descriptors. */
int net_fake_close(int fd);
int net_fake_nonblock(int fd, bool on);
unsigned net_fake_open_fds(void);

#endif
