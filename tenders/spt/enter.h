/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The way from the tender into the guest, which has none back. One implementation a processor.
 */
#ifndef TENDERS_SPT_ENTER_H
#define TENDERS_SPT_ENTER_H

#include <stdint.h>

/*
 * Jumps to (entry) with (boot_info) as its argument and the stack at (stack), as in a call by the C
 * convention. Nothing of the tender is left in registers, and its thread pointer is taken away.
 */
void spt_enter(uint64_t entry, uint64_t boot_info, uint64_t stack) __attribute__((noreturn));

/* How far below the end of memory the stack begins. */
#define SPT_STACK_OFFSET 8

#endif
