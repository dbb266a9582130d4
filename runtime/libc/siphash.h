/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012) of two words: who does not know the key learns nothing
 * from one result about another.
 */
#ifndef RUNTIME_LIBC_SIPHASH_H
#define RUNTIME_LIBC_SIPHASH_H

#include <stdint.h>

uint64_t siphash(const uint64_t key[2], uint64_t a, uint64_t b);

#endif
