/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What bindings/xen/xen.c and bus.c call and no test looks at.
 */
#include <stdlib.h>

#include "xen.h"

#include "clock.h"
#include "machine.h"

void hyper_notify(uint32_t port)
{
    (void)port;
}

void hyper_close_port(uint32_t port)
{
    (void)port;
}

bool hyper_present(void)
{
    return true;
}

bool hyper_map_shared_info(void *page)
{
    return page != NULL;
}

void hyper_wake_wall_clock(void)
{
}

void hyper_shutdown(unsigned reason)
{
    exit((int)reason);
}

void event_init(struct shared_info *info)
{
    (void)info;
}

void event_watch(uint32_t port)
{
    (void)port;
}

void event_unwatch(uint32_t port)
{
    (void)port;
}

void grant_init(unsigned count)
{
    (void)count;
}

void console_init(void)
{
}

void console_write(const char *buf, size_t size)
{
    (void)buf, (void)size;
}

void console_finish(void)
{
}

void log_write(enum log_level level, const char *format, ...)
{
    (void)level, (void)format;
}

void clock_use_pv(const volatile struct pvclock_time *time,
                  const volatile struct pvclock_wall *wall,
                  void (*ask)(const volatile struct pvclock_wall *wall))
{
    (void)time, (void)wall, (void)ask;
}

solo5_time_t machine_clock_wall(void)
{
    return 0;
}

void machine_init(struct boot *boot)
{
    (void)boot;
}

void machine_end_status(uint8_t status)
{
    (void)status;
}

void machine_end(void)
{
    abort();
}

solo5_result_t netfront_write(struct xen_device *dev, const uint8_t *buf, size_t size)
{
    (void)dev, (void)buf, (void)size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t netfront_read(struct xen_device *dev, uint8_t *buf, size_t size, size_t *read_size)
{
    (void)dev, (void)buf, (void)size, (void)read_size;
    return SOLO5_R_EUNSPEC;
}

solo5_result_t blkfront_move(struct xen_device *dev, uint32_t op, solo5_off_t offset, void *buf,
                             size_t size)
{
    (void)dev, (void)op, (void)offset, (void)buf, (void)size;
    return SOLO5_R_EUNSPEC;
}

const struct net_io *netfront_io(void)
{
    return NULL;
}

const struct block_io *blkfront_io(struct xen_device *dev)
{
    (void)dev;
    return NULL;
}
