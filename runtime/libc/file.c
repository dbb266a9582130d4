/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See file.h.
 */
#include "libc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE 4096

static const char *without_root(const char *path)
{
    while (*path == '/')
        path++;
    return path;
}

const struct rt_file *file_find(const char *path)
{
    const char *name = without_root(path);

    for (const struct rt_file *file = rt_files; file->path != NULL; file++) {
        if (strcmp(without_root(file->path), name) == 0)
            return file;
    }
    return NULL;
}

void file_stat(const struct rt_file *file, struct stat *st)
{
    memset(st, 0, sizeof *st);
    st->st_ino = (ino_t)(file - rt_files) + 1;
    st->st_mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
    st->st_nlink = 1;
    st->st_size = (off_t)file_size(file);
    st->st_blksize = BLOCK_SIZE;
    st->st_blocks = (st->st_size + 511) / 512;
}

static ssize_t file_readv(void *obj, const struct iovec *iov, int iovcnt, int flags)
{
    struct file *file = obj;
    off_t size = (off_t)file_size(file->packed), start = file->position;

    (void)flags;
    for (int i = 0; i < iovcnt && file->position < size; i++) {
        size_t left = (size_t)(size - file->position);
        size_t n = iov[i].iov_len < left ? iov[i].iov_len : left;

        memcpy(iov[i].iov_base, (const char *)file->packed->data + file->position, n);
        file->position += (off_t)n;
    }
    return (ssize_t)(file->position - start);
}

static off_t file_seek(void *obj, off_t offset, int whence)
{
    struct file *file = obj;
    off_t base = whence == SEEK_CUR ? file->position : 0;

    if (whence == SEEK_END)
        base = (off_t)file_size(file->packed);
    if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) || offset < -base) {
        errno = EINVAL;
        return -1;
    }
    if (__builtin_add_overflow(base, offset, &file->position)) {
        file->position = base;
        errno = EOVERFLOW;
        return -1;
    }
    return file->position;
}

static void file_fstat(void *obj, struct stat *st)
{
    const struct file *file = obj;

    file_stat(file->packed, st);
}

static int file_close(void *obj)
{
    file_release(obj);
    return 0;
}

const struct fd_ops file_ops = {
    .type = S_IFREG,
    .readv = file_readv,
    .seek = file_seek,
    .stat = file_fstat,
    .close = file_close,
};

int file_open(const struct rt_file *packed)
{
    struct file *file = malloc(sizeof *file);
    int fd;

    if (file == NULL)
        return -1;
    *file = (struct file){.packed = packed, .holds = 1};
    fd = fd_alloc(&file_ops, file, O_RDONLY);
    if (fd < 0)
        free(file);
    return fd;
}

void file_release(struct file *file)
{
    if (--file->holds == 0)
        free(file);
}
