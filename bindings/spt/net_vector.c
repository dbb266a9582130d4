/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Packets of solo5_io.h on a tap: each is one readv(2) or writev(2) of its header and its segments,
 * where they are.
 */
#include "net_vector.h"

#include "spt.h"
#include "syscall.h"

/* linux/errno.h */
#define EINVAL 22

/* A segment is what struct iovec of readv(2) is. */
_Static_assert(sizeof(struct solo5_segment) == 16, "struct iovec");
_Static_assert(offsetof(struct solo5_segment, len) == 8, "struct iovec");
_Static_assert(sizeof(struct solo5_net_hdr) == 12, "struct virtio_net_hdr_v1");

/* A header and what comes after it. */
struct vector {
    struct solo5_segment segments[1 + SOLO5_SEGMENTS_MAX];
};

static long move(long call, const struct mft_entry *dev, struct solo5_net_hdr *hdr,
                 const struct solo5_segment *segments, size_t count)
{
    struct vector v;
    v.segments[0] = (struct solo5_segment){hdr, sizeof *hdr};
    for (size_t i = 0; i < count; i++)
        v.segments[1 + i] = segments[i];
    return syscall5(call, dev->b.hostfd, (long)&v, 1 + (long)count, 0, 0);
}

long net_vector_write(const struct mft_entry *dev, const uint8_t *buf, size_t size)
{
    struct solo5_net_hdr hdr = {0};
    struct solo5_segment segment = {(void *)buf, size};
    return move(SYS_writev, dev, &hdr, &segment, 1);
}

long net_vector_read(const struct mft_entry *dev, uint8_t *buf, size_t size)
{
    for (;;) {
        struct solo5_net_hdr hdr = {0};
        struct solo5_segment segment = {buf, size};
        long n = move(SYS_readv, dev, &hdr, &segment, 1);
        if (n < 0)
            return n;
        if (n > (long)sizeof hdr && hdr.gso_type == SOLO5_NET_GSO_NONE &&
            !(hdr.flags & SOLO5_NET_HDR_NEEDS_CSUM))
            return n - (long)sizeof hdr;
    }
}

static solo5_result_t write_packet(solo5_handle_t handle, const struct mft_entry *dev,
                                   const struct solo5_packet *packet)
{
    struct solo5_net_hdr hdr = packet->hdr;
    (void)handle;
    long n = move(SYS_writev, dev, &hdr, packet->segments, packet->segment_count);
    if (n == -EINVAL)
        return SOLO5_R_EINVAL;
    host.moved = true;
    return net_written(n);
}

static solo5_result_t read_packet(solo5_handle_t handle, const struct mft_entry *dev,
                                  const struct net_buffer *buffer, struct solo5_received *received)
{
    long n;
    (void)handle;
    do
        n = move(SYS_readv, dev, &received->hdr, buffer->segments, buffer->segment_count);
    while (n >= 0 && n <= (long)sizeof received->hdr);
    if (n < 0)
        return net_read_failed(dev, n);
    host.moved = true;
    received->len = (uint32_t)((size_t)n - sizeof received->hdr);
    return SOLO5_R_OK;
}

static solo5_result_t send(solo5_handle_t handle, const struct mft_entry *dev,
                           const struct solo5_packet *packets, size_t count, size_t *sent)
{
    return net_direct_send(handle, dev, packets, count, sent, write_packet);
}

static solo5_result_t receive(solo5_handle_t handle, const struct mft_entry *dev,
                              struct solo5_received *packets, size_t max, size_t *count)
{
    return net_direct_receive(handle, dev, packets, max, count, read_packet);
}

static const struct net_io net_vector = {
    .depth = NET_DIRECT_DEPTH,
    .send = send,
    .reclaim = net_direct_reclaim,
    .post = net_direct_post,
    .receive = receive,
};

const struct net_io *target_net_io(solo5_handle_t handle, const struct mft_entry *dev)
{
    (void)dev;
    return net_has_header(handle) ? &net_vector : NULL;
}
