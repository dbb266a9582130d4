/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Numbers from the command line, whole or refused, and of gdb's protocol.
 */
#ifndef QUINTET_TENDERS_COMMON_PARSE_H
#define QUINTET_TENDERS_COMMON_PARSE_H

#include <stddef.h>
#include <stdint.h>

/* Reads the decimal number that makes up all of (text): digits only, no sign, no space, no unit.
 * Returns 0 and sets (*out) when it lies in [min, max]; else returns -1 and leaves (*out) alone.
 */
int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* Reads the hexadecimal digits, (max) at most, 16 at most, that (text) begins with. Returns how
 * many there are, and sets (*out), to 0 when there are none.
 */
size_t parse_hex(const char *text, size_t max, uint64_t *out);

#endif
