/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * knows.h: what these bindings know of what a tender may offer (elf_abi.h).
 */
#ifndef KNOWS_H
#define KNOWS_H

#include "elf_abi.h"

#define TARGET_KNOWS (1 << EXT1_BLOCK_MULTI | 1 << EXT1_GUARD | 1 << EXT1_RANDOM)

#endif
