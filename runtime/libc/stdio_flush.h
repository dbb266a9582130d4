/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What exit() does about the standard streams.
 */
#ifndef RUNTIME_LIBC_STDIO_FLUSH_H
#define RUNTIME_LIBC_STDIO_FLUSH_H

/* Writes out what stdout and stderr hold. Not there in a program that uses no stream. */
void stdio_flush(void) __attribute__((weak));

#endif
