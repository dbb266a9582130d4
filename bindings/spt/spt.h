/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * spt.h: what the files of this target share.
 */
#ifndef SPT_H
#define SPT_H

#include "target.h"

#define NS_PER_S UINT64_C(1000000000)

/* linux/time.h */
struct timespec {
    int64_t sec, nsec;
};

extern struct spt_host {
    int epollfd, timerfd;
    const struct mft *mft;
    solo5_handle_set_t (*poll_disks)(solo5_time_t *deadline); /* NULL: disks wait for nothing */
    bool moved; /* a frame was sent or received since target_wait looked last */
} host;

/* What reading from a network that has failed with (error), as the kernel returns it, comes to. Of
 * one that has failed for good nobody is told any more. */
solo5_result_t net_read_failed(const struct mft_entry *dev, long error);

/* What writing to a network that returned (n) comes to: a frame for which the host has no room is
 * dropped, as on any network. */
solo5_result_t net_written(long n);

#endif
