/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Between a Solo5 network device and lwIP. Frames are read straight into the buffers that sockets
 * will copy from, and written straight from where lwIP built them. A frame may have any length and
 * content: what is shorter than an Ethernet header ends here, the rest is for lwIP to judge.
 */
#include "netif.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/etharp.h"

#include "net.h"

/* The stack's own buffers are counted in 16 bits. */
#define NET_MTU_MAX 65521
#define NET_MTU_MIN 68 /* RFC 791 */

static err_t net_device_write(struct net_device *dev, const uint8_t *frame, size_t len)
{
    solo5_result_t result = solo5_net_write(dev->handle, frame, len);

    if (result == SOLO5_R_OK || result == SOLO5_R_AGAIN)
        return ERR_OK; /* lost on the way counts as sent: TCP finds out */
    if (!dev->failed)
        net_say(dev->name, ": the host's device fails to send", NULL);
    dev->failed = true;
    return ERR_IF;
}

static err_t net_device_send(struct netif *netif, struct pbuf *p)
{
    struct net_device *dev = netif->state;

    if (p->tot_len > dev->frames.room || p->tot_len < SOLO5_NET_HLEN)
        return ERR_BUF;
    if (p->len == p->tot_len)
        return net_device_write(dev, p->payload, p->tot_len);
    if (dev->tx_buf == NULL) {
        dev->tx_buf = malloc(dev->frames.room);
        if (dev->tx_buf == NULL)
            return ERR_MEM;
    }
    pbuf_copy_partial(p, dev->tx_buf, p->tot_len, 0);
    return net_device_write(dev, dev->tx_buf, p->tot_len);
}

static err_t net_device_init(struct netif *netif)
{
    const struct net_device *dev = netif->state;

    netif->name[0] = 'n';
    netif->name[1] = 'e';
    netif->output = etharp_output;
    netif->linkoutput = net_device_send;
    netif->mtu = (u16_t)(dev->mtu < NET_MTU_MAX ? dev->mtu : NET_MTU_MAX);
    netif->hwaddr_len = SOLO5_NET_ALEN;
    memcpy(netif->hwaddr, dev->mac, SOLO5_NET_ALEN);
    netif_set_hostname(netif, net_config_hostname());
    netif_set_flags(netif, NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET);
    return ERR_OK;
}

bool net_device_open(struct net_device *dev, const char *name)
{
    struct solo5_net_info info;

    *dev = (struct net_device){.name = name};
    if (solo5_net_acquire(name, &dev->handle, &info) != SOLO5_R_OK)
        return false;
    if (info.mtu < NET_MTU_MIN)
        net_die(name, ": the MTU is too small for IP; it must be at least 68", NULL);

    dev->mtu = info.mtu;
    memcpy(dev->mac, info.mac_address, SOLO5_NET_ALEN);
    /* The device may hand out frames up to its own MTU, whatever IP uses of it. */
    size_t room = info.mtu + SOLO5_NET_HLEN;
    frame_pool_init(&dev->frames, room < FRAME_ROOM_MAX ? room : FRAME_ROOM_MAX);
    if (netif_add_noaddr(&dev->netif, dev, net_device_init, netif_input) == NULL)
        net_die(name, ": out of memory", NULL);
    netif_set_link_up(&dev->netif);
    return true;
}

/* Is the frame for us, or for everybody? A device that a bridge or a hub floods brings others' too.
 */
static bool frame_is_ours(const struct net_device *dev, const uint8_t *frame, size_t len)
{
    if (len < SOLO5_NET_HLEN)
        return false;
    return (frame[0] & 1) != 0 || memcmp(frame, dev->mac, SOLO5_NET_ALEN) == 0;
}

void net_device_poll(struct net_device *dev)
{
    dev->more = false;
    for (unsigned count = 0; count < NET_BATCH; count++) {
        struct frame *frame = frame_get(&dev->frames);
        size_t len = 0;
        solo5_result_t result;

        if (frame == NULL) {
            dev->more = true; /* later, when something was freed */
            return;
        }
        result = solo5_net_read(dev->handle, frame_data(frame), dev->frames.room, &len);
        if (result != SOLO5_R_OK || !frame_is_ours(dev, frame_data(frame), len)) {
            frame_put(frame);
            if (result != SOLO5_R_OK)
                return;
            continue;
        }
        struct pbuf *p = frame_to_pbuf(frame, (uint16_t)len);
        if (netif_input(p, &dev->netif) != ERR_OK)
            pbuf_free(p);
    }
    dev->more = true;
}
