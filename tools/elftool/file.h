/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whole files in and out.
 */
#ifndef TOOLS_ELFTOOL_FILE_H
#define TOOLS_ELFTOOL_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "fault.h"

/*
 * Reads the file at `path`, which may be a pipe or "-" for standard input, of at most `max` bytes.
 * Returns its bytes and one more, a 0, which the caller frees, and sets `*len` to their number
 * without the 0; or returns NULL and sets `*fault`.
 */
char *file_read(const char *path, size_t max, size_t *len, struct fault *fault);

/*
 * Writes what `write(out, data)` prints to the file at `path`: all of it or, when
 * anything fails, nothing, and what was there before stays. Standard
 * output, which is "-", and what is no regular file or is open already, such as
 * /dev/stdout, is written to as it is. Returns 0, or -1 and
 * sets `*fault`.
 */
int file_write(const char *path, void (*write)(FILE *out, const void *data), const void *data,
               struct fault *fault);

#endif
