/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The rights that usernet keeps while a guest runs.
 */
#ifndef QUINTET_TENDERS_USERNET_CONFINE_H
#define QUINTET_TENDERS_USERNET_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

struct confine_needs {
    pid_t tender;       /* the one process that may be signalled */
    bool opens_outside; /* the guest may open connections; not so under --restrict */
    bool reads_resolv;  /* libslirp looks the host's name server up in /etc/resolv.conf */
    bool captures;      /* a capture may have to be cut back */
};

/* Gives up every right that is not needed, for good. Returns 0, or -1 with what failed, a constant,
 * in (*what) and with errno.
 */
int confine_enter(const struct confine_needs *needs, const char **what);

#endif
