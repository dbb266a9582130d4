/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What a device of a guest is made of on the host. Each function returns 0, or -1 with (error),
 * which begins with the interface, path or value that is wrong.
 */
#ifndef TENDERS_COMMON_ATTACH_H
#define TENDERS_COMMON_ATTACH_H

#include "devices.h"
#include "error.h"

/* (value) is @ and the number of a descriptor that is open; sets (fd) to it. */
int net_descriptor(const char *value, int *fd, struct error *error);

/* Whether an interface can have that name. Returns 0, or -1 with (error). */
int net_check_name(const char *name, struct error *error);

/* (value): the name of a tap interface, or @ and the number of an open descriptor: a tap, a macvtap
 * or a datagram socket. Sets `fd`, which does not block, `mtu`, and with
 * (can_offload) `offload`, to all that the kernel does for that interface. (tender): who asks, for
 * its messages. */
int net_attach(struct device *device, const struct tender *tender, const char *value,
               bool can_offload, struct error *error);

/* (value): six hexadecimal bytes with colons between, a unicast address; NULL: makes one up. */
int net_set_mac(struct device *device, const char *value, struct error *error);

/* (path): a regular file or block device that no other tender has; (size): of a block, as a number
 * in text, or NULL for 512. Sets `fd`, `block_size`, `capacity`. (tender): which blocks it has. */
int block_attach(struct device *device, const struct tender *tender, const char *path,
                 const char *size, struct error *error);

/* The same to read only, in blocks of 512, beside others who do no more. */
int block_read_only(struct device *device, const char *path, struct error *error);

/* What qemu-img calls the format of the image of a disk that (fd) begins like; NULL: of none, as a
 * raw one should. What a guest has written can look like anything: no more than a hint. */
const char *block_format(int fd);

/* Warns when (fd), which is (path) and to be the disk (name), begins like such an image. */
void block_warn(const struct tender *tender, const char *name, const char *path, int fd);

#endif
