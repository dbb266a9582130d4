/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The one place where a tender gives up its rights, before it enters the guest.
 */
#ifndef TENDERS_COMMON_SANDBOX_H
#define TENDERS_COMMON_SANDBOX_H

#include <stdbool.h>

#include "error.h"
#include "filter.h"

/* To be called before another thread is made, which then has no rights that sandbox_enter takes
 * from the first. */
void sandbox_prepare(void);

/*
 * Gives up new privileges and all capabilities, and loads the filter for all threads. Whoever
 * started the tender may have put it into a sandbox that forbids that: then, if not (required),
 * says so and goes on. Returns 0, or -1 with (error).
 */
int sandbox_enter(const struct filter *filter, bool required, const char *program,
                  struct error *error);

/* Opens /dev/null in the place of each of the first three descriptors that is closed, so that no
 * other file takes it. To be called before anything is opened. */
void sandbox_fill_standard(void);

/* Closes all descriptors but the first three, those of (devices), and (fds), of which there are
 * (count), in any order. */
void sandbox_close_others(const struct devices *devices, const int *fds, unsigned count);

#endif
