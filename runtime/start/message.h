/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the runtime itself has to say: one line on the console, without stdio and without memory.
 */
#ifndef RUNTIME_START_MESSAGE_H
#define RUNTIME_START_MESSAGE_H

/* Writes "runtime: ", the parts and a newline in one piece. A NULL ends the parts; what does not
 * fit into 512 bytes is cut off. */
void rt_message(const char *part, ...) __attribute__((sentinel));

/* The same, and ends the program: the person can do something about it. Exit status 1. */
void rt_fail(const char *part, ...) __attribute__((sentinel, noreturn));

/* The same, and aborts: the program or the runtime is broken. Exit status 255. */
void rt_panic(const char *part, ...) __attribute__((sentinel, noreturn));

/* (value) in hexadecimal with 0x, written into (buf), which is returned. */
#define RT_HEX_SIZE 19
char *rt_hex(char buf[RT_HEX_SIZE], unsigned long value);

#endif
