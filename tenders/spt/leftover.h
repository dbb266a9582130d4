/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the tender leaves behind in the process that the guest gets: its data, and its stack with
 * the environment that it was started with. A guest that looked for them would find them, so the
 * first two are unmapped as it is entered, and the environment is overwritten. What stays is the
 * tender's code, of which signals_exit may still run, the stack of the signals, what the kernel
 * maps for its clocks, and the tender's arguments, which ps(1) and whoever looks for the process
 * want to see.
 */
#ifndef TENDERS_SPT_LEFTOVER_H
#define TENDERS_SPT_LEFTOVER_H

#include <stdint.h>

#define LEFTOVER_COUNT 2

/* Whole pages. */
struct leftover {
    uint64_t addr, len;
};

/* Finds all (LEFTOVER_COUNT) of them. (argv): as main was given it, with at least one argument. */
void leftover_find(struct leftover *leftover, char *const *argv);

/* Overwrites the environment with zeros. (argc, argv): as main was given them. */
void leftover_clear_environment(int argc, char *const *argv);

#endif
