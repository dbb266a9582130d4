/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A file as a block device: Xen's own backend takes no other, and asks no other program's help for
 * it.
 */
#ifndef TENDERS_XEN_LOOP_H
#define TENDERS_XEN_LOOP_H

#include <stdint.h>

#include "error.h"

#define LOOP_NAME_SIZE 24

/* Makes (fd), a regular file that is open for reading and writing, a block device with blocks of
 * (block_size) bytes; it goes away when nobody has it open any more. Returns a descriptor of it,
 * and its (name), or -1 with (error). */
int loop_open(int fd, uint32_t block_size, char name[LOOP_NAME_SIZE], struct error *error);

#endif
