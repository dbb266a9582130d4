/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * perror, in one call of stdio, so that it is one write.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

void perror(const char *what)
{
    const char *error = strerror(errno);

    if (what != NULL && *what != '\0')
        fprintf(stderr, "%s: %s\n", what, error);
    else
        fprintf(stderr, "%s\n", error);
}
