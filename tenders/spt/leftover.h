/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the tender leaves behind in the process that the guest gets: its data, and its stack, with
 * the arguments and the environment that it was started with. A guest that looked for them would
 * find them, so they are unmapped as it is entered. What stays is the tender's code, of which
 * signals_exit may still run, the stack of the signals, and what the kernel maps for its clocks.
 */
#ifndef TENDERS_SPT_LEFTOVER_H
#define TENDERS_SPT_LEFTOVER_H

#include <stdint.h>

#define LEFTOVER_COUNT 2

/* Whole pages. */
struct leftover {
    uint64_t addr, len;
};

/* Finds all (LEFTOVER_COUNT) of them. (argc, argv): as main was given them. */
void leftover_find(struct leftover *leftover, int argc, char *const *argv);

#endif
