/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Sending. A packet is one slot for each page that its bytes lie on, and one more in front of the
 * second for what goes with a packet that is to be cut (xen/io/netif.h, "Guest transmit"):
 *
 *     first | extra: GSO | piece | piece | last piece
 *
 * The program's own pages are granted, for reading, until the backend has answered all slots of the
 * packet. What has more pieces than backends take, or less than an Ethernet header in its first,
 * which Linux's backend drops, is copied together into pages that are granted for good. Answers may
 * come in any order, cookies go back in that of sending.
 */
#include "netfront.h"

#include "ring.h"
#include "xencall.h"

#define NEVER 0x10000000 /* answers from now: nobody is to tell us of them */

/* What lies on one page. */
struct piece {
    const uint8_t *at;
    uint32_t size;
    uint16_t copy; /* which page it was copied to, */
    bool copied;   /* if it was */
};

struct sending {
    struct piece pieces[NET_SLOTS];
    unsigned count;
    uint32_t size;
    uint16_t flags; /* NETTXF_* of the first slot */
    struct netif_extra_info gso;
};

bool net_tx_open(struct net *net)
{
    struct net_tx *tx = &net->tx;
    tx->ring = xen_pages(1);
    tx->ring_grant = grant_page(net->dev->domain, tx->ring, false);
    tx->copies = xen_pages(NET_COPIES);
    for (unsigned i = 0; i < NET_COPIES; i++)
        tx->copy_grants[i] = grant_page(net->dev->domain, tx->copies + (size_t)i * XEN_PAGE, true);
    return tx->ring_grant != GRANT_NONE;
}

/* What is under way is the program's again, and nothing to a backend that is gone. What one reads
 * for ever stays granted: to read. */
static void take_back(struct net_tx *tx)
{
    for (unsigned i = 0; i < NET_RING; i++)
        if (tx->slots[i].sent && tx->slots[i].grant != GRANT_NONE &&
            grant_take_back(tx->slots[i].grant))
            tx->slots[i].sent = false;
}

bool net_tx_empty(struct net *net)
{
    struct net_tx *tx = &net->tx;
    bool moved = grant_move(tx->ring_grant, net->dev->domain);
    memset(tx->ring, 0, XEN_PAGE);
    tx->ring->req_event = 1;
    tx->ring->rsp_event = NEVER;
    tx->produced = tx->answered = tx->told = tx->extras = 0;
    tx->unused_count = tx->copies_unused_count = 0;
    take_back(tx);
    for (unsigned i = 0; i < NET_RING; i++) {
        tx->slots[i].sent = false;
        tx->unused[tx->unused_count++] = (uint16_t)(NET_RING - 1 - i);
    }
    for (unsigned i = 0; i < NET_COPIES; i++) {
        if (tx->copy_grants[i] != GRANT_NONE && grant_move(tx->copy_grants[i], net->dev->domain))
            tx->copies_unused[tx->copies_unused_count++] = (uint16_t)i;
    }
    return moved;
}

/* ---- Answers ---- */

static void answer_slot(struct net *net, const struct netif_tx_response *answer)
{
    struct net_tx *tx = &net->tx;
    if (answer->status == NETIF_RSP_NULL) {
        if (tx->extras-- == 0)
            xen_lie(net->dev->name, "answers a slot that was none");
        return;
    }
    if (answer->id >= NET_RING || !tx->slots[answer->id].sent)
        xen_lie(net->dev->name, "answers a slot that was not sent");
    if (answer->status > NETIF_RSP_NULL || answer->status < NETIF_RSP_DROPPED)
        xen_lie(net->dev->name, "answers with a status that there is not");
    struct net_slot *slot = &tx->slots[answer->id];
    slot->sent = false;
    if (slot->grant != GRANT_NONE)
        grant_end(slot->grant, net->dev->name);
    else
        tx->copies_unused[tx->copies_unused_count++] = slot->copy;
    tx->unused[tx->unused_count++] = answer->id;
    tx->packets[slot->packet].unanswered--;
}

void net_tx_collect(struct net *net)
{
    struct net_tx *tx = &net->tx;
    if (net->dev->lost)
        return;
    uint32_t end = __atomic_load_n(&tx->ring->rsp_prod, __ATOMIC_ACQUIRE);
    if (end - tx->answered > tx->told - tx->answered)
        xen_lie(net->dev->name, "answers more than was sent");
    for (; tx->answered != end; tx->answered++) {
        const volatile struct netif_tx_response *shared =
            &tx->ring->ring[tx->answered % NET_RING].rsp;
        struct netif_tx_response answer = {.id = shared->id, .status = shared->status};
        answer_slot(net, &answer);
    }
}

/* The oldest packet is done: makes its place free. Those that nobody asks for go by themselves. */
static void drop_written(struct net_tx *tx)
{
    while (tx->first != tx->next && !tx->packets[tx->first % NET_DEPTH].lent &&
           tx->packets[tx->first % NET_DEPTH].unanswered == 0)
        tx->first++;
}

size_t net_tx_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    struct net *net = net_of(handle);
    struct net_tx *tx = &net->tx;
    size_t count = 0;
    net_tx_collect(net);
    drop_written(tx);
    while (count < max && tx->first != tx->next) {
        struct net_packet *packet = &tx->packets[tx->first % NET_DEPTH];
        if (packet->unanswered != 0)
            break;
        cookies[count++] = packet->cookie;
        tx->first++;
        drop_written(tx);
    }
    if (count != 0)
        tx->wanted = false;
    return count;
}

/* ---- Sending ---- */

/* Cuts the segments where pages end. False: no packet may have such pieces. */
static bool cut(struct sending *s, const struct solo5_segment *segments, uint32_t count)
{
    s->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = segments[i].base;
        size_t left = segments[i].len;
        while (left != 0) {
            size_t size = XEN_PAGE - (uintptr_t)at % XEN_PAGE;
            if (size > left)
                size = left;
            if (s->count == NET_SLOTS)
                return false;
            s->pieces[s->count++] = (struct piece){.at = at, .size = (uint32_t)size};
            at += size, left -= size;
        }
    }
    return s->pieces[0].size >= SOLO5_NET_HLEN;
}

/* Copies the segments together. False: too few pages are free. */
static bool copy(struct net *net, struct sending *s, const struct solo5_segment *segments)
{
    struct net_tx *tx = &net->tx;
    uint32_t pages = (s->size + XEN_PAGE - 1) / XEN_PAGE;
    size_t used = 0;
    if (pages > tx->copies_unused_count)
        return false;
    for (s->count = 0; s->count < pages; s->count++) {
        uint16_t page = tx->copies_unused[--tx->copies_unused_count];
        uint8_t *to = tx->copies + (size_t)page * XEN_PAGE;
        uint32_t size = s->size - s->count * XEN_PAGE, filled = 0;
        if (size > XEN_PAGE)
            size = XEN_PAGE;
        s->pieces[s->count] = (struct piece){.at = to, .size = size, .copy = page, .copied = true};
        while (filled < size) {
            size_t part = segments->len - used;
            if (part > size - filled)
                part = size - filled;
            xencall_copy(to + filled, (const uint8_t *)segments->base + used, part);
            filled += (uint32_t)part, used += part;
            if (used == segments->len)
                segments++, used = 0;
        }
    }
    return true;
}

static void gather(uint8_t *to, size_t max, const struct solo5_packet *packet)
{
    for (uint32_t i = 0; i < packet->segment_count && max != 0; i++) {
        size_t part = packet->segments[i].len < max ? packet->segments[i].len : max;
        xencall_copy(to, packet->segments[i].base, part);
        to += part, max -= part;
    }
}

/* Whether the backend completes the packet's checksum: it finds it by itself. */
static bool has_usual_checksum(const struct net *net, const struct solo5_packet *packet,
                               size_t size)
{
    uint8_t headers[CHECKSUM_HEADERS];
    struct checksum checksum;
    size_t len = size < sizeof headers ? size : sizeof headers;
    gather(headers, len, packet);
    return checksum_find(headers, len, &checksum) && checksum.start == packet->hdr.csum_start &&
           checksum.offset == packet->hdr.csum_offset && (!checksum.ipv6 || net->ipv6_checksum);
}

static void put_slot(struct net *net, const struct piece *piece, uint32_t grant, uint16_t flags,
                     uint32_t size)
{
    struct net_tx *tx = &net->tx;
    uint16_t id = tx->unused[--tx->unused_count];
    uint16_t packet = (uint16_t)(tx->next % NET_DEPTH);
    tx->slots[id] = (struct net_slot){
        .grant = piece->copied ? GRANT_NONE : grant,
        .copy = piece->copy,
        .packet = packet,
        .sent = true,
    };
    tx->packets[packet].unanswered++;
    tx->ring->ring[tx->produced++ % NET_RING].req = (struct netif_tx_request){
        .gref = piece->copied ? tx->copy_grants[piece->copy] : grant,
        .offset = (uint16_t)((uintptr_t)piece->at % XEN_PAGE),
        .flags = flags,
        .id = id,
        .size = (uint16_t)size,
    };
}

/* There is room for all of it. */
static void put(struct net *net, const struct sending *s, uint64_t cookie)
{
    struct net_tx *tx = &net->tx;
    tx->packets[tx->next % NET_DEPTH] = (struct net_packet){.cookie = cookie, .lent = true};
    for (unsigned i = 0; i < s->count; i++) {
        const struct piece *piece = &s->pieces[i];
        uint16_t flags = i == 0 ? s->flags : 0;
        if (i + 1 < s->count)
            flags |= NETTXF_more_data;
        uint32_t grant = piece->copied ? GRANT_NONE : grant_page(net->dev->domain, piece->at, true);
        put_slot(net, piece, grant, flags, i == 0 ? s->size : piece->size);
        if (i == 0 && (flags & NETTXF_extra_info)) {
            union netif_tx_sring_entry *entry = &tx->ring->ring[tx->produced++ % NET_RING];
            memcpy(entry, &s->gso, sizeof s->gso);
            tx->extras++;
        }
    }
    tx->next++;
}

static void describe(struct sending *s, const struct solo5_net_hdr *hdr)
{
    uint8_t gso = hdr->gso_type & (uint8_t)~SOLO5_NET_GSO_ECN;
    if (hdr->flags & SOLO5_NET_HDR_NEEDS_CSUM)
        s->flags |= NETTXF_csum_blank | NETTXF_data_validated;
    if (gso == SOLO5_NET_GSO_NONE)
        return;
    s->flags |= NETTXF_extra_info;
    s->gso.type = XEN_NETIF_EXTRA_TYPE_GSO;
    s->gso.u.gso.size = hdr->gso_size;
    s->gso.u.gso.type =
        gso == SOLO5_NET_GSO_TCPV4 ? XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_TCPV6;
}

static bool has_room(const struct net *net, const struct sending *s)
{
    const struct net_tx *tx = &net->tx;
    unsigned slots = s->count + ((s->flags & NETTXF_extra_info) != 0);
    return tx->produced - tx->answered + slots <= NET_RING && s->count <= tx->unused_count &&
           s->count <= grant_free_count();
}

static solo5_result_t send(struct net *net, const struct solo5_packet *packet, bool lend)
{
    struct net_tx *tx = &net->tx;
    struct sending s = {0};
    struct solo5_segment whole = {net_scratch, 0};
    const struct solo5_segment *segments = packet->segments;
    for (uint32_t i = 0; i < packet->segment_count; i++)
        s.size += (uint32_t)segments[i].len;
    if (s.size > XEN_NETIF_MAX_TX_SIZE)
        return SOLO5_R_EINVAL;
    if (tx->next - tx->first == NET_DEPTH)
        return SOLO5_R_AGAIN;
    describe(&s, &packet->hdr);
    if ((s.flags & NETTXF_csum_blank) && !has_usual_checksum(net, packet, s.size)) {
        if (s.flags & NETTXF_extra_info)
            return SOLO5_R_EUNSPEC;
        gather(net_scratch, s.size, packet);
        checksum_fill(net_scratch, s.size, packet->hdr.csum_start, packet->hdr.csum_offset);
        whole.len = s.size;
        segments = &whole;
        s.flags = 0;
        lend = false;
    }
    bool as_is = lend && cut(&s, segments, packet->segment_count) && (net->pieces || s.count == 1);
    if (!as_is)
        s.count = (s.size + XEN_PAGE - 1) / XEN_PAGE;
    if (!has_room(net, &s) || (!as_is && !copy(net, &s, segments)))
        return SOLO5_R_AGAIN;
    put(net, &s, packet->cookie);
    return SOLO5_R_OK;
}

/* An unplugged cable: what is sent is lost. */
static solo5_result_t lose(struct net_tx *tx, uint64_t cookie)
{
    if (tx->next - tx->first == NET_DEPTH)
        return SOLO5_R_AGAIN;
    tx->packets[tx->next++ % NET_DEPTH] = (struct net_packet){.cookie = cookie, .lent = true};
    return SOLO5_R_OK;
}

static void tell(struct net *net)
{
    struct net_tx *tx = &net->tx;
    uint32_t old = tx->told;
    tx->told = tx->produced;
    ring_tell(net->dev, &tx->ring->req_prod, &tx->ring->req_event, old, tx->produced);
}

solo5_result_t net_tx_send(solo5_handle_t handle, const struct mft_entry *entry,
                           const struct solo5_packet *packets, size_t count, size_t *sent)
{
    (void)entry;
    struct net *net = net_of(handle);
    struct net_tx *tx = &net->tx;
    solo5_result_t result = SOLO5_R_OK;
    net_tx_collect(net);
    drop_written(tx);
    for (*sent = 0; *sent < count && result == SOLO5_R_OK;) {
        const struct solo5_packet *packet = &packets[*sent];
        result = net->dev->lost ? lose(tx, packet->cookie) : send(net, packet, true);
        *sent += result == SOLO5_R_OK;
    }
    if (!net->dev->lost)
        tell(net);
    if (result == SOLO5_R_AGAIN)
        tx->wanted = true;
    return result;
}

/* What there is no room for is lost (solo5.h). */
solo5_result_t net_tx_write(struct net *net, const uint8_t *buf, size_t size)
{
    struct net_tx *tx = &net->tx;
    struct solo5_segment segment = {(uint8_t *)buf, size};
    struct solo5_packet packet = {.segment_count = 1, .segments = &segment};
    net_tx_collect(net);
    drop_written(tx);
    if (net->dev->lost)
        return SOLO5_R_OK;
    uint32_t position = tx->next;
    solo5_result_t result = send(net, &packet, false);
    if (result == SOLO5_R_OK)
        tx->packets[position % NET_DEPTH].lent = false;
    tell(net);
    return result == SOLO5_R_AGAIN ? SOLO5_R_OK : result;
}

bool net_tx_ready(struct net *net, bool before)
{
    struct net_tx *tx = &net->tx;
    const struct net_packet *oldest = &tx->packets[tx->first % NET_DEPTH];
    if (!tx->wanted || tx->first == tx->next)
        return false;
    net_tx_collect(net);
    while (before && !net->dev->lost && oldest->unanswered != 0 &&
           ring_ask(&tx->ring->rsp_prod, &tx->ring->rsp_event, tx->answered))
        net_tx_collect(net);
    return oldest->unanswered == 0;
}

void net_tx_lost(struct net *net)
{
    take_back(&net->tx);
    for (unsigned i = 0; i < NET_DEPTH; i++)
        net->tx.packets[i].unanswered = 0;
}
