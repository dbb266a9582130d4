/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A network of Xen's against a backend that does what the input says: answers as it should, or
 * writes anything into the rings. The program sends and receives meanwhile. Whatever happens, no
 * byte outside of what was lent is touched, and the only ends are a lie that was found and the end
 * of the input.
 */
#include "fuzz.h"
#include "input.h"

#include "fake.h"
#include "netfront.h"

#define FRAME_MAX (UINT16_MAX + SOLO5_NET_HLEN)
#define STEPS_MAX 400

static struct input input;
static struct net *net;
static uint32_t tx_seen; /* requests that the backend has answered */
static uint8_t *room;    /* that packets are received into */
static struct mft_entry entry;
static struct net_buffer buffer;
static struct solo5_segment buffer_segments[2];
static bool lied; /* what is in the ring is not the driver's alone any more */

static void send_packet(void)
{
    uint32_t len = SOLO5_NET_HLEN + next32(&input) % (UINT16_MAX - SOLO5_NET_HLEN),
             parts = next8(&input) % 40 + 1;
    struct solo5_segment segments[40];
    struct solo5_packet packet = {.segments = segments, .cookie = 7};
    size_t sent;
    for (uint32_t left = len; left != 0;) {
        bool last = packet.segment_count + 1 == parts;
        uint32_t part = last || left < parts ? left : left / parts + 1;
        segments[packet.segment_count++] = (struct solo5_segment){fake_memory(part), part};
        left -= part;
    }
    uint8_t kind = next8(&input);
    if (kind & 1)
        packet.hdr = (struct solo5_net_hdr){
            .flags = SOLO5_NET_HDR_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16};
    if ((kind & 3) == 3)
        packet.hdr.gso_type = SOLO5_NET_GSO_TCPV4, packet.hdr.gso_size = 1000;
    if ((kind & 4) && segments[0].len > 34)
        for (unsigned i = 0; i < 22; i++) /* IPv4 with TCP */
            ((uint8_t *)segments[0].base)[12 + i] = i == 0 ? 8 : i == 1 ? 0 : i == 2 ? 0x45 : 6;
    if (len < 34 + 18)
        packet.hdr = (struct solo5_net_hdr){0};
    net_tx_send(1, &entry, &packet, 1, &sent);
}

/* Answers (count) requests as a backend does, while there is one. */
static void answer(unsigned count)
{
    netif_tx_sring_t *ring = net->tx.ring;
    uint32_t produced = ring->rsp_prod;
    for (; count != 0 && !fake_device.lost && tx_seen != ring->req_prod; count--) {
        struct netif_tx_request request = ring->ring[tx_seen++ % NET_RING].req;
        const uint8_t *page = fake_granted(request.gref, false);
        FUZZ_CHECK(lied || (page != NULL && request.offset < XEN_PAGE));
        ring->ring[produced++ % NET_RING].rsp = (struct netif_tx_response){request.id, 0};
        if ((request.flags & NETTXF_extra_info) && tx_seen != ring->req_prod) {
            tx_seen++;
            ring->ring[produced++ % NET_RING].rsp.status = NETIF_RSP_NULL;
        }
    }
    ring->rsp_prod = produced;
}

static void deliver(void)
{
    netif_rx_sring_t *ring = net->rx.ring;
    uint32_t at = ring->rsp_prod;
    uint16_t size = (uint16_t)(next32(&input) % XEN_PAGE), flags = next8(&input) & 3;
    if (ring->req_prod - at < 2)
        return;
    struct netif_rx_request request = ring->ring[at % NET_RING].req;
    uint8_t *page = fake_granted(request.gref, true);
    FUZZ_CHECK(lied || page != NULL);
    if (page == NULL)
        return;
    for (uint16_t i = 0; i < size && i < 64; i++)
        page[i] = next8(&input);
    ring->ring[at % NET_RING].rsp = (struct netif_rx_response){request.id, 0, flags, (int16_t)size};
    ring->rsp_prod = at + 1;
}

static void lie_tx(void)
{
    netif_tx_sring_t *ring = net->tx.ring;
    uint32_t at = next8(&input);
    lied = true;
    ring->ring[at].rsp =
        (struct netif_tx_response){(uint16_t)next32(&input), (int16_t)(int8_t)next8(&input)};
    ring->rsp_prod += (uint32_t)(int8_t)next8(&input);
}

static void lie_rx(void)
{
    netif_rx_sring_t *ring = net->rx.ring;
    union netif_rx_sring_entry *slot = &ring->ring[(ring->rsp_prod + next8(&input) % 4) % NET_RING];
    uint32_t low = next32(&input), high = next32(&input);
    lied = true;
    slot->rsp = (struct netif_rx_response){(uint16_t)low, (uint16_t)(low >> 16), (uint16_t)high,
                                           (int16_t)(high >> 16)};
    if (next8(&input) & 1)
        slot->rsp.id = (uint16_t)(ring->rsp_prod % NET_RING);
    ring->rsp_prod += (uint32_t)(int8_t)next8(&input);
}

static void receive(void)
{
    struct solo5_received packets[4];
    size_t count, size;
    if (next8(&input) & 1) {
        net_rx_read(net, room, net->frame_max, &size);
        return;
    }
    net_rx_receive(1, &entry, packets, 4, &count);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(packets[i].len >= SOLO5_NET_HLEN && packets[i].len <= FRAME_MAX);
}

/* Each other time it is gone, or there again: in the same domain, or in another. */
static void go_and_come_back(void)
{
    if (!fake_device.lost) {
        fake_device.lost = true;
        netfront.lost(&fake_device);
        return;
    }
    fake_device.domain = next8(&input) & 1;
    if (!netfront.set_up(&fake_device))
        return;
    fake_device.lost = false;
    tx_seen = 0;
}

static void step(void)
{
    uint64_t cookies[8];
    switch (next8(&input) % 14) {
    case 0:
    case 1:
        send_packet();
        break;
    case 2: {
        size_t size = SOLO5_NET_HLEN + next8(&input) * 5;
        net_tx_write(net, fake_memory(size), size);
        break;
    }
    case 3:
        net_tx_reclaim(1, cookies, 8);
        break;
    case 4:
        netfront.ready(&fake_device, next8(&input) & 1);
        break;
    case 5:
    case 6:
        answer(next8(&input));
        break;
    case 7:
    case 8:
        deliver();
        break;
    case 9:
        receive();
        break;
    case 10:
        lie_tx();
        break;
    case 11:
        lie_rx();
        break;
    case 12:
        fake_use_grant(next32(&input) % 2048);
        break;
    case 13:
        if (next8(&input) > 250)
            go_and_come_back();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = (struct input){data, size};
    tx_seen = 0;
    lied = false;
    fake_reset();
    uint8_t kind = next8(&input);
    fake_node("feature-rx-copy", "1");
    fake_node("feature-sg", kind & 1 ? "0" : "1");
    fake_node("feature-gso-tcpv4", "1");
    fake_node("device/x/0/mac", "02:00:00:00:00:01");
    fake_node("device/x/0/mtu", kind & 2 ? "9000" : "1500");
    if (setjmp(fake_end) != 0)
        return 0;
    fake_device.driver = &netfront;
    grant_init(NET_GRANTS);
    FUZZ_CHECK(netfront.set_up(&fake_device));
    if (!netfront.start(&fake_device, &entry))
        return 0;
    net = fake_device.state;
    if (kind & 4)
        net->features = 0;
    room = fake_memory(net->frame_max);
    buffer_segments[0] = (struct solo5_segment){fake_memory(1000), 1000};
    buffer_segments[1] = (struct solo5_segment){fake_memory(FRAME_MAX - 1000), FRAME_MAX - 1000};
    buffer = (struct net_buffer){buffer_segments, 2, 9};
    fake_posted = &buffer;
    for (unsigned i = 0; i < STEPS_MAX && input.size != 0; i++)
        step();
    return 0;
}
