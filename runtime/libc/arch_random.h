/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The processor's source of random numbers.
 */
#ifndef RUNTIME_LIBC_ARCH_RANDOM_H
#define RUNTIME_LIBC_ARCH_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* Sets (*out) to a random number; false when the processor has none to give. */
bool arch_random(uint64_t *out);

#endif
