/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What programs ask about the system: one process, one user, one processor.
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "quintet.h"
#include "solo5_io.h"
#include "thread/sched.h"

#define OPEN_MAX     16384
#define TICKS_PER_S  100
#define ONLY_PROCESS 1

long sysconf(int name)
{
    struct rt_heap_stats heap;

    switch (name) {
    case _SC_PAGESIZE:
        return SOLO5_PAGE_SIZE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_OPEN_MAX:
        return OPEN_MAX;
    case _SC_CLK_TCK:
        return TICKS_PER_S;
    case _SC_PHYS_PAGES:
        rt_heap_stats(&heap);
        return (long)(heap.total / SOLO5_PAGE_SIZE);
    case _SC_AVPHYS_PAGES:
        rt_heap_stats(&heap);
        return (long)((heap.total - heap.used) / SOLO5_PAGE_SIZE);
    default:
        errno = EINVAL;
        return -1;
    }
}

int getpagesize(void)
{
    return SOLO5_PAGE_SIZE;
}

pid_t getpid(void)
{
    return ONLY_PROCESS;
}

pid_t getppid(void)
{
    return 0;
}

uid_t getuid(void)
{
    return 0;
}

uid_t geteuid(void)
{
    return 0;
}

gid_t getgid(void)
{
    return 0;
}

gid_t getegid(void)
{
    return 0;
}

int sched_yield(void)
{
    sched_yield_now();
    return 0;
}
