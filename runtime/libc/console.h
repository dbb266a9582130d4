/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console as an object with a descriptor.
 */
#ifndef RUNTIME_LIBC_CONSOLE_H
#define RUNTIME_LIBC_CONSOLE_H

#include "libc/fd.h"

extern const struct fd_ops console_in_ops;  /* always at its end */
extern const struct fd_ops console_out_ops; /* takes everything at once */

#endif
