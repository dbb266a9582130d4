/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5_io.h: what Quintet adds to solo5.h. The conventions of solo5.h hold. Every function works,
 * with the result that it documents, under a tender that does not know of these additions.
 */
#ifndef SOLO5_IO_H
#define SOLO5_IO_H

#include "solo5.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SOLO5_PAGE_SIZE 4096

/*
 * Returns how many bytes at the top of a heap region of (heap_size) bytes (struct solo5_start_info)
 * are the initial stack's: 1 MiB, or a quarter of a region smaller than 4 MiB; whole pages.
 */
static inline size_t solo5_stack_reserve(size_t heap_size)
{
    size_t quarter = heap_size / 4 & ~(size_t)(SOLO5_PAGE_SIZE - 1);
    return quarter < 0x100000 ? quarter : 0x100000;
}

/*
 * Makes whole pages of the program's heap region inaccessible, for as long as it runs: any access
 * ends the program with a trap report. Meant for the page below a stack. Takes a system call.
 *
 * (addr): page aligned; (size): bytes, whole pages, not 0; all of it inside the heap region.
 * Returns SOLO5_R_OK; SOLO5_R_EINVAL when an argument is not as above, or when the tender cannot do
 * it: the pages are then as before, and the program can only do without.
 */
solo5_result_t solo5_mem_guard(uintptr_t addr, size_t size);

/*
 * Copies 16 bytes that the host's random number generator made for this run of the program to
 * (seed), the same ones at each call: the key of a generator of the program's own, where the
 * processor has none. The stack's canary is made of half of them, so what is made from them must
 * depend on all.
 *
 * (seed): two words. Returns SOLO5_R_OK; SOLO5_R_EUNSPEC when the tender has none to give, and
 * (seed) is as before.
 */
solo5_result_t solo5_random_seed(uint64_t seed[2]);

/* ---- Networks: packets in batches, in pieces, with offload ----------------------------------- */

/*
 * Says, once in a program, at file scope, that it receives from all its networks with
 * solo5_net_receive, and knows what the headers of received packets mean: then tenders may offer
 * the features below. Without it no network has any, since solo5_net_read has no place for a header
 * and no room for a packet larger than the MTU; all functions work nevertheless. In other
 * languages: define the absolute symbol solo5_wants_net_offload with the value 8, such as by ld's
 * --defsym=solo5_wants_net_offload=8.
 */
#define SOLO5_WANTS_NET_OFFLOAD               \
    __asm__(".weak solo5_wants_net_offload\n" \
            ".set solo5_wants_net_offload, 8")

/*
 * What a network does for the program, as bit numbers in the result of solo5_net_features. OUT is
 * about what the program sends, IN about what it receives.
 */
#define SOLO5_NET_CSUM_OUT 0 /* completes a checksum: SOLO5_NET_HDR_NEEDS_CSUM */
#define SOLO5_NET_TSO4_OUT 1 /* cuts TCP over IPv4: SOLO5_NET_GSO_TCPV4 */
#define SOLO5_NET_TSO6_OUT 2 /* cuts TCP over IPv6: SOLO5_NET_GSO_TCPV6 */
#define SOLO5_NET_USO_OUT  3 /* cuts UDP: SOLO5_NET_GSO_UDP_L4 */
#define SOLO5_NET_CSUM_IN  8 /* checksums may come incomplete, or checked by the host */
#define SOLO5_NET_TSO4_IN  9 /* TCP over IPv4 may come in packets larger than the MTU */
#define SOLO5_NET_TSO6_IN  10
#define SOLO5_NET_USO_IN   11

/* flags and gso_type of struct solo5_net_hdr: virtio 1.2, 5.1.6. A packet that is to be cut also
 * needs its checksums (5.1.6.2.1): NEEDS_CSUM goes with every gso_type but NONE. */
#define SOLO5_NET_HDR_NEEDS_CSUM \
    1 /* sum from csum_start on, to be stored at csum_offset from there */
#define SOLO5_NET_HDR_DATA_VALID 2 /* the host vouches for the checksum of a received packet */
#define SOLO5_NET_GSO_NONE       0
#define SOLO5_NET_GSO_TCPV4      1
#define SOLO5_NET_GSO_TCPV6      4
#define SOLO5_NET_GSO_UDP_L4     5
#define SOLO5_NET_GSO_ECN        0x80

/*
 * What goes with a packet: means what virtio_net_hdr_v1 means (virtio 1.2, 5.1.6). All zeros for an
 * ordinary packet. What is received was checked by the tender only for its length: the values come
 * from the network, and a program checks them before it uses them.
 */
struct solo5_net_hdr {
    uint8_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;  /* bytes of the headers from Ethernet to TCP or UDP; a hint */
    uint16_t gso_size; /* bytes of payload in each piece */
    uint16_t csum_start;
    uint16_t csum_offset;
    uint16_t num_buffers; /* 1 or 0 */
};

/* A piece of a packet. */
struct solo5_segment {
    void *base;
    size_t len; /* bytes, not 0 */
};

#define SOLO5_SEGMENTS_MAX 64

/*
 * A packet to send, or buffers for one to receive. The frame (solo5_net_write) is the segments one
 * after another.
 */
struct solo5_packet {
    struct solo5_net_hdr hdr; /* to send; not looked at in a buffer */
    uint32_t segment_count;   /* 1 to SOLO5_SEGMENTS_MAX; if they overlap, it may be refused */
    const struct solo5_segment *segments;
    uint64_t cookie; /* any value; comes back with the buffers */
};

/* A packet that was received into buffers that were posted. */
struct solo5_received {
    struct solo5_net_hdr hdr;
    uint32_t len; /* bytes of the frame */
    uint64_t cookie;
};

/* Returns the set of SOLO5_NET_* bits of an acquired network, 0 for any other handle. */
uint64_t solo5_net_features(solo5_handle_t handle);

/* Returns the bytes of the largest frame that may be sent or received, Ethernet header included:
 * mtu + SOLO5_NET_HLEN, with offload of segmentation more, at most 65535 + SOLO5_NET_HLEN. 0 when
 * (handle) is no acquired network. A device that is sent a frame of more than 65535 bytes may
 * refuse it: SOLO5_R_EINVAL. */
size_t solo5_net_frame_max(solo5_handle_t handle);

/* Returns how many packets may be lent to the device each way at a time; 0 as above. */
size_t solo5_net_depth(solo5_handle_t handle);

/*
 * Sends packets, in order. Does not block. A device may be told of them as late as when the program
 * waits (solo5_io_wait, solo5_yield), so one that has much to do first should wait with a deadline
 * of 0.
 *
 * The segments' memory, and the array of them, is lent to the device until solo5_net_reclaim
 * returns the packet's cookie: it must stay as it is. (sent): set to how many were taken, from the
 * first; the others were not looked at. Returns SOLO5_R_OK when all were taken; SOLO5_R_AGAIN when
 * fewer, for lack of room: reclaim, wait, and send the others; SOLO5_R_EINVAL when packet *sent is
 * not as described or needs a feature that the device does not have; SOLO5_R_EUNSPEC when the
 * device failed at packet *sent.
 */
solo5_result_t solo5_net_send(solo5_handle_t handle, const struct solo5_packet *packets,
                              size_t count, size_t *sent);

/*
 * Takes back the memory of packets that were sent: stores up to (max) cookies in (cookies), in the
 * order in which they were sent, and returns how many. Does not block, and does not tell whether a
 * packet arrived anywhere.
 */
size_t solo5_net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max);

/*
 * Lends buffers for packets to be received into, in order: each at least solo5_net_frame_max bytes
 * in all its segments. Memory and array of segments are the device's until solo5_net_receive
 * returns the cookie. Arguments and results as solo5_net_send.
 */
solo5_result_t solo5_net_post(solo5_handle_t handle, const struct solo5_packet *buffers,
                              size_t count, size_t *posted);

/*
 * Takes packets that have been received: fills in up to (max) of (packets), sets (count). Does not
 * block. Returns SOLO5_R_OK when there is at least one; SOLO5_R_AGAIN when there is none, or no
 * buffer was posted; SOLO5_R_EUNSPEC when the device failed: the memory of what was posted is the
 * program's then, without a cookie for it, unless it calls this once more. A network is read either
 * with this or with solo5_net_read, not with both.
 */
solo5_result_t solo5_net_receive(solo5_handle_t handle, struct solo5_received *packets, size_t max,
                                 size_t *count);

/* ---- Block devices: many requests at a time ---------------------------------------------------
 */

/* What a request does. */
#define SOLO5_BLOCK_READ         0
#define SOLO5_BLOCK_WRITE        1
#define SOLO5_BLOCK_FLUSH        2 /* all writes completed before are on stable storage afterwards */
#define SOLO5_BLOCK_DISCARD      3 /* the contents are not needed any more */
#define SOLO5_BLOCK_WRITE_ZEROES 4

struct solo5_block_request {
    uint32_t op;
    uint32_t reserved;  /* 0 */
    solo5_off_t offset; /* bytes, whole blocks; 0 for a flush */
    size_t size;        /* bytes, whole blocks; 0 for a flush */
    void *buf;          /* for a read and a write; lent until the request completes */
    uint64_t cookie;    /* any value; comes back in the completion */
};

struct solo5_block_completion {
    uint64_t cookie;
    solo5_result_t result; /* SOLO5_R_OK, SOLO5_R_EUNSPEC: the host could not do it */
};

/* Returns the set of operations that an acquired block device has, as bits numbered by
 * SOLO5_BLOCK_*; 0 for any other handle. */
uint64_t solo5_block_features(solo5_handle_t handle);

/* Returns how many requests may be outstanding, 1 to 1024; 0 as above. */
size_t solo5_block_depth(solo5_handle_t handle);

/*
 * Submits requests, which complete in any order: two that overlap, one of them a write, must not be
 * outstanding together. Does not block, but on a tender that can do one thing at a time it takes as
 * long as the requests do.
 *
 * (submitted): set to how many were taken, from the first.
 * Returns SOLO5_R_OK when all were; SOLO5_R_AGAIN when the depth is reached; SOLO5_R_EINVAL when
 * request *submitted is not within the device or is an operation that it does not have;
 * SOLO5_R_EUNSPEC when the device has failed for good: request *submitted was not taken.
 */
solo5_result_t solo5_block_submit(solo5_handle_t handle, const struct solo5_block_request *requests,
                                  size_t count, size_t *submitted);

/* Takes completions: fills in up to (max) and returns how many. Does not block. */
size_t solo5_block_complete(solo5_handle_t handle, struct solo5_block_completion *completions,
                            size_t max);

/*
 * As solo5_yield, and also returns when a block device has a completion or a network that had no
 * room can take packets again.
 *
 * (deadline): nanoseconds on the monotonic clock; UINT64_MAX: no deadline; one in the past: it
 * looks once. (ready_set): set to networks that may have something to receive or to reclaim, and
 * block devices with completions; may be NULL.
 */
void solo5_io_wait(solo5_time_t deadline, solo5_handle_set_t *ready_set);

#ifdef __cplusplus
}
#endif

#endif
