/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the runtime offers beyond C and POSIX.
 */
#ifndef QUINTET_H
#define QUINTET_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The heap at one moment; everything in bytes but the count. */
struct rt_heap_stats {
    size_t total;       /* what there is, from start to end */
    size_t used;        /* in allocated blocks, their headers included */
    size_t used_peak;   /* the most that (used) has been */
    size_t free;        /* in free blocks below the top */
    size_t top;         /* from the start to the end of the highest block: total - top is untouched,
                           or was given back */
    size_t top_peak;    /* the most that (top) has been */
    size_t block_count; /* allocated blocks */
};

/* Fills in (*stats). */
void rt_heap_stats(struct rt_heap_stats *stats);

/* The networks of the manifest that sockets use, ended by a NULL. A program may define it; the
 * runtime's own names "service" alone. The first is where packets without another way go. */
extern const char *const rt_net_devices[];

/*
 * Sends from memory that stays where it is, on a connected stream. As send(), with the (flags) of
 * send(); but the bytes are not copied: they MUST stay as they are until (done) is called, or,
 * where it is NULL, for ever, as the constants of a program do. (done) gets (arg); it is called
 * once if the call returns a number greater than 0, perhaps before it does, when none of the bytes
 * that were taken is needed any more: the other side has confirmed them, or the connection is gone.
 * It runs in the network's turn and MUST NOT wait. Not called when the result is -1 or 0.
 */
ssize_t rt_send_ref(int fd, const void *data, size_t len, int flags, void (*done)(void *arg),
                    void *arg);

/* argv[0]. A program may define it; the runtime's own says "app". */
extern const char *const rt_program_name;

#ifdef __cplusplus
}
#endif

#endif
