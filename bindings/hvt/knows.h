/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * knows.h: what these bindings know of what a tender may offer (elf_abi.h), as the initial value of
 * an object: constants, and symbols that a program may define.
 */
#ifndef KNOWS_H
#define KNOWS_H

#include "bindings.h"

#define TARGET_KNOWS                                                                         \
    (solo5_wants_net_offload + (1 << EXT1_BLOCK_MULTI | 1 << EXT1_GUARD | 1 << EXT1_RANDOM | \
                                1 << EXT1_RING | 1 << EXT1_INTERRUPT))

#endif
