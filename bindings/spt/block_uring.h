/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Disks under a tender that offers EXT1_URING: many requests at a time by the io_uring that it has
 * made, and flush, discard and zeroes by system calls of their own (spt_abi.h).
 */
#ifndef BLOCK_URING_H
#define BLOCK_URING_H

#include "target.h"

/* Returns how disks are used; sets all up when called first. (mft): the tender's. */
const struct block_io *block_uring(const struct mft *mft);

/* Takes completions from the kernel, and returns the disks that have some. To be asked before one
 * waits until (deadline), which is set to 0 when there is nothing to wait for, and afterwards. */
solo5_handle_set_t block_uring_poll(solo5_time_t *deadline);

#endif
