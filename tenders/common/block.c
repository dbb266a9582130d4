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

/* How images of disks begin that are no disks by themselves, and what qemu-img calls them. */
static const struct signature {
    const char *format;
    unsigned offset, len;
    const char *bytes;
} signatures[] = {
    {"qcow2", 0, 4, "QFI\xfb"}, {"vmdk", 0, 4, "KDMV"},    {"vmdk", 0, 21, "# Disk DescriptorFile"},
    {"vhdx", 0, 8, "vhdxfile"}, {"vpc", 0, 8, "conectix"}, {"vdi", 64, 4, "\x7f\x10\xda\xbe"},
};

static int set_block_size(struct device *device, const struct tender *tender, const char *text,
                          struct error *error)
{
    uint32_t max = tender->block_size_max ? tender->block_size_max : BLOCK_SIZE_MAX;
    uint64_t size = BLOCK_SIZE_DEFAULT;

    if (text != NULL &&
        (parse_u64(text, BLOCK_SIZE_DEFAULT, max, &size) != 0 || (size & (size - 1)) != 0))
        return error_set(error, "block size %s: must be a power of two from %d to %u", text,
                         BLOCK_SIZE_DEFAULT, max);
    device->block_size = (uint16_t)size;
    return 0;
}

static int explain_open(const char *path, bool to_write, int why, struct error *error)
{
    switch (why) {
    case ENOENT:
        return error_set(error, "%s: no such file; create it with: truncate -s 1M FILE", path);
    case EISDIR:
        return error_set(error, "%s: is a directory; give a file or a block device", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return error_set(error, "%s: %s: a disk must be readable%s", path, strerror(why),
                         to_write ? " and writable" : "");
    default:
        return error_set(error, "%s: %s", path, strerror(why));
    }
}

/* A file can be made longer, a device cannot. */
static int explain_size(const struct device *device, uint64_t bytes, bool is_file,
                        struct error *error)
{
    unsigned long long size = bytes;

    if (bytes == 0 && !is_file)
        return error_set(error, "has 0 bytes: nothing is behind that device");
    if (bytes < device->block_size)
        return error_set(error, "has %llu bytes, less than a block of %u%s", size,
                         device->block_size,
                         is_file ? "; make it larger with: truncate -s 1M FILE" : "");
    if (!is_file)
        return error_set(error, "has %llu bytes, which is no multiple of a block of %u", size,
                         device->block_size);
    return error_set(error,
                     "has %llu bytes, which is no multiple of a block of %u; make it one with: "
                     "truncate -s %%%u FILE",
                     size, device->block_size, device->block_size);
}

static int find_capacity(struct device *device, struct error *error)
{
    uint64_t bytes;
    struct stat st;

    if (fstat(device->fd, &st) != 0)
        return error_set(error, "%s", strerror(errno));
    if (S_ISREG(st.st_mode))
        bytes = (uint64_t)st.st_size;
    else if (!S_ISBLK(st.st_mode))
        return error_set(error, "is neither a file nor a block device");
    else if (ioctl(device->fd, BLKGETSIZE64, &bytes) != 0)
        return error_set(error, "cannot find its size: %s", strerror(errno));
    if (bytes < device->block_size || bytes % device->block_size != 0)
        return explain_size(device, bytes, S_ISREG(st.st_mode), error);
    device->capacity = bytes;
    return 0;
}

const char *block_format(int fd)
{
    char start[BLOCK_SIZE_DEFAULT];

    if (pread(fd, start, sizeof start, 0) != (ssize_t)sizeof start)
        return NULL;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (memcmp(start + signatures[i].offset, signatures[i].bytes, signatures[i].len) == 0)
            return signatures[i].format;
    return NULL;
}

/* No more than a warning: a guest may write into its disk what it likes, and must find it again. */
void block_warn(const struct tender *tender, const char *name, const char *path, int fd)
{
    const char *format = block_format(fd);
    struct error error;

    if (format == NULL)
        return;
    error_set(&error,
              "warning: --block:%s: %s: begins as an image of the format %s does, and is taken as "
              "it is, for the bytes of the disk; unless a guest wrote that, make it raw with: "
              "qemu-img convert -f %s -O raw FILE NEW",
              name, path, format, format);
    error_print(tender->name, error.text);
}

/* (lock): of flock. Advisory, but all tenders ask; gone when the descriptor is. */
static int check_disk(struct device *device, int lock, struct error *error)
{
    if (find_capacity(device, error) != 0)
        return -1;
    if (flock(device->fd, lock | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return error_set(error, "locked by another tender, or attached twice");
    return error_set(error, "cannot lock it: %s", strerror(errno));
}

static int open_disk(struct device *device, const char *path, bool to_write, struct error *error)
{
    /* Not to wait for the other end when it is a fifo. */
    device->fd = open(path, (to_write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (device->fd < 0)
        return explain_open(path, to_write, errno, error);
    if (check_disk(device, to_write ? LOCK_EX : LOCK_SH, error) == 0)
        return 0;
    close(device->fd);
    return error_prefix(error, "%s", path);
}

int block_attach(struct device *device, const struct tender *tender, const char *path,
                 const char *size, struct error *error)
{
    if (set_block_size(device, tender, size, error) != 0)
        return -1;
    return open_disk(device, path, true, error);
}

int block_read_only(struct device *device, const char *path, struct error *error)
{
    device->block_size = BLOCK_SIZE_DEFAULT;
    return open_disk(device, path, false, error);
}
