/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Networks of the spt target: a frame is one read(2) or write(2), or where it has a header
 * (elf_abi.h, EXT1_NET_OFFLOAD) one readv(2) or writev(2).
 */
#include "bindings.h"
#include "net_vector.h"
#include "spt.h"
#include "syscall.h"

/* linux/errno.h */
#define EINTR        4
#define EAGAIN       11
#define ENETDOWN     100
#define ECONNRESET   104
#define ENOBUFS      105
#define ECONNREFUSED 111

/* linux/eventpoll.h */
#define EPOLL_CTL_DEL 2

solo5_result_t net_read_failed(const struct mft_entry *dev, long error)
{
    if (error == -EAGAIN || error == -EINTR || error == -ECONNREFUSED || error == -ECONNRESET ||
        error == -ENETDOWN)
        return SOLO5_R_AGAIN;
    /* Its interface is gone: it would be ready for ever. */
    if (EXT1_HAS(ext_offer.features, EXT1_FORGET))
        syscall5(SYS_epoll_ctl, host.epollfd, EPOLL_CTL_DEL, dev->b.hostfd, 0, 0);
    return SOLO5_R_EUNSPEC;
}

solo5_result_t net_written(long n)
{
    return n >= 0 || n == -EAGAIN || n == -ENOBUFS ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

solo5_result_t target_net_write(solo5_handle_t handle, const struct mft_entry *dev,
                                const uint8_t *buf, size_t size)
{
    long n = net_has_header(handle)
                 ? net_vector_write(dev, buf, size)
                 : syscall5(SYS_write, dev->b.hostfd, (long)buf, (long)size, 0, 0);
    host.moved = true;
    return net_written(n);
}

solo5_result_t target_net_read(solo5_handle_t handle, const struct mft_entry *dev, uint8_t *buf,
                               size_t size, size_t *read_size)
{
    long n = net_has_header(handle)
                 ? net_vector_read(dev, buf, size)
                 : syscall5(SYS_read, dev->b.hostfd, (long)buf, (long)size, 0, 0);
    if (n < 0)
        return net_read_failed(dev, n);
    if (n == 0)
        return SOLO5_R_AGAIN;
    host.moved = true;
    *read_size = (size_t)n;
    return SOLO5_R_OK;
}
