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

/*
 * System calls that a guest may make; any other ends it with SIGSYS:
 *   write(1, ...), exit_group, clock_gettime(CLOCK_REALTIME or CLOCK_MONOTONIC),
 *   epoll_pwait(epollfd, ...) with no signal mask, timerfd_settime(timerfd, ...),
 *   arch_prctl(ARCH_SET_FS) (x86_64),
 *   read and write on the descriptor of a network,
 *   pread64 and pwrite64 on that of a block device: one block within its capacity; with
 *     EXT1_BLOCK_MULTI (elf_abi.h) up to block_max bytes within its capacity,
 *   mprotect(..., PROT_NONE) of whole pages between kernel_end and mem_size, with EXT1_GUARD.
 *
 * A trap handler given by the guest's EXT1 note is called as handler(signo, siginfo_t *,
 * ucontext_t *) (POSIX.1-2017, sigaction, SA_SIGINFO) for SIGSEGV, SIGBUS, SIGILL, SIGFPE and
 * SIGTRAP, once, on a stack of the tender's with at least SPT_TRAP_STACK_SIZE bytes. It cannot
 * return; to end the process by the same signal it repeats the trap.
 */
#define SPT_TRAP_STACK_SIZE 16384

#endif
