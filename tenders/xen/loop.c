/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See loop.h; loop(4).
 */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TRIES 16 /* somebody else may take the device that is free */

static int take(int control, int fd, uint32_t block_size, char name[LOOP_NAME_SIZE])
{
    struct loop_config config = {
        .fd = (uint32_t)fd, .block_size = block_size, .info.lo_flags = LO_FLAGS_AUTOCLEAR};
    int number = ioctl(control, LOOP_CTL_GET_FREE), loop;

    if (number < 0)
        return -1;
    snprintf(name, LOOP_NAME_SIZE, "/dev/loop%d", number);
    loop = open(name, O_RDWR | O_CLOEXEC);
    if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config) != 0) {
        int saved = errno;

        close(loop);
        errno = saved;
        return -1;
    }
    return loop;
}

int loop_open(int fd, uint32_t block_size, char name[LOOP_NAME_SIZE], struct error *error)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -1;

    for (int i = 0; control >= 0 && loop < 0 && i < TRIES; i++) {
        loop = take(control, fd, block_size, name);
        if (loop < 0 && errno != EBUSY)
            break;
    }
    if (loop < 0)
        error_set(error, "cannot be made a block device: %s%s", strerror(errno),
                  errno == EACCES || errno == EPERM ? "; this is for root" : "");
    if (control >= 0)
        close(control);
    return loop;
}
