/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The files that are packed into the program (rt_files of quintet.h): found by name, and open.
 */
#ifndef RUNTIME_LIBC_FILE_H
#define RUNTIME_LIBC_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "libc/fd.h"
#include "quintet.h"

/* An open one: the object of a descriptor with file_ops. */
struct file {
    const struct rt_file *packed;
    off_t position;
    unsigned holds; /* by the descriptor, and by each call that waits */
};
extern const struct fd_ops file_ops;

/* The file of that name, NULL if there is none. Slashes at the beginning say nothing. */
const struct rt_file *file_find(const char *path);

static inline size_t file_size(const struct rt_file *file)
{
    return (size_t)((const char *)file->end - (const char *)file->data);
}

/* What is not zero. */
void file_stat(const struct rt_file *file, struct stat *st);

/* A descriptor, or -1 with errno. */
int file_open(const struct rt_file *file);

/* The last to release an open file frees it. */
void file_release(struct file *file);

#endif
