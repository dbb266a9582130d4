/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Signals of a tender: those that ask it to end do so at once, whatever the guest does, with status
 * 128 + the signal's number, also as the first process of a container. A reader of the console that
 * has gone away does not end it, nor does a write beyond the size that its files may have
 * (setrlimit(2), RLIMIT_FSIZE), which fails.
 */
#ifndef TENDERS_COMMON_SIGNALS_H
#define TENDERS_COMMON_SIGNALS_H

#include <signal.h>

/* Sets all that up, with an alternate stack. */
void signals_init(void);

/* Calls (handler) for (signal), once, on the alternate stack; see spt_abi.h. */
void signals_set_trap(int signal, void (*handler)(int, siginfo_t *, void *));

#endif
