/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * hvt_abi.h: the interface between a guest and the hvt tender, ABI version 2, binary compatible
 * with Solo5 0.12. Self-contained: C11 headers only. All addresses are guest addresses (physical,
 * virtual and linear are the same), held as uint64_t on both sides so that a host cannot follow one
 * by accident. All integers are little-endian.
 */
#ifndef SOLO5_HVT_ABI_H
#define SOLO5_HVT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define HVT_ABI_VERSION 2

/* Lowest address at which an image may be loaded; what is below is the tender's. */
#define HVT_GUEST_MIN_BASE 0x100000

/* Where the boot information is, and the size of the command line's area, with its terminator. */
#define HVT_BOOT_INFO_BASE 0x10000
#define HVT_CMDLINE_SIZE   8192

/* x86_64: hypercall n is a 32-bit `out` of the argument block's address to port PIO_BASE + n. */
#define HVT_HYPERCALL_PIO_BASE 0x500
/* aarch64: hypercall n is a 32-bit store of that address to MMIO_BASE + 8 * n. */
#define HVT_HYPERCALL_MMIO_BASE 0x100000000ULL

/* What the entry point is given, the manifest follows directly. Tenders of Solo5 before 0.11 end
 * after `mft`: a feature holds only when its own address beside it is not 0. */
struct hvt_boot_info {
    uint64_t mem_size;       /* bytes of guest memory, from address 0 */
    uint64_t kernel_end;     /* first address after the image; Solo5's tenders leave a .bss that has
                                a segment of its own out, so a guest takes its own _end */
    uint64_t cpu_cycle_freq; /* of the time stamp counter, Hz */
    uint64_t cmdline;        /* address of a C string */
    uint64_t mft;            /* address of the manifest */
    uint32_t host_features;  /* set of enum hvt_host_feature */
    uint32_t guest_features; /* the guest's answer, never to be trusted */
    uint64_t net_ring;       /* with HVT_HOST_NET_RING: address of struct hvt_net_ring */
};
enum hvt_host_feature { HVT_HOST_NET_RING };
_Static_assert(sizeof(struct hvt_boot_info) == 56, "boot information");
_Static_assert(offsetof(struct hvt_boot_info, cpu_cycle_freq) == 16, "boot information");
_Static_assert(offsetof(struct hvt_boot_info, cmdline) == 24, "boot information");
_Static_assert(offsetof(struct hvt_boot_info, mft) == 32, "boot information");
_Static_assert(offsetof(struct hvt_boot_info, host_features) == 40, "boot information");
_Static_assert(offsetof(struct hvt_boot_info, net_ring) == 48, "boot information");

enum hvt_hypercall {
    HVT_HYPERCALL_WALLTIME = 1,
    HVT_HYPERCALL_PUTS,
    HVT_HYPERCALL_POLL,
    HVT_HYPERCALL_BLOCK_WRITE,
    HVT_HYPERCALL_BLOCK_READ,
    HVT_HYPERCALL_NET_WRITE,
    HVT_HYPERCALL_NET_READ,
    HVT_HYPERCALL_HALT,
    /* Not in Solo5; only where the tender offers EXT1_GUARD (elf_abi.h). */
    HVT_HYPERCALL_GUARD,
    /* Not in Solo5; only where the tender offers EXT1_RING. */
    HVT_HYPERCALL_RING_SETUP,
    HVT_HYPERCALL_MAX
};

/* WALLTIME: nanoseconds since the epoch, UTC. */
struct hvt_hc_walltime {
    uint64_t nsecs; /* out */
};

/* PUTS: `len` bytes at `data` to the console. */
struct hvt_hc_puts {
    uint64_t data;
    uint64_t len;
};

/* POLL: wait until a network device is ready or the timeout is over. */
struct hvt_hc_poll {
    uint64_t timeout_nsecs; /* relative to now */
    uint64_t ready_set;     /* out: bit n is handle n */
    int32_t ret;            /* out: number of devices ready */
    uint32_t pad;
};

/* BLOCK_WRITE, BLOCK_READ: `len` is in and out for the read. */
struct hvt_hc_block {
    uint64_t handle;
    uint64_t offset; /* bytes */
    uint64_t data;
    uint64_t len; /* bytes */
    int32_t ret;  /* out: solo5_result_t */
    uint32_t pad;
};

/* NET_WRITE, NET_READ: `len` is in and out for the read. */
struct hvt_hc_net {
    uint64_t handle;
    uint64_t data;
    uint64_t len; /* bytes */
    int32_t ret;  /* out: solo5_result_t */
    uint32_t pad;
};

/* HALT: end the guest. A cookie that is not 0 points at HVT_HALT_COOKIE_MAX bytes that tell a core
 * dumper more, such as a trap frame. */
#define HVT_HALT_COOKIE_MAX 512
struct hvt_hc_halt {
    uint64_t cookie;
    int32_t exit_status;
    uint32_t pad;
};

/* What such a cookie of a guest of ours on x86_64 points at: its registers at a trap. */
struct hvt_trap_frame_x86_64 {
    uint64_t cr2;
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;            /* error: 0 where the exception has none */
    uint64_t rip, cs, rflags, rsp, ss; /* SDM vol. 3, 6.14.2 */
};
_Static_assert(sizeof(struct hvt_trap_frame_x86_64) == 184, "trap frame");
_Static_assert(sizeof(struct hvt_trap_frame_x86_64) <= HVT_HALT_COOKIE_MAX, "trap frame");
_Static_assert(offsetof(struct hvt_trap_frame_x86_64, r15) == 8, "trap frame");
_Static_assert(offsetof(struct hvt_trap_frame_x86_64, rax) == 120, "trap frame");
_Static_assert(offsetof(struct hvt_trap_frame_x86_64, vector) == 128, "trap frame");
_Static_assert(offsetof(struct hvt_trap_frame_x86_64, ss) == 176, "trap frame");

/* GUARD: make the pages of [addr, addr + len) inaccessible for good. */
struct hvt_hc_guard {
    uint64_t addr; /* page aligned */
    uint64_t len;  /* bytes, whole pages */
    int32_t ret;   /* out: solo5_result_t */
    uint32_t pad;
};

/*
 * Rings, with EXT1_RING (elf_abi.h). A network has two queues, a disk one. Each is a split
 * virtqueue (virtio 1.2, 2.7) in the guest's memory, with VIRTIO_F_VERSION_1 and
 * VIRTIO_F_EVENT_IDX, without indirect descriptors. What the tender offers is in a structure of its
 * own, at `ring` of struct ext1_offer, which the guest cannot write. Where the queues lie is for
 * the guest to say, by RING_SETUP, once each; from then on the tender serves them while the guest
 * runs:
 *
 *     descriptors made available   guest -> tender: a write of 32 bits, any value, to port
 *                                  RING_KICK_PIO_BASE + queue, when avail_event asks for it
 *                                  (2.7.10); the processor does not leave for the tender
 *     descriptors used             tender -> guest: when used_event asks for it (2.7.7.2), POLL
 *                                  returns, now or when it is called next
 *
 * With EXT1_INTERRUPT, as soon as every network, if there is one, has its receive queue set up, it
 * is not POLL that returns: an interrupt comes, so that a guest can wait in its processor, which
 * does not leave for the tender. x86_64: the processor has its local APIC in x2APIC mode (SDM vol.
 * 3, 11.12), for the guest to enable, with a timer that can have a deadline; the interrupt has
 * vector HVT_RING_VECTOR. The timer's vector is for the guest to choose, and it does well to choose
 * another: the timer may be early by the time stamp counter, and only its interrupt says that it is
 * over.
 *
 * A network's queues hold what virtio 1.2, 5.1.6 says: 12 bytes that are struct solo5_net_hdr
 * (solo5_io.h), in one descriptor of their own or with what follows, then the frame. A disk's
 * queue holds what 5.2.6 says: a descriptor with struct hvt_block_head, but for a flush one with
 * the data (or, for discard and write zeroes, struct hvt_block_range), one with the status byte.
 * A chain has at most RING_CHAIN_MAX descriptors.
 *
 * NET_READ, NET_WRITE, BLOCK_READ, BLOCK_WRITE work for a device with rings too, and move frames
 * without those 12 bytes. POLL says nothing of a network whose receive queue has been set up: the
 * guest looks at its rings.
 */
#define HVT_RING_KICK_PIO_BASE 0x610
#define HVT_RING_QUEUES        8    /* of all devices together */
#define HVT_RING_SIZE_MAX      1024 /* descriptors in a queue */
#define HVT_RING_CHAIN_MAX     66
#define HVT_RING_NET_HEAD      12 /* bytes before a frame */
#define HVT_RING_VECTOR        32

/* What EXT1_RING offers. */
struct hvt_ring_offer {
    uint64_t block_ops; /* what disks can do: set of SOLO5_BLOCK_* (solo5_io.h), as bit numbers */
    uint8_t queue[64];  /* by handle: its first queue, or HVT_RING_NONE: it has none */
};
#define HVT_RING_NONE    0xff
#define HVT_RING_RECEIVE 0 /* queues of a network, after its first */
#define HVT_RING_SEND    1

/* RING_SETUP: where a queue lies, in writable memory. */
struct hvt_hc_ring_setup {
    uint32_t queue;
    uint32_t size;  /* descriptors: a power of two up to RING_SIZE_MAX */
    uint64_t desc;  /* 16-aligned: size * struct hvt_ring_desc */
    uint64_t avail; /* 2-aligned: flags, index, size * u16, used_event */
    uint64_t used;  /* 4-aligned: flags, index, size * struct hvt_ring_used, avail_event */
    int32_t ret;    /* out: SOLO5_R_OK, or SOLO5_R_EUNSPEC: the host does not do it after all */
    uint32_t pad;
};

struct hvt_ring_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next; /* with HVT_RING_DESC_NEXT */
};
#define HVT_RING_DESC_NEXT     1
#define HVT_RING_DESC_WRITE    2 /* for the device to write to */
#define HVT_RING_DESC_INDIRECT 4 /* never */

struct hvt_ring_used {
    uint32_t id;  /* of the first descriptor */
    uint32_t len; /* bytes written by the device */
};

struct hvt_block_head {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector; /* of 512 bytes */
};
#define HVT_BLOCK_READ         0
#define HVT_BLOCK_WRITE        1
#define HVT_BLOCK_FLUSH        4
#define HVT_BLOCK_DISCARD      11
#define HVT_BLOCK_WRITE_ZEROES 13
#define HVT_BLOCK_SECTOR       512

struct hvt_block_range {
    uint64_t sector;
    uint32_t count; /* of sectors */
    uint32_t flags; /* 0 */
};

#define HVT_BLOCK_OK      0 /* the status */
#define HVT_BLOCK_FAILED  1
#define HVT_BLOCK_UNKNOWN 2

/*
 * The network ring of Solo5 from 0.11 on, for guests of theirs: one for all networks, outside of
 * mem_size, all zero at first. Each side writes its own line of the four indices, which run freely;
 * an entry is in its array at the index modulo the size. There are no notices to the guest.
 *
 *     NET_RING_WRITE  sends a frame; nothing comes back
 *     NET_RING_READ   takes a frame that is there; for each there is one commit, in their order
 *     entries added   guest -> tender: when needs_kick is set, a write of 32 bits to port
 *                     NET_RING_KICK_PIO_BASE; the processor does not leave for the tender
 */
#define HVT_NET_RING_KICK_PIO_BASE 0x600
#define HVT_NET_RING_SIZE          1024
#define HVT_NET_RING_WRITE         1
#define HVT_NET_RING_READ          2

struct hvt_net_ring_entry {
    uint32_t operation;
    uint32_t handle;
    uint64_t data;
    uint32_t len; /* bytes */
    uint32_t id;  /* for the commit */
    uint64_t reserved;
};

struct hvt_net_ring_commit {
    uint32_t id;
    int32_t ret;  /* solo5_result_t */
    uint32_t len; /* bytes read */
    uint32_t reserved;
};

struct hvt_net_ring {
    uint32_t entry_tail;  /* by the guest: entries added */
    uint32_t commit_head; /* commits taken */
    uint8_t pad0[56];
    uint32_t entry_head;  /* by the tender: entries taken */
    uint32_t commit_tail; /* commits added */
    uint32_t needs_kick;
    uint8_t pad1[52];
    struct hvt_net_ring_entry entries[HVT_NET_RING_SIZE];
    struct hvt_net_ring_commit commits[HVT_NET_RING_SIZE];
};

/* Bytes of a queue's parts. */
#define HVT_RING_DESC_BYTES(size)  ((uint64_t)(size) * sizeof(struct hvt_ring_desc))
#define HVT_RING_AVAIL_BYTES(size) (UINT64_C(6) + (uint64_t)(size)*2)
#define HVT_RING_USED_BYTES(size)  (UINT64_C(6) + (uint64_t)(size) * sizeof(struct hvt_ring_used))

_Static_assert(sizeof(struct hvt_ring_offer) == 72, "EXT1_RING");
_Static_assert(offsetof(struct hvt_ring_offer, queue) == 8, "EXT1_RING");
_Static_assert(sizeof(struct hvt_hc_ring_setup) == 40, "RING_SETUP");
_Static_assert(offsetof(struct hvt_hc_ring_setup, desc) == 8, "RING_SETUP");
_Static_assert(offsetof(struct hvt_hc_ring_setup, avail) == 16, "RING_SETUP");
_Static_assert(offsetof(struct hvt_hc_ring_setup, used) == 24, "RING_SETUP");
_Static_assert(offsetof(struct hvt_hc_ring_setup, ret) == 32, "RING_SETUP");
_Static_assert(sizeof(struct hvt_ring_desc) == 16, "virtio 1.2, 2.7.5");
_Static_assert(offsetof(struct hvt_ring_desc, flags) == 12, "virtio 1.2, 2.7.5");
_Static_assert(sizeof(struct hvt_ring_used) == 8, "virtio 1.2, 2.7.8");
_Static_assert(sizeof(struct hvt_block_head) == 16, "virtio 1.2, 5.2.6");
_Static_assert(sizeof(struct hvt_block_range) == 16, "virtio 1.2, 5.2.6");

_Static_assert(sizeof(struct hvt_net_ring_entry) == 32, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring_entry, data) == 8, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring_entry, id) == 20, "Solo5's network ring");
_Static_assert(sizeof(struct hvt_net_ring_commit) == 16, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, commit_head) == 4, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, entry_head) == 64, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, commit_tail) == 68, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, needs_kick) == 72, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, entries) == 128, "Solo5's network ring");
_Static_assert(offsetof(struct hvt_net_ring, commits) == 32896, "Solo5's network ring");
_Static_assert(sizeof(struct hvt_net_ring) == 49280, "Solo5's network ring");

_Static_assert(sizeof(struct hvt_hc_walltime) == 8, "WALLTIME");
_Static_assert(sizeof(struct hvt_hc_puts) == 16, "PUTS");
_Static_assert(sizeof(struct hvt_hc_poll) == 24, "POLL");
_Static_assert(offsetof(struct hvt_hc_poll, ready_set) == 8, "POLL");
_Static_assert(offsetof(struct hvt_hc_poll, ret) == 16, "POLL");
_Static_assert(sizeof(struct hvt_hc_block) == 40, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(offsetof(struct hvt_hc_block, offset) == 8, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(offsetof(struct hvt_hc_block, data) == 16, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(offsetof(struct hvt_hc_block, len) == 24, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(offsetof(struct hvt_hc_block, ret) == 32, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(sizeof(struct hvt_hc_net) == 32, "NET_WRITE, NET_READ");
_Static_assert(offsetof(struct hvt_hc_net, data) == 8, "NET_WRITE, NET_READ");
_Static_assert(offsetof(struct hvt_hc_net, len) == 16, "NET_WRITE, NET_READ");
_Static_assert(offsetof(struct hvt_hc_net, ret) == 24, "NET_WRITE, NET_READ");
_Static_assert(sizeof(struct hvt_hc_halt) == 16, "HALT");
_Static_assert(offsetof(struct hvt_hc_halt, exit_status) == 8, "HALT");
_Static_assert(sizeof(struct hvt_hc_guard) == 24, "GUARD");
_Static_assert(offsetof(struct hvt_hc_guard, ret) == 16, "GUARD");

#endif
