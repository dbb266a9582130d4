/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The way from the tender into the guest, which has none back. One implementation a processor.
 */
#ifndef TENDERS_SPT_ENTER_H
#define TENDERS_SPT_ENTER_H

#include "leftover.h"

/*
 * Unmaps (leftover), and jumps to (entry) with (boot_info) as its argument and the stack at
 * (stack), as in a call by the C convention. Nothing of the tender is left in registers, and its
 * thread pointer is taken away. Where that is refused it ends the process with status 1.
 */
void spt_enter(uint64_t entry, uint64_t boot_info, uint64_t stack,
               const struct leftover leftover[LEFTOVER_COUNT]) __attribute__((noreturn));

/* How far below the end of memory the stack begins. */
#define SPT_STACK_OFFSET 8

#endif
