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
    uint32_t host_features;  /* bit 0: Solo5's network ring at net_ring */
    uint32_t guest_features; /* the guest's answer, never to be trusted */
    uint64_t net_ring;
};
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
