/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A domain from its creation to its end, by xl and the programs that come with it.
 */
#ifndef TENDERS_XEN_DOMAIN_H
#define TENDERS_XEN_DOMAIN_H

#include "error.h"

/* Creates the domain (name) from (config), shows its console on standard output, and removes it
 * when it has ended or when a signal asks for that. Returns the status to end with: the guest's, or
 * 128 and the number of the signal; -1 with (error). */
int domain_run(const char *xl, const char *name, const char *config, struct error *error);

#endif
