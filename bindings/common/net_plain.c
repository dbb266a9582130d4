/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The packets of solo5_io.h on networks that move whole frames only, without a header: those in
 * several pieces are copied together, and apart.
 */
#include "bindings.h"

static uint8_t frame[UINT16_MAX + SOLO5_NET_HLEN];

static solo5_result_t write_packet(solo5_handle_t handle, const struct mft_entry *dev,
                                   const struct solo5_packet *packet)
{
    const struct solo5_segment *segments = packet->segments;
    size_t len = 0;
    if (packet->segment_count == 1)
        return target_net_write(handle, dev, segments[0].base, segments[0].len);
    for (uint32_t i = 0; i < packet->segment_count; i++) {
        memcpy(frame + len, segments[i].base, segments[i].len);
        len += segments[i].len;
    }
    return target_net_write(handle, dev, frame, len);
}

static void scatter(const struct net_buffer *buffer, size_t len)
{
    const uint8_t *from = frame;
    for (size_t i = 0; len != 0; i++) {
        const struct solo5_segment *segment = &buffer->segments[i];
        size_t part = len < segment->len ? len : segment->len;
        memcpy(segment->base, from, part);
        from += part, len -= part;
    }
}

static solo5_result_t read_packet(solo5_handle_t handle, const struct mft_entry *dev,
                                  const struct net_buffer *buffer, struct solo5_received *received)
{
    size_t frame_max = (size_t)dev->u.net_basic.mtu + SOLO5_NET_HLEN;
    bool whole = buffer->segments[0].len >= frame_max;
    size_t len = 0;
    solo5_result_t result =
        target_net_read(handle, dev, whole ? buffer->segments[0].base : frame, frame_max, &len);
    if (result != SOLO5_R_OK)
        return result;
    if (!whole)
        scatter(buffer, len);
    received->hdr = (struct solo5_net_hdr){0};
    received->len = (uint32_t)len;
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

const struct net_io net_plain = {
    .depth = NET_DIRECT_DEPTH,
    .send = send,
    .reclaim = net_direct_reclaim,
    .post = net_direct_post,
    .receive = receive,
};
