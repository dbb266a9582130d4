/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Receiving. Slot n of the ring is always offered with page n, which is granted for good: the
 * backend copies into it (feature-rx-copy) and we copy out of it, so that nothing that the program
 * looks at can change any more. A packet comes as (xen/io/netif.h, "Guest receive")
 *
 *     first | extra... | piece | ... | last piece
 *
 * each in the slot whose request it answers. The ring is read once: its descriptions are copied and
 * checked before the first byte of the packet is.
 */
#include "netfront.h"

#include "ring.h"
#include "xencall.h"

#define PIECES_MAX 32 /* more than 64 KiB need */

struct piece {
    uint16_t slot, offset, size;
};

struct arrival {
    struct piece pieces[PIECES_MAX];
    unsigned count;
    uint32_t size;
    uint16_t flags; /* NETRXF_* of the first slot */
    uint8_t gso_type;
    uint16_t gso_size;
    bool bad; /* the backend itself says so */
};

__attribute__((noreturn)) static void lie(const struct net *net, const char *what)
{
    xen_lie(net->dev->name, what);
}

static void offer(struct net_rx *rx)
{
    uint16_t slot = (uint16_t)(rx->offered++ % NET_RING);
    rx->ring->ring[slot].req = (struct netif_rx_request){.id = slot, .gref = rx->grants[slot]};
}

bool net_rx_open(struct net *net)
{
    struct net_rx *rx = &net->rx;
    rx->ring = xen_pages(1);
    rx->ring_grant = grant_page(net->dev->domain, rx->ring, false);
    rx->pages = xen_pages(NET_RING);
    bool granted = rx->ring_grant != GRANT_NONE;
    for (unsigned i = 0; i < NET_RING; i++) {
        rx->grants[i] = grant_page(net->dev->domain, rx->pages + (size_t)i * XEN_PAGE, false);
        granted &= rx->grants[i] != GRANT_NONE;
    }
    return granted;
}

bool net_rx_empty(struct net *net)
{
    struct net_rx *rx = &net->rx;
    bool moved = grant_move(rx->ring_grant, net->dev->domain);
    memset(rx->ring, 0, XEN_PAGE);
    rx->ring->req_event = 1;
    rx->ring->rsp_event = 1;
    rx->taken = rx->offered = 0;
    for (unsigned i = 0; i < NET_RING; i++) {
        moved &= grant_move(rx->grants[i], net->dev->domain);
        offer(rx);
    }
    __atomic_store_n(&rx->ring->req_prod, rx->offered, __ATOMIC_RELEASE);
    return moved;
}

/* How many slots are answered and not taken. */
static uint32_t answered(const struct net *net)
{
    const struct net_rx *rx = &net->rx;
    uint32_t count = __atomic_load_n(&rx->ring->rsp_prod, __ATOMIC_ACQUIRE) - rx->taken;
    if (count > rx->offered - rx->taken)
        lie(net, "answers more than was offered");
    return count;
}

/* Copies answer number (at) of those that are there. */
static void read_slot(const struct net *net, uint32_t at, uint32_t end, void *to)
{
    if (at == end)
        lie(net, "ends a packet in its middle");
    const volatile uint64_t *shared = (const volatile uint64_t *)&net->rx.ring->ring[at % NET_RING];
    uint64_t copy = *shared;
    memcpy(to, &copy, sizeof copy);
}

_Static_assert(sizeof(union netif_rx_sring_entry) == 8, "a slot is read at once");
_Static_assert(sizeof(struct netif_extra_info) == 8, "a slot is read at once");

/* Reads what goes with a packet, up to the last; returns the position after it. */
static uint32_t read_extras(const struct net *net, uint32_t at, uint32_t end, struct arrival *a)
{
    struct netif_extra_info extra;
    do {
        read_slot(net, at++, end, &extra);
        if (extra.type == XEN_NETIF_EXTRA_TYPE_NONE || extra.type >= XEN_NETIF_EXTRA_TYPE_MAX)
            lie(net, "has something with a packet that there is not");
        if (extra.type != XEN_NETIF_EXTRA_TYPE_GSO)
            continue;
        a->gso_type = extra.u.gso.type;
        a->gso_size = extra.u.gso.size;
        if (a->gso_size == 0 || net->features == 0 ||
            (a->gso_type != XEN_NETIF_GSO_TYPE_TCPV4 && a->gso_type != XEN_NETIF_GSO_TYPE_TCPV6))
            lie(net, "wants a packet cut in a way that was not offered");
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
    return at;
}

/* Takes the next packet out of the ring; its pages are as they are until they are offered again.
 * False: there is none. */
static bool take(struct net *net, struct arrival *a)
{
    struct net_rx *rx = &net->rx;
    uint32_t count = answered(net), at = rx->taken, end = at + count;
    struct netif_rx_response answer;
    *a = (struct arrival){0};
    if (count == 0)
        return false;
    do {
        uint16_t slot = (uint16_t)(at % NET_RING);
        read_slot(net, at++, end, &answer);
        if (answer.id != slot)
            lie(net, "answers a slot out of its place");
        if (a->count == PIECES_MAX)
            lie(net, "sends a packet in more pieces than any may have");
        a->flags = a->count == 0 ? answer.flags : a->flags;
        if (answer.status < 0)
            a->bad = true;
        else if (answer.offset > XEN_PAGE || answer.status > XEN_PAGE - answer.offset)
            lie(net, "sends more than a page holds");
        uint16_t size = answer.status < 0 ? 0 : (uint16_t)answer.status;
        a->pieces[a->count++] = (struct piece){slot, answer.offset, size};
        a->size += size;
        if (a->count == 1 && (answer.flags & NETRXF_extra_info))
            at = read_extras(net, at, end, a);
    } while (answer.flags & NETRXF_more_data);
    rx->taken = at;
    return true;
}

static const uint8_t *piece_at(const struct net *net, const struct piece *piece)
{
    return net->rx.pages + (size_t)piece->slot * XEN_PAGE + piece->offset;
}

/* The slots up to `taken` are offered again. */
static void give_back(struct net *net)
{
    struct net_rx *rx = &net->rx;
    uint32_t old = rx->offered;
    while (rx->offered - rx->taken != NET_RING)
        offer(rx);
    ring_tell(net->dev, &rx->ring->req_prod, &rx->ring->req_event, old, rx->offered);
}

/* Copies the packet to the segments, which have room for it. */
static void scatter(const struct net *net, const struct arrival *a,
                    const struct solo5_segment *segments)
{
    size_t used = 0;
    for (unsigned i = 0; i < a->count; i++) {
        const uint8_t *from = piece_at(net, &a->pieces[i]);
        size_t left = a->pieces[i].size;
        while (left != 0) {
            size_t part = segments->len - used < left ? segments->len - used : left;
            xencall_copy((uint8_t *)segments->base + used, from, part);
            from += part, left -= part, used += part;
            if (used == segments->len)
                segments++, used = 0;
        }
    }
}

/* What the program is told of a packet whose first bytes are at (headers). False: it says of itself
 * what cannot be, and is lost. */
static bool describe(const struct arrival *a, const uint8_t *headers, size_t len,
                     struct solo5_net_hdr *hdr)
{
    struct checksum checksum;
    *hdr = (struct solo5_net_hdr){0};
    if (!(a->flags & NETRXF_csum_blank)) {
        if (a->flags & NETRXF_data_validated)
            hdr->flags = SOLO5_NET_HDR_DATA_VALID;
        return a->gso_type == XEN_NETIF_GSO_TYPE_NONE;
    }
    if (!checksum_find(headers, len, &checksum))
        return false;
    hdr->flags = SOLO5_NET_HDR_NEEDS_CSUM;
    hdr->csum_start = checksum.start;
    hdr->csum_offset = checksum.offset;
    if (a->gso_type == XEN_NETIF_GSO_TYPE_NONE)
        return true;
    hdr->gso_type =
        a->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? SOLO5_NET_GSO_TCPV4 : SOLO5_NET_GSO_TCPV6;
    hdr->gso_size = a->gso_size;
    hdr->hdr_len = (uint16_t)(checksum.start + 20);
    return true;
}

/* Takes packets until one is good and not longer than (max), and copies it. */
static solo5_result_t read_into(struct net *net, const struct solo5_segment *segments, size_t max,
                                struct solo5_net_hdr *hdr, uint32_t *size)
{
    uint8_t headers[CHECKSUM_HEADERS];
    struct arrival a;
    while (!net->dev->lost && take(net, &a)) {
        bool good = !a.bad && a.size >= SOLO5_NET_HLEN && a.size <= max;
        if (good) {
            size_t len = a.pieces[0].size < sizeof headers ? a.pieces[0].size : sizeof headers;
            xencall_copy(headers, piece_at(net, &a.pieces[0]), len);
            good = describe(&a, headers, len, hdr);
        }
        if (good)
            scatter(net, &a, segments);
        *size = a.size;
        if (good)
            return SOLO5_R_OK;
    }
    return SOLO5_R_AGAIN;
}

static solo5_result_t read_packet(solo5_handle_t handle, const struct mft_entry *entry,
                                  const struct net_buffer *buffer, struct solo5_received *received)
{
    (void)entry;
    struct net *net = net_of(handle);
    if (net->features != 0)
        return read_into(net, buffer->segments, sizeof net_scratch, &received->hdr, &received->len);
    /* A program that asked for nothing gets packets that need nothing. */
    size_t size;
    solo5_result_t result = net_rx_read(net, net_scratch, net->frame_max, &size);
    if (result != SOLO5_R_OK)
        return result;
    received->hdr = (struct solo5_net_hdr){0};
    received->len = (uint32_t)size;
    const uint8_t *from = net_scratch;
    for (const struct solo5_segment *segment = buffer->segments; size != 0; segment++) {
        size_t part = segment->len < size ? segment->len : size;
        xencall_copy(segment->base, from, part);
        from += part, size -= part;
    }
    return SOLO5_R_OK;
}

solo5_result_t net_rx_receive(solo5_handle_t handle, const struct mft_entry *entry,
                              struct solo5_received *packets, size_t max, size_t *count)
{
    solo5_result_t result = net_direct_receive(handle, entry, packets, max, count, read_packet);
    if (!net_of(handle)->dev->lost)
        give_back(net_of(handle));
    return result;
}

solo5_result_t net_rx_read(struct net *net, uint8_t *buf, size_t size, size_t *read_size)
{
    struct solo5_segment segment = {buf, size};
    struct solo5_net_hdr hdr;
    uint32_t len;
    solo5_result_t result = read_into(net, &segment, size, &hdr, &len);
    if (!net->dev->lost)
        give_back(net);
    if (result != SOLO5_R_OK)
        return result;
    if (hdr.flags & SOLO5_NET_HDR_NEEDS_CSUM)
        checksum_fill(buf, len, hdr.csum_start, hdr.csum_offset);
    *read_size = len;
    return SOLO5_R_OK;
}

bool net_rx_ready(struct net *net, bool before)
{
    struct net_rx *rx = &net->rx;
    if (net->dev->lost)
        return false;
    if (before && !ring_ask(&rx->ring->rsp_prod, &rx->ring->rsp_event, rx->taken))
        return false;
    return answered(net) != 0;
}
