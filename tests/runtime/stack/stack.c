/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Stacks without a bottom: of a thread, or with `main` of the first. Each must run into its guard
 * page, and nothing below it be written to.
 */
#include <pthread.h>
#include <string.h>

#include "check.h"

static unsigned depth;

static __attribute__((noinline)) int dive(int n)
{
    volatile char room[500];

    depth++;
    room[0] = (char)n;
    if (depth > 10000000)
        return room[0];
    int below = dive(n + 1);
    return below + room[0];
}

static void *dive_once(void *arg)
{
    return dive(0) == 12345 ? arg : NULL;
}

int main(int argc, char **argv)
{
    pthread_t t;

    printf("diving\n");
    if (argc > 1 && strcmp(argv[1], "main") == 0) {
        dive(0);
    } else {
        pthread_create(&t, NULL, dive_once, NULL);
        pthread_join(t, NULL);
    }
    printf("came up again\n");
    return 0;
}
