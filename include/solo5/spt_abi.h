/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * spt_abi.h: the interface between a guest and the spt tender, ABI version 2, binary compatible
 * with Solo5 0.12. Self-contained: C11 headers only. The guest runs in the tender's own process,
 * its memory mapped at the addresses it was linked for, behind a seccomp filter.
 */
#ifndef SOLO5_SPT_ABI_H
#define SOLO5_SPT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define SPT_ABI_VERSION 2

/* Lowest address of guest memory, lowest address at which an image may be loaded. */
#define SPT_HOST_MEM_BASE  0x10000
#define SPT_GUEST_MIN_BASE 0x100000

/* Where the boot information is, and the size of the command line's area, with its terminator. */
#define SPT_BOOT_INFO_BASE 0x11000
#define SPT_CMDLINE_SIZE   8192

struct spt_boot_info {
    uint64_t mem_size;   /* end of guest memory: [SPT_HOST_MEM_BASE, mem_size) is mapped */
    uint64_t kernel_end; /* first address after the image */
    uint64_t cmdline;    /* address of a C string */
    uint64_t mft;        /* address of the manifest; b.hostfd are descriptors for the guest */
    int32_t epollfd;     /* holds every network descriptor and timerfd */
    int32_t timerfd;     /* CLOCK_MONOTONIC */
};
_Static_assert(sizeof(struct spt_boot_info) == 40, "boot information");
_Static_assert(offsetof(struct spt_boot_info, mft) == 24, "boot information");
_Static_assert(offsetof(struct spt_boot_info, epollfd) == 32, "boot information");
_Static_assert(offsetof(struct spt_boot_info, timerfd) == 36, "boot information");

/* epoll_event.data.u64 of the timer; that of a network is its handle. */
#define SPT_INTERNAL_TIMERFD 0xfffffffeULL

/* epoll_event.data.u64 of the ring of struct spt_uring, which is edge-triggered: the guest looks at
 * the completions before it waits. */
#define SPT_INTERNAL_URING 0xfffffffdULL

/*
 * With EXT1_URING (elf_abi.h), at ext1_offer.uring, not writable: an io_uring(7) for disks. Those
 * that are not in it are read and written by pread64 and pwrite64 only. The ring takes
 * IORING_OP_READ and IORING_OP_WRITE on registered files, with IOSQE_FIXED_FILE and no other flag;
 * entry n of the array of submissions is always in slot n of the submission ring. Writes are synced
 * by fdatasync.
 */
struct spt_uring {
    int32_t fd; /* -1: there is no ring: sizes and addresses are 0, file[] is -1 */
    uint32_t sq_entries, cq_entries; /* powers of two */
    uint32_t refused;                /* why disks are not in it: SPT_URING_*, or 0 */
    uint64_t sq_head, sq_tail;       /* addresses of uint32_t, which run freely */
    uint64_t cq_head, cq_tail;
    uint64_t sqes, cqes; /* addresses of the arrays of struct io_uring_sqe, io_uring_cqe */
    int8_t file[64];     /* by handle: index of the registered file, or -1 */
};
#define SPT_URING_HOST   1 /* none is: the host does not allow a ring */
#define SPT_URING_OUTPUT 2 /* files are not: standard output is one */
#define SPT_URING_SIZES  3 /* some files are not: there is a larger one */
_Static_assert(sizeof(struct spt_uring) == 128, "io_uring");
_Static_assert(offsetof(struct spt_uring, sq_head) == 16, "io_uring");
_Static_assert(offsetof(struct spt_uring, sqes) == 48, "io_uring");
_Static_assert(offsetof(struct spt_uring, file) == 64, "io_uring");

/*
 * System calls that a guest may make; any other ends it with SIGSYS:
 *   write(1, ...), exit_group, clock_gettime(CLOCK_REALTIME or CLOCK_MONOTONIC),
 *   epoll_pwait(epollfd, ...) with no signal mask, timerfd_settime(timerfd, ...),
 *   arch_prctl(ARCH_SET_FS) (x86_64),
 *   read and write on the descriptor of a network, or when the tender offers EXT1_NET_OFFLOAD and
 *     something of it for that network, readv and writev in their place,
 *   pread64 and pwrite64 on that of a block device: one block within its capacity; with
 *     EXT1_BLOCK_MULTI (elf_abi.h) up to block_max bytes within its capacity,
 *   mprotect(..., PROT_NONE) of whole pages between kernel_end and mem_size, with EXT1_GUARD;
 *   epoll_ctl(epollfd, EPOLL_CTL_DEL, ...), with EXT1_FORGET;
 *   with EXT1_URING: fdatasync, and fallocate with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, on
 *     the descriptor of a block device; io_uring_enter(fd of struct spt_uring, ...) with no flag
 *     but IORING_ENTER_GETEVENTS and without a signal mask.
 *
 * A trap handler given by the guest's EXT1 note is called as handler(signo, siginfo_t *,
 * ucontext_t *) (POSIX.1-2017, sigaction, SA_SIGINFO) for SIGSEGV, SIGBUS, SIGILL, SIGFPE and
 * SIGTRAP, once, on a stack of the tender's with at least SPT_TRAP_STACK_SIZE bytes. It cannot
 * return; to end the process by the same signal it repeats the trap.
 */
#define SPT_TRAP_STACK_SIZE 16384

#endif
