/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A network: what both halves agree upon in the store, and how it is served (xen/io/netif.h).
 */
#include "netfront.h"

#include <xen/io/xenbus.h>

#define BIT(n) (UINT64_C(1) << (n))

#define MTU_DEFAULT 1500
#define MTU_MAX     (XEN_NETIF_MAX_TX_SIZE - SOLO5_NET_HLEN)

uint8_t net_scratch[UINT16_MAX + SOLO5_NET_HLEN];

struct net *net_of(solo5_handle_t handle)
{
    return bus_device(handle)->state;
}

/* What the backend can do for packets that are sent; what it will do with those that are received
 * is what we ask it for. */
static uint64_t choose_features(const struct net *net, const struct xen_device *dev)
{
    uint64_t features = BIT(SOLO5_NET_CSUM_IN) | BIT(SOLO5_NET_TSO4_IN) | BIT(SOLO5_NET_TSO6_IN);
    if (solo5_wants_net_offload == NULL)
        return 0;
    if (!bus_flag(dev, "feature-no-csum-offload"))
        features |= BIT(SOLO5_NET_CSUM_OUT);
    if (net->pieces && (features & BIT(SOLO5_NET_CSUM_OUT))) {
        if (bus_flag(dev, "feature-gso-tcpv4"))
            features |= BIT(SOLO5_NET_TSO4_OUT);
        if (bus_flag(dev, "feature-gso-tcpv6") && net->ipv6_checksum)
            features |= BIT(SOLO5_NET_TSO6_OUT);
    }
    return features;
}

/* For the first backend: what it can do is what the program is told. */
static struct net *open(struct xen_device *dev)
{
    struct net *net = xen_pages((sizeof *net + XEN_PAGE - 1) / XEN_PAGE);
    memset(net, 0, sizeof *net);
    net->dev = dev;
    net->pieces = bus_flag(dev, "feature-sg");
    net->ipv6_checksum = bus_flag(dev, "feature-ipv6-csum-offload");
    net->features = choose_features(net, dev);
    if (net_tx_open(net) && net_rx_open(net))
        return net;
    log_write(LOG_ERROR, "%s: no more pages can be granted", dev->name);
    return NULL;
}

/* Whether a later backend can do what the program was told of the first. */
static bool can_follow(const struct net *net, const struct xen_device *dev)
{
    return (!net->pieces || bus_flag(dev, "feature-sg")) &&
           (!net->ipv6_checksum || bus_flag(dev, "feature-ipv6-csum-offload")) &&
           (net->features & ~choose_features(net, dev)) == 0;
}

static bool set_up(struct xen_device *dev)
{
    if (!bus_flag(dev, "feature-rx-copy")) {
        log_write(LOG_ERROR, "%s: its backend has no feature-rx-copy, which is wanted", dev->name);
        return false;
    }
    struct net *net = dev->state;
    if (net == NULL)
        net = dev->state = open(dev);
    else if (!can_follow(net, dev)) {
        log_write(LOG_ERROR, "%s: its backend can do less than the one before", dev->name);
        return false;
    }
    if (net == NULL)
        return false;
    if (!(net_tx_empty(net) && net_rx_empty(net))) {
        log_write(LOG_ERROR, "%s: the backend before has pages still", dev->name);
        return false;
    }
    bool offload = net->features != 0;
    bus_write(dev, "tx-ring-ref", net->tx.ring_grant);
    bus_write(dev, "rx-ring-ref", net->rx.ring_grant);
    bus_write(dev, "event-channel", dev->port);
    bus_write(dev, "request-rx-copy", 1);
    bus_write(dev, "feature-rx-notify", 1);
    bus_write(dev, "feature-sg", 1);
    bus_write(dev, "feature-no-csum-offload", !offload);
    bus_write(dev, "feature-ipv6-csum-offload", offload);
    bus_write(dev, "feature-gso-tcpv4", offload);
    bus_write(dev, "feature-gso-tcpv6", offload);
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_mac(struct xen_device *dev, uint8_t mac[6])
{
    char path[STORE_PATH_MAX], text[24];
    store_path(path, dev->node, "mac");
    if (!store_read(path, text, sizeof text))
        return false;
    for (unsigned i = 0; i < 6; i++) {
        const char *p = text + (size_t)i * 3;
        if (hex(p[0]) < 0 || hex(p[1]) < 0 || p[2] != (i < 5 ? ':' : '\0'))
            return false;
        mac[i] = (uint8_t)(hex(p[0]) << 4 | hex(p[1]));
    }
    return true;
}

static bool begin(struct xen_device *dev, struct mft_entry *entry)
{
    struct net *net = dev->state;
    char path[STORE_PATH_MAX];
    uint64_t mtu;
    if (!read_mac(dev, entry->u.net_basic.mac)) {
        log_write(LOG_ERROR, "%s: xenstore has no address for it that is one", dev->name);
        return false;
    }
    store_path(path, dev->node, "mtu");
    if (!store_read_number(path, &mtu))
        mtu = MTU_DEFAULT;
    if (mtu == 0 || mtu > MTU_MAX || (!net->pieces && mtu > XEN_PAGE - SOLO5_NET_HLEN)) {
        log_write(LOG_ERROR, "%s: an MTU of %llu cannot be had", dev->name,
                  (unsigned long long)mtu);
        return false;
    }
    entry->u.net_basic.mtu = (uint16_t)mtu;
    net->frame_max = mtu + SOLO5_NET_HLEN;
    ext_offer.net[dev->handle] = (uint32_t)net->features;
    if (net->features != 0)
        ext_offer.features |= BIT(EXT1_NET_OFFLOAD);
    return true;
}

static void lost(struct xen_device *dev)
{
    net_tx_lost(dev->state);
}

static bool ready(struct xen_device *dev, bool before)
{
    struct net *net = dev->state;
    bool tx = net_tx_ready(net, before);
    return net_rx_ready(net, before) || tx;
}

static bool finished(struct xen_device *dev)
{
    struct net *net = dev->state;
    net_tx_collect(net);
    return dev->lost || net->tx.unused_count == NET_RING;
}

solo5_result_t netfront_write(struct xen_device *dev, const uint8_t *buf, size_t size)
{
    return net_tx_write(dev->state, buf, size);
}

solo5_result_t netfront_read(struct xen_device *dev, uint8_t *buf, size_t size, size_t *read_size)
{
    return net_rx_read(dev->state, buf, size, read_size);
}

static const struct net_io net_io = {
    .depth = NET_DEPTH,
    .send = net_tx_send,
    .reclaim = net_tx_reclaim,
    .post = net_direct_post,
    .receive = net_rx_receive,
};

const struct net_io *netfront_io(void)
{
    return &net_io;
}

const struct xen_driver netfront = {
    .class = "vif",
    .noun = "network",
    .mft_type = MFT_DEV_NET_BASIC,
    .connected = XenbusStateConnected,
    .grants = NET_GRANTS,
    .set_up = set_up,
    .start = begin,
    .lost = lost,
    .comes_back = true,
    .ready = ready,
    .finished = finished,
};
