/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Aids for debugging a guest, in solo5-hvt-debug alone: a core file when it aborts, and a stub of
 * gdb's remote protocol. What differs between processors is in debug_cpu.c of each.
 */
#ifndef TENDERS_HVT_DEBUG_H
#define TENDERS_HVT_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "vm.h"

/*
 * Writes DIR/core.IMAGE.PID: registers and all memory that is not zero, for gdb IMAGE CORE.
 * (cookie): address of the guest's trap frame, or 0: the processor's registers are taken.
 */
void core_write(struct vm *vm, const char *dir, uint64_t cookie);

#define GDB_BREAKPOINTS 64

/* A gdb that is connected. */
struct gdb {
    int fd; /* -1: has gone */
    struct breakpoint {
        enum breakpoint_kind { BREAKPOINT_NONE, BREAKPOINT_HARD, BREAKPOINT_SOFT } kind;
        uint64_t addr;
        uint8_t saved[8]; /* BREAKPOINT_SOFT: what was in memory there */
    } breakpoint[GDB_BREAKPOINTS];
    size_t used, end; /* of input: the bytes not yet read */
    char input[4096];
};

/* Waits on the loopback port for a gdb, and serves it until it lets the guest go. */
int gdb_wait(struct gdb *gdb, struct vm *vm, uint16_t port, struct error *error);

/* The processor has left the guest for the debugger: serves it. False if that was not so. */
bool gdb_exited(struct gdb *gdb, struct vm *vm);

/* Tells gdb that the guest has ended. */
void gdb_ended(struct gdb *gdb, int status);

/* ---- By processor */

/* Bytes of the registers as gdb's packet g has them, and as a core file's NT_PRSTATUS note. */
#define DEBUG_REGISTERS_SIZE 512

/* The ELF machine, and the NT_PRSTATUS descriptor of (pid) in (note), which has 512 bytes and is
 * aligned to 8; returns its size. With (cookie), what the guest's trap frame says goes before the
 * processor's state. */
size_t debug_prstatus(struct vm *vm, uint64_t cookie, int pid, void *note);

/* gdb's registers out of and into the processor; returns their size in bytes. */
size_t debug_get_registers(struct vm *vm, uint8_t *bytes);
int debug_set_registers(struct vm *vm, const uint8_t *bytes, size_t len);

/* How many breakpoints the processor has. */
#define DEBUG_HARD_BREAKPOINTS 4

/* Makes the processor leave the guest at these (count) addresses, at breakpoints in memory, and
 * with (step) after an instruction. */
int debug_enable(struct vm *vm, bool step, const uint64_t *addrs, unsigned count);
void debug_disable(struct vm *vm);

/* What is put into memory for a breakpoint. */
extern const uint8_t debug_breakpoint[];
extern const size_t debug_breakpoint_size;

#endif
