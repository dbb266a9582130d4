/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * elf_abi.h: what the notes of an image say of it: the target and ABI version that it was linked
 * for ("ABI1", binary compatible with Solo5 0.12), and the guest-side half of the negotiation of
 * what Quintet adds ("EXT1"). Self-contained: C11 headers only.
 */
#ifndef SOLO5_ELF_ABI_H
#define SOLO5_ELF_ABI_H

#include <stddef.h>
#include <stdint.h>

#define ABI1_NOTE_NAME "Solo5"
#define ABI1_NOTE_TYPE 0x31494241 /* "ABI1" */

enum abi_target {
    HVT_ABI_TARGET = 1,
    SPT_ABI_TARGET = 2,
    VIRTIO_ABI_TARGET = 3,
    MUEN_ABI_TARGET = 4,
    GENODE_ABI_TARGET = 5,
    XEN_ABI_TARGET = 6
};

struct abi1_info {
    uint32_t abi_target; /* enum abi_target */
    uint32_t abi_version;
    uint32_t reserved0; /* 0 */
    uint32_t reserved1; /* 0 */
};
_Static_assert(sizeof(struct abi1_info) == 16, "ABI1 descriptor");

/* An image is not for the host's kernel to run: its PT_INTERP names a file that cannot exist. */
#define ELF_INTERP_NAME "/nonexistent/solo5/"

/*
 * What Quintet adds is negotiated through one structure in the guest's own memory. The "EXT1" note
 * gives its address and the address of a trap handler; a tender that knows the note fills the
 * structure in before it enters the guest, any other leaves it all zeros, and then the guest does
 * without. A guest uses a feature when its bit is set, and only then the fields that belong to it.
 */
#define EXT1_NOTE_TYPE    0x31545845 /* "EXT1" */
#define EXT1_NOTE_VERSION 1

struct ext1_request {
    uint32_t version; /* EXT1_NOTE_VERSION */
    uint32_t size;    /* sizeof(struct ext1_offer) as the guest knows it, at least 320 */
    uint64_t offer;   /* guest address of the offer: 8-aligned, inside a writable segment */
    uint64_t trap;    /* guest address of a handler for processor traps, or 0; see spt_abi.h */
    uint64_t knows; /* set of enum ext1_feature that the guest knows: the tender offers no other */
};
_Static_assert(sizeof(struct ext1_request) == 32, "EXT1 descriptor");
_Static_assert(offsetof(struct ext1_request, knows) == 24, "EXT1 descriptor");
_Static_assert(offsetof(struct ext1_request, offer) == 8, "EXT1 descriptor");
_Static_assert(offsetof(struct ext1_request, trap) == 16, "EXT1 descriptor");

/* Feature bits, as bit numbers: test with EXT1_HAS. */
enum ext1_feature {
    /* A block request may have any number of whole blocks, up to L bytes, when it starts at or
     * before capacity - L, where L is block_max or the capacity, whichever is less. */
    EXT1_BLOCK_MULTI = 0,
    /* The guest may make pages of its memory inaccessible for good: hvt by hypercall GUARD, spt by
     * mprotect(2) to PROT_NONE. */
    EXT1_GUARD = 1,
    /* The tender has put 16 bytes from the host's random number generator into random. */
    EXT1_RANDOM = 2,
    /* net[] says what each network can do, and frames of those for which it is not 0 begin with
     * struct solo5_net_hdr (solo5_io.h), both ways; spt: readv(2) and writev(2) move them. */
    EXT1_NET_OFFLOAD = 3,
    /* Networks and disks have rings, notified and waited for as hvt_abi.h says. */
    EXT1_RING = 4,
    /* uring says where the tender has mapped an io_uring for the disks (spt_abi.h). */
    EXT1_URING = 5,
    /* With EXT1_RING: who only waits for rings is woken by an interrupt (hvt_abi.h). */
    EXT1_INTERRUPT = 6,
    /* spt: the guest may take a descriptor out of the epoll set it waits on, by epoll_ctl(2). */
    EXT1_FORGET = 7
};
#define EXT1_HAS(features, bit) (((features) >> (bit)) & 1)

struct ext1_offer {
    uint64_t features;  /* set of enum ext1_feature */
    uint64_t block_max; /* bytes, a multiple of every block size, with EXT1_BLOCK_MULTI */
    uint64_t random[2]; /* with EXT1_RANDOM */
    uint64_t ring;      /* with EXT1_RING: address of what hvt_abi.h describes */
    uint64_t uring;     /* with EXT1_URING: address of what spt_abi.h describes */
    uint64_t reserved[2];
    uint32_t net[64]; /* with EXT1_NET_OFFLOAD, by handle: set of SOLO5_NET_* bits (solo5_io.h) */
};
_Static_assert(sizeof(struct ext1_offer) == 320, "EXT1 offer");
_Static_assert(offsetof(struct ext1_offer, ring) == 32, "EXT1 offer");
_Static_assert(offsetof(struct ext1_offer, uring) == 40, "EXT1 offer");
_Static_assert(offsetof(struct ext1_offer, net) == 64, "EXT1 offer");
_Static_assert(offsetof(struct ext1_offer, block_max) == 8, "EXT1 offer");
_Static_assert(offsetof(struct ext1_offer, random) == 16, "EXT1 offer");

/* A complete Solo5 note with a descriptor of type T; the owner's name is padded to 8 bytes. */
#define SOLO5_NOTE_STRUCT(T)                 \
    struct {                                 \
        uint32_t n_namesz, n_descsz, n_type; \
        char n_name[8];                      \
        T desc;                              \
    } __attribute__((packed, aligned(4)))

#endif
