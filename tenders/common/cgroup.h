/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whether the memory of this process, that of the kernel on its behalf among it, is bounded: by a
 * control group of cgroups(7), version 1 or 2, its own or one around that.
 */
#ifndef TENDERS_COMMON_CGROUP_H
#define TENDERS_COMMON_CGROUP_H

#include <stdbool.h>

/* (groups) and (mounts) are /proc/self/cgroup and /proc/self/mountinfo, or files in their form.
 * What cannot be read or understood bounds nothing. Before the sandbox. */
bool cgroup_limits_memory(const char *groups, const char *mounts);

#endif
