/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the hvt tender does for one kind of processor: its address translation, its state at the
 * entry of the guest, its clock, and how its hypercalls look to KVM. One implementation a
 * processor.
 */
#ifndef TENDERS_HVT_CPU_H
#define TENDERS_HVT_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct vm;
struct gmem;
struct image;

/*
 * The translation tables lie behind guest memory, where the guest has no address for them. A guest
 * may use tables of its own and write to these: so they are only ever written here, and what is in
 * them is known from this structure.
 */
#define CPU_REGIONS_MAX 2048
struct cpu_tables {
    uint8_t region[CPU_REGIONS_MAX]; /* enum region of 2 MiB each */
};

/* Bytes that the tables take behind (mem_size) bytes of guest memory. */
uint64_t cpu_tables_size(uint64_t mem_size);

/* Writes them: the image's segments with their protection, what follows them readable and writable
 * and never executable. */
void cpu_tables_init(struct cpu_tables *tables, const struct gmem *gmem, const struct image *image);

/* Makes [addr, addr + len), whole pages in guest memory after the image, inaccessible for good. */
void cpu_tables_guard(struct cpu_tables *tables, const struct gmem *gmem, uint64_t addr,
                      uint64_t len);

/* Before the processor is made: gives it what EXT1_INTERRUPT takes, if this KVM and the size of
 * guest memory allow that. */
bool cpu_give_interrupts(const struct vm *vm);

/* Sets the processor up to enter the guest; finds vm->cycle_freq. Returns 0, or -1 with (error). */
int cpu_init(struct vm *vm, struct error *error);

/* If the processor has left the guest for a hypercall: sets its number and argument block. */
bool cpu_hypercall(struct vm *vm, uint64_t *nr, uint64_t *block);

/* Where the guest is; false if that cannot be known. */
bool cpu_pc(struct vm *vm, uint64_t *pc);

#endif
