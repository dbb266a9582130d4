/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See fd.h. The table grows in chunks that never move, so that a struct fd stays where it is.
 */
#include "libc/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "libc/console.h"

#define CHUNK_COUNT 32
#define CHUNKS_MAX  512

static struct fd first_chunk[CHUNK_COUNT] = {
    {.ops = &console_in_ops, .flags = O_RDONLY},
    {.ops = &console_out_ops, .flags = O_WRONLY},
    {.ops = &console_out_ops, .flags = O_WRONLY},
};

static struct fd *more_chunks[CHUNKS_MAX]; /* [0] is not used: first_chunk is there */
static unsigned lowest_free = 3;           /* no lower slot is free */

static struct fd *chunk_of(unsigned fd)
{
    return fd < CHUNK_COUNT ? first_chunk : more_chunks[fd / CHUNK_COUNT];
}

int fd_alloc(const struct fd_ops *ops, void *obj, int flags)
{
    for (unsigned n = lowest_free; n < CHUNKS_MAX * CHUNK_COUNT; n++) {
        struct fd *chunk = chunk_of(n);
        if (chunk == NULL) {
            chunk = more_chunks[n / CHUNK_COUNT] = calloc(CHUNK_COUNT, sizeof *chunk);
            if (chunk == NULL)
                return -1;
        }
        struct fd *fd = &chunk[n % CHUNK_COUNT];
        if (fd->ops == NULL) {
            *fd = (struct fd){.ops = ops, .obj = obj, .flags = flags};
            lowest_free = n + 1;
            return (int)n;
        }
    }
    errno = EMFILE;
    return -1;
}

struct fd *fd_get(int fd)
{
    unsigned n = (unsigned)fd;

    if (n < CHUNKS_MAX * CHUNK_COUNT && chunk_of(n) != NULL) {
        struct fd *entry = &chunk_of(n)[n % CHUNK_COUNT];
        if (entry->ops != NULL)
            return entry;
    }
    errno = EBADF;
    return NULL;
}

void fd_free(int fd)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return;
    *entry = (struct fd){0};
    if ((unsigned)fd < lowest_free)
        lowest_free = (unsigned)fd;
}
