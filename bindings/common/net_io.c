/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network calls of solo5_io.h: arguments are checked here, packets are moved by the target, or
 * by net_plain.c where it has no way of its own.
 */
#include "bindings.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Features with which a frame may be longer than the MTU. */
#define LARGE_FRAMES                                                              \
    (BIT(SOLO5_NET_TSO4_OUT) | BIT(SOLO5_NET_TSO6_OUT) | BIT(SOLO5_NET_USO_OUT) | \
     BIT(SOLO5_NET_TSO4_IN) | BIT(SOLO5_NET_TSO6_IN) | BIT(SOLO5_NET_USO_IN))
#define LARGE_FRAME_MAX (65535 + SOLO5_NET_HLEN)

static uint64_t features_of(solo5_handle_t handle)
{
    return EXT1_HAS(ext_offer.features, EXT1_NET_OFFLOAD) ? ext_offer.net[handle] : 0;
}

bool net_has_header(solo5_handle_t handle)
{
    return features_of(handle) != 0;
}

static size_t frame_max(solo5_handle_t handle, const struct mft_entry *dev)
{
    if (features_of(handle) & LARGE_FRAMES)
        return LARGE_FRAME_MAX;
    return (size_t)dev->u.net_basic.mtu + SOLO5_NET_HLEN;
}

static const struct net_io *io_of(solo5_handle_t handle, const struct mft_entry *dev)
{
    const struct net_io *io = target_net_io(handle, dev);
    return io != NULL ? io : &net_plain;
}

uint64_t solo5_net_features(solo5_handle_t handle)
{
    return devices_get(handle, MFT_DEV_NET_BASIC) != NULL ? features_of(handle) : 0;
}

size_t solo5_net_frame_max(solo5_handle_t handle)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    return dev != NULL ? frame_max(handle, dev) : 0;
}

size_t solo5_net_depth(solo5_handle_t handle)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    return dev != NULL ? io_of(handle, dev)->depth : 0;
}

/* Adds the segments up; false when they are not as described. */
static bool segments_ok(const struct solo5_packet *packet, size_t *total)
{
    *total = 0;
    if (packet->segment_count == 0 || packet->segment_count > SOLO5_SEGMENTS_MAX)
        return false;
    for (uint32_t i = 0; i < packet->segment_count; i++) {
        const struct solo5_segment *segment = &packet->segments[i];
        if (segment->len == 0 || __builtin_add_overflow(*total, segment->len, total))
            return false;
    }
    return true;
}

/* The feature that a gso_type needs, as a set. */
static uint64_t gso_feature(uint8_t type)
{
    switch (type) {
    case SOLO5_NET_GSO_TCPV4:
    case SOLO5_NET_GSO_TCPV4 | SOLO5_NET_GSO_ECN:
        return BIT(SOLO5_NET_TSO4_OUT);
    case SOLO5_NET_GSO_TCPV6:
    case SOLO5_NET_GSO_TCPV6 | SOLO5_NET_GSO_ECN:
        return BIT(SOLO5_NET_TSO6_OUT);
    case SOLO5_NET_GSO_UDP_L4:
        return BIT(SOLO5_NET_USO_OUT);
    default:
        return 0;
    }
}

/* A packet that is to be cut also needs its checksums (solo5_io.h). */
static bool header_ok(const struct solo5_net_hdr *hdr, uint64_t features, size_t len, size_t mtu)
{
    bool csum = hdr->flags == SOLO5_NET_HDR_NEEDS_CSUM;
    if ((hdr->flags != 0 && !csum) || hdr->num_buffers > 1)
        return false;
    if (csum && (!(features & BIT(SOLO5_NET_CSUM_OUT)) ||
                 (size_t)hdr->csum_start + hdr->csum_offset + sizeof(uint16_t) > len))
        return false;
    if (hdr->gso_type == SOLO5_NET_GSO_NONE)
        return len <= mtu + SOLO5_NET_HLEN;
    return csum && hdr->gso_size != 0 && (features & gso_feature(hdr->gso_type));
}

static bool packet_ok(solo5_handle_t handle, const struct mft_entry *dev,
                      const struct solo5_packet *packet)
{
    size_t len;
    return segments_ok(packet, &len) && len >= SOLO5_NET_HLEN && len <= frame_max(handle, dev) &&
           header_ok(&packet->hdr, features_of(handle), len, dev->u.net_basic.mtu);
}

static bool buffer_ok(solo5_handle_t handle, const struct mft_entry *dev,
                      const struct solo5_packet *buffer)
{
    size_t len;
    return segments_ok(buffer, &len) && len >= frame_max(handle, dev);
}

typedef bool packet_check(solo5_handle_t, const struct mft_entry *, const struct solo5_packet *);
typedef solo5_result_t packet_lend(solo5_handle_t, const struct mft_entry *,
                                   const struct solo5_packet *, size_t, size_t *);

/* Lends the packets up to the first that is not as it should be. */
static solo5_result_t lend(solo5_handle_t handle, const struct mft_entry *dev,
                           const struct solo5_packet *packets, size_t count, size_t *taken,
                           packet_check *ok, packet_lend *to)
{
    size_t good = 0;
    solo5_result_t result = SOLO5_R_OK;
    *taken = 0;
    while (good < count && ok(handle, dev, &packets[good]))
        good++;
    if (good != 0)
        result = to(handle, dev, packets, good, taken);
    return result == SOLO5_R_OK && good != count ? SOLO5_R_EINVAL : result;
}

solo5_result_t solo5_net_send(solo5_handle_t handle, const struct solo5_packet *packets,
                              size_t count, size_t *sent)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    *sent = 0;
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    return lend(handle, dev, packets, count, sent, packet_ok, io_of(handle, dev)->send);
}

size_t solo5_net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    return dev != NULL ? io_of(handle, dev)->reclaim(handle, cookies, max) : 0;
}

solo5_result_t solo5_net_post(solo5_handle_t handle, const struct solo5_packet *buffers,
                              size_t count, size_t *posted)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    *posted = 0;
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    return lend(handle, dev, buffers, count, posted, buffer_ok, io_of(handle, dev)->post);
}

solo5_result_t solo5_net_receive(solo5_handle_t handle, struct solo5_received *packets, size_t max,
                                 size_t *count)
{
    const struct mft_entry *dev = devices_get(handle, MFT_DEV_NET_BASIC);
    *count = 0;
    if (dev == NULL)
        return SOLO5_R_EINVAL;
    return io_of(handle, dev)->receive(handle, dev, packets, max, count);
}
