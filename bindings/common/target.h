/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * target.h: all that a target implements. Everything else of the bindings is common to all targets.
 * The common code checks the arguments of a public call first: what arrives here is in range.
 */
#ifndef TARGET_H
#define TARGET_H

#include "mft_abi.h"
#include "solo5_io.h"

/* What a target finds out at its start. */
struct boot {
    const char *cmdline;   /* never NULL, lives as long as the program */
    const struct mft *mft; /* as the host filled it in */
    uint64_t mem_size;     /* first address after memory */
    uint64_t heap_start;   /* page aligned, the target keeps what is before it; 0: nothing */
};

/* Reads what the host gave the entry point, sets the processor and the clocks up. Called once,
 * before anything else; the console works afterwards. */
void target_init(const void *arg, struct boot *boot);

void target_console_write(const char *buf, size_t size);
solo5_time_t target_clock_monotonic(void);
solo5_time_t target_clock_wall(void);

/* Blocks until a device is ready or the deadline has come; returns what solo5_io_wait does, of
 * the devices that the target itself has the state of. */
solo5_handle_set_t target_wait(solo5_time_t deadline);

/* One frame; the device is attached and (size) within its bounds. */
solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size);
solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size);

/* One request within the device's bounds that the host takes as a whole (see block.c). */
solo5_result_t target_block_write(solo5_handle_t handle, const struct mft_entry *dev,
                                  solo5_off_t offset, const uint8_t *buf, size_t size);
solo5_result_t target_block_read(solo5_handle_t handle, const struct mft_entry *dev,
                                 solo5_off_t offset, uint8_t *buf, size_t size);

/*
 * How a network moves packets (solo5_io.h). What it can do is in the tender's offer, and a packet
 * that arrives here is as solo5_io.h describes it and needs no more than that.
 */
struct net_io {
    size_t depth;
    solo5_result_t (*send)(solo5_handle_t handle, const struct mft_entry *dev,
                           const struct solo5_packet *packets, size_t count, size_t *sent);
    size_t (*reclaim)(solo5_handle_t handle, uint64_t *cookies, size_t max);
    solo5_result_t (*post)(solo5_handle_t handle, const struct mft_entry *dev,
                           const struct solo5_packet *buffers, size_t count, size_t *posted);
    solo5_result_t (*receive)(solo5_handle_t handle, const struct mft_entry *dev,
                              struct solo5_received *packets, size_t max, size_t *count);
};

/* Returns how that network does it, the same for as long as the program runs; NULL: by
 * target_net_write and target_net_read (net_plain.c). */
const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev);

/* The same for a disk: a request that arrives here is within the device and one of `features`. */
struct block_io {
    uint64_t features; /* set of SOLO5_BLOCK_* */
    size_t depth;
    solo5_result_t (*submit)(solo5_handle_t handle, const struct mft_entry *dev,
                             const struct solo5_block_request *requests, size_t count,
                             size_t *submitted);
    size_t (*complete)(solo5_handle_t handle, struct solo5_block_completion *completions,
                       size_t max);
};

/* NULL: by target_block_write and target_block_read, one after the other (block_plain.c). */
const struct block_io *target_block_io(solo5_handle_t handle, const struct mft_entry *dev);

/* Makes whole pages inaccessible; called only when the host offers EXT1_GUARD. */
solo5_result_t target_mem_guard(uintptr_t addr, size_t size);

/* Sets the thread pointer. */
solo5_result_t target_set_tls_base(uintptr_t base);

/* Ends the program. (cookie): NULL, or the trap frame that a core dumper may want. */
struct trap_frame;
void target_exit(int status, const struct trap_frame *cookie) __attribute__((noreturn));

/* Ends the program after a trap was reported, in the way that the host expects of a trap. */
void target_trap_exit(const struct trap_frame *frame) __attribute__((noreturn));

#endif
