/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Disks of a guest: regular files and block devices, locked as long as the tender runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "parse.h"

#define BLOCK_SIZE_DEFAULT 512
#define BLOCK_SIZE_MAX     32768 /* the greatest power of two that the manifest can hold */

static int set_block_size(struct device *device, const char *text, struct error *error)
{
    uint64_t size = BLOCK_SIZE_DEFAULT;

    if (text != NULL && (parse_u64(text, BLOCK_SIZE_DEFAULT, BLOCK_SIZE_MAX, &size) != 0 ||
                         (size & (size - 1)) != 0))
        return error_set(error, "block size %s: must be a power of two from %d to %d", text,
                         BLOCK_SIZE_DEFAULT, BLOCK_SIZE_MAX);
    device->block_size = (uint16_t)size;
    return 0;
}

static int explain_open(const char *path, int why, struct error *error)
{
    switch (why) {
    case ENOENT:
        return error_set(error, "%s: no such file; create it with: truncate -s 1M FILE", path);
    case EISDIR:
        return error_set(error, "%s: is a directory; give a file or a block device", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return error_set(error, "%s: %s: a disk must be readable and writable", path,
                         strerror(why));
    default:
        return error_set(error, "%s: %s", path, strerror(why));
    }
}

static int find_capacity(struct device *device, struct error *error)
{
    uint64_t bytes, rest;
    struct stat st;

    if (fstat(device->fd, &st) != 0)
        return error_set(error, "%s", strerror(errno));
    if (S_ISREG(st.st_mode))
        bytes = (uint64_t)st.st_size;
    else if (!S_ISBLK(st.st_mode))
        return error_set(error, "is neither a file nor a block device");
    else if (ioctl(device->fd, BLKGETSIZE64, &bytes) != 0)
        return error_set(error, "cannot find its size: %s", strerror(errno));
    if (bytes < device->block_size)
        return error_set(error,
                         "has %llu bytes, less than a block of %u; make it larger with: "
                         "truncate -s 1M FILE",
                         (unsigned long long)bytes, device->block_size);
    rest = bytes % device->block_size;
    if (rest != 0)
        return error_set(error,
                         "has %llu bytes, which is no multiple of a block of %u; make it "
                         "one with: truncate -s %%%u FILE",
                         (unsigned long long)bytes, device->block_size, device->block_size);
    device->capacity = bytes;
    return 0;
}

static int check_disk(struct device *device, struct error *error)
{
    if (find_capacity(device, error) != 0)
        return -1;
    /* Advisory, but all tenders ask; gone when the descriptor is. */
    if (flock(device->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return error_set(error, "locked by another tender, or attached twice");
    return error_set(error, "cannot lock it: %s", strerror(errno));
}

int block_attach(struct device *device, const char *path, const char *size, struct error *error)
{
    if (set_block_size(device, size, error) != 0)
        return -1;
    /* Not to wait for the other end when it is a fifo. */
    device->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (device->fd < 0)
        return explain_open(path, errno, error);
    if (check_disk(device, error) == 0)
        return 0;
    close(device->fd);
    return error_prefix(error, "%s", path);
}
