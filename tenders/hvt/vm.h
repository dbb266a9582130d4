/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * All that the hvt tender knows of one virtual machine. hvt.c fills it in; then vm_run enters the
 * guest, which comes back by hypercalls, each served by hypercall.c, until it ends. Whatever the
 * guest does that makes no sense ends in guest_kill.
 */
#ifndef TENDERS_HVT_VM_H
#define TENDERS_HVT_VM_H

#include <linux/kvm.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "devices.h"
#include "error.h"
#include "filter.h"
#include "hvt_abi.h"
#include "image.h"
#include "memory.h"
#include "options.h"
#include "rings.h"
#include "stats.h"

struct vm;

/* The status of a guest that guest_kill has ended. */
#define VM_KILLED (-1)

/* What a tender with debugging aids does besides; a member may be NULL. */
struct vm_hooks {
    /* The guest is ready to be entered; this, and not the sandbox, comes next. */
    int (*prepare)(struct vm *vm, struct error *error);
    /* The guest has ended: 0 to 255 and its cookie, or VM_KILLED and 0. */
    void (*ended)(struct vm *vm, int status, uint64_t cookie);
    /* The processor has left the guest, but not for a hypercall; returns whether to go on. After a
     * signal the tender goes on in any case. */
    bool (*exited)(struct vm *vm);
};

struct vm {
    const struct tender *tender;
    const struct vm_hooks *hooks;
    struct options options;
    struct image image;
    struct devices devices;
    struct gmem gmem;
    int kvm, fd, cpu;    /* /dev/kvm, the machine, its processor */
    struct kvm_run *run; /* shared with the kernel */
    struct cpu_tables tables;
    uint64_t cycle_freq; /* of the time stamp counter, Hz */
    bool multi;          /* EXT1 was offered, with EXT1_BLOCK_MULTI */
    bool guard;          /* and EXT1_GUARD */
    bool interrupts;     /* the processor has what EXT1_INTERRUPT takes */
    struct rings rings;
    struct stats stats;
    struct filter filter;
    /* What POLL waits for: networks, each with its handle; with rings, first, that one of them has
     * something, with handle 0. */
    unsigned poll_count;
    struct pollfd poll[MFT_MAX_ENTRIES];
    uint8_t poll_handle[MFT_MAX_ENTRIES];
};

/* Opens /dev/kvm, makes the machine and its processor, gives it guest memory. */
int vm_create(struct vm *vm, struct error *error);

/* Runs the guest until it ends, and ends the tender. */
void vm_run(struct vm *vm) __attribute__((noreturn));

/* Ends the tender with (status) as the guest wished. */
void vm_end(struct vm *vm, int status, uint64_t cookie) __attribute__((noreturn));

/* The same, of a thread that is not the one that runs the guest: the hooks are not called. */
void vm_end_now(struct vm *vm, int status) __attribute__((noreturn));

/* The signals that end a tender print statistics too: for --stats. */
void vm_stats_at_signals(struct vm *vm);

/* The guest did what makes no sense: says so, and where, and ends the tender with status 1. */
void guest_kill(struct vm *vm, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* Serves hypercall (nr), any value, with its argument block at (block), any value. */
void hypercall(struct vm *vm, uint64_t nr, uint64_t block);

/* Prepares POLL. */
void hypercall_init(struct vm *vm);

/* POLL says nothing of that network any more. */
void hypercall_no_poll(struct vm *vm, uint64_t handle);

/* Whether it says something of any network. */
bool hypercall_polls(const struct vm *vm);

#endif
