/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The driver of networks: virtio 1.2, 5.1. Queue 0 is received into, queue 1 sent from; a chain is
 * a header and the frame. What is received is handed on in the device's order; what was sent comes
 * back in the program's. The control queue is net_control.c's.
 *
 * Mergeable buffers (MRG_RXBUF) pay where the driver has buffers of its own, whose contents it
 * copies anyway: they can be short, each one descriptor with the header in front, and a frame of
 * any MTU is put together as it is copied. So they are asked for in programs without
 * SOLO5_WANTS_NET_OFFLOAD, which read by solo5_net_read. The others lend buffers that hold the
 * largest frame there is (solo5_io.h): a device fills one before it takes another (5.1.6.4.1), so
 * it would never take two, and to lend it short ones would be a copy more of each packet, or a
 * packet in as many pieces.
 *
 * The device need not say how much it has written of a packet that it sends; of one that it
 * receives it must, and not more than was lent (vq_take). Its headers are for the program to check,
 * but for the number of buffers: those that it counts must be back already.
 *
 * While the link is down the device takes what it is given, or has no room.
 */
#include "virtqueue.h"

#include "bindings.h"
#include "net_control.h"

#define RECEIVE 0
#define SEND    1

/* Features: 5.1.3; those of the newest drafts are used where they are offered. */
#define CSUM       0
#define GUEST_CSUM 1
#define MTU        3
#define MAC        5
#define GUEST_TSO4 7
#define GUEST_TSO6 8
#define HOST_TSO4  11
#define HOST_TSO6  12
#define HOST_ECN   13
#define MRG_RXBUF  15
#define STATUS     16
#define GUEST_USO4 54
#define GUEST_USO6 55
#define HOST_USO   56
#define BIT(n)     (UINT64_C(1) << (n))
#define ALL_OFFLOAD                                                                     \
    (BIT(CSUM) | BIT(GUEST_CSUM) | BIT(GUEST_TSO4) | BIT(GUEST_TSO6) | BIT(HOST_TSO4) | \
     BIT(HOST_TSO6) | BIT(HOST_ECN) | BIT(GUEST_USO4) | BIT(GUEST_USO6) | BIT(HOST_USO))

/* The configuration: 5.1.4. */
#define CONFIG_MAC      0
#define CONFIG_STATUS   6
#define CONFIG_MTU      10
#define STATUS_LINK_UP  1
#define STATUS_ANNOUNCE 2

#define MTU_DEFAULT 1500
#define MTU_MIN     68 /* 5.1.4.1 */

#define LEGACY_HEADER 10 /* without num_buffers: 5.1.6.1 */
_Static_assert(sizeof(struct solo5_net_hdr) == 12, "virtio 1.2, 5.1.6");
_Static_assert(SOLO5_SEGMENTS_MAX + 2 <= VQ_CHAIN_MAX, "with a header, one across a gap");

/* Packets of up to so many pieces with their header; of those with more, fewer. */
#define PIECES    5
#define DEPTH_MAX 256
#define TABLES    128 /* indirect tables of a queue, where there are any: its depth, too */

/* Buffers of the driver's own, for solo5_net_read and solo5_net_write. */
#define PLAIN_RECEIVE 64
#define PLAIN_SEND    32
#define PLAIN_MEMORY  (256 * 1024) /* of each kind, at most; */
#define PLAIN_MIN     4            /* but so many */
#define PLAIN_PART    2048         /* bytes of one that is mergeable */
#define TELL_AFTER    32           /* packets, or when the program waits: telling is an exit */
#define LOOKS_MAX     8            /* for something else, which is as good as to wait */
#define OFFER_AFTER   8            /* of them read, the device is given them again */

/* A chain that the device has, by its id. */
struct lent {
    uint64_t cookie;   /* of what is received into */
    uint8_t *plain;    /* one of the driver's own buffers, not the program's */
    uint16_t position; /* of what is sent */
};

/* A packet that was sent and not reclaimed; its chain's id may be another's already. */
struct sent {
    uint64_t cookie;
    bool done;
};

struct half {
    struct virtqueue vq;
    struct lent *lent;
    struct solo5_net_hdr *hdr; /* by id: what the device reads or writes */
    struct sent *sent;         /* in order, a ring: */
    uint16_t newest, oldest;   /* positions, which count up for ever */
    uint8_t **plain;           /* buffers that are free */
    unsigned plain_count;
    size_t untold;  /* packets that were lent since the device was told of any */
    unsigned looks; /* for something to take back or to receive, since then */
};

static struct net {
    struct virtio_driver driver;
    struct net_io io;
    solo5_handle_t handle;
    struct mft_net_basic info;
    uint16_t header; /* bytes before a frame */
    size_t place;    /* bytes of a buffer for solo5_net_read */
    bool merges;     /* MRG_RXBUF */
    bool reads;      /* by solo5_net_read */
    bool posts;      /* by solo5_net_post */
    bool link_up;
    uint16_t rest; /* buffers to come of a packet that did not fit into one that was posted */
    struct half receive, send;
    struct net_control control;
} * nets[MFT_MAX_ENTRIES];

static bool wants_offload(void)
{
    return solo5_wants_net_offload != NULL;
}

/* ---- Lending and taking back ---------------------------------------------------------------- */

/* The chain of a packet, but for its header, which is (pieces[0]). Returns how many pieces; more
 * than VQ_CHAIN_MAX: there is no room for all, as when many segments overlap, across the gap. */
static uint16_t describe(struct vq_piece pieces[VQ_CHAIN_MAX + 1],
                         const struct solo5_packet *packet, uint16_t flags, size_t *room)
{
    uint16_t count = 1;
    for (uint32_t i = 0; i < packet->segment_count; i++) {
        const struct solo5_segment *segment = &packet->segments[i];
        if (count >= VQ_CHAIN_MAX)
            return VQ_CHAIN_MAX + 1;
        count += vq_pieces(pieces + count, segment->base, segment->len, flags);
        *room += segment->len;
    }
    return count;
}

static solo5_result_t lend_one(struct net *net, struct half *half,
                               const struct solo5_packet *packet, uint8_t *plain, uint16_t flags)
{
    struct vq_piece pieces[VQ_CHAIN_MAX + 1];
    size_t room = net->header;
    if (half->vq.out >= net->io.depth || (uint16_t)(half->newest - half->oldest) >= net->io.depth)
        return SOLO5_R_AGAIN;
    uint16_t count = describe(pieces, packet, flags, &room);
    if (count > VQ_CHAIN_MAX)
        return SOLO5_R_EINVAL;
    if (!vq_room(&half->vq, count))
        return SOLO5_R_AGAIN;

    uint16_t id = vq_next_id(&half->vq);
    half->hdr[id] = packet->hdr;
    half->hdr[id].num_buffers = 0; /* 5.1.6.2.1 */
    if (!VIRTIO_HAS(net->driver.dev->features, HOST_ECN))
        half->hdr[id].gso_type &= (uint8_t)~SOLO5_NET_GSO_ECN; /* a device cuts without as well */
    pieces[0] = vq_piece(&half->hdr[id], net->header, flags);
    half->lent[id] =
        (struct lent){.cookie = packet->cookie, .plain = plain, .position = half->newest};
    if (flags != VQ_DESC_WRITE && plain == NULL)
        half->sent[half->newest++ % half->vq.size] = (struct sent){.cookie = packet->cookie};
    vq_add(&half->vq, pieces, count, flags == VQ_DESC_WRITE ? (uint32_t)room : 0);
    return SOLO5_R_OK;
}

static bool lend_plain(struct net *net, struct half *half, size_t len, uint16_t flags)
{
    if (half->plain_count == 0)
        return false;
    uint8_t *plain = half->plain[half->plain_count - 1];
    const struct solo5_segment segment = {plain, len};
    const struct solo5_packet packet = {.segment_count = 1, .segments = &segment};
    if (lend_one(net, half, &packet, plain, flags) != SOLO5_R_OK)
        return false;
    half->plain_count--;
    return true;
}

/* One of the driver's own to be received into; mergeable, it has the header in it. */
static bool lend_place(struct net *net)
{
    struct half *half = &net->receive;
    if (!net->merges)
        return lend_plain(net, half, net->place, VQ_DESC_WRITE);
    if (half->plain_count == 0 || !vq_room(&half->vq, 1))
        return false;
    uint8_t *plain = half->plain[--half->plain_count];
    const struct vq_piece piece = vq_piece(plain, net->place, VQ_DESC_WRITE);
    half->lent[vq_next_id(&half->vq)] = (struct lent){.plain = plain};
    vq_add(&half->vq, &piece, 1, piece.len);
    return true;
}

/* A program that looks again and again, and neither sends nor waits, waits too. */
static void look(struct half *half)
{
    if (++half->looks % LOOKS_MAX == 0)
        vq_offer(&half->vq);
}

static solo5_result_t lend(struct net *net, struct half *half, const struct solo5_packet *packets,
                           size_t count, size_t *taken, uint16_t flags)
{
    solo5_result_t result = SOLO5_R_OK;
    *taken = 0;
    if (net->driver.dev->failed)
        return SOLO5_R_EUNSPEC;
    while (*taken < count && result == SOLO5_R_OK) {
        result = lend_one(net, half, &packets[*taken], NULL, flags);
        *taken += result == SOLO5_R_OK;
    }
    half->looks = 0;
    half->untold += *taken;
    if (half->untold >= TELL_AFTER || *taken != count) {
        half->untold = 0;
        vq_offer(&half->vq);
    } else {
        vq_show(&half->vq);
    }
    return result;
}

/* Marks what the device is done with of what was sent. */
static void collect(struct half *half)
{
    struct vq_used used;
    while (!half->vq.dev->failed && vq_take(&half->vq, &used)) {
        const struct lent *lent = &half->lent[used.id];
        if (lent->plain != NULL)
            half->plain[half->plain_count++] = lent->plain;
        else
            half->sent[lent->position % half->vq.size].done = true;
    }
}

/* The oldest of what the program has sent, if the device is done with it; a failed one is done with
 * all. */
static const struct sent *take_back(struct half *half)
{
    const struct sent *sent = &half->sent[half->oldest % half->vq.size];
    if (half->oldest == half->newest || (!sent->done && !half->vq.dev->failed))
        return NULL;
    half->oldest++;
    return sent;
}

/* ---- The calls of solo5_io.h ---------------------------------------------------------------- */

static solo5_result_t net_send(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *packets, size_t count, size_t *sent)
{
    struct net *net = nets[handle];
    (void)dev;
    solo5_result_t result = lend(net, &net->send, packets, count, sent, 0);
    /* Only who had no room waits for it. */
    if (result == SOLO5_R_AGAIN)
        net->send.vq.wanted = true;
    return result;
}

static size_t net_reclaim(solo5_handle_t handle, uint64_t *cookies, size_t max)
{
    struct half *half = &nets[handle]->send;
    const struct sent *sent;
    size_t count = 0;

    if (half->vq.dev->failed)
        vq_abandon(&nets[handle]->driver);
    collect(half);
    while (count < max && (sent = take_back(half)) != NULL)
        cookies[count++] = sent->cookie;
    if (count != 0 || half->vq.dev->failed)
        half->vq.wanted = false;
    else
        look(half);
    return count;
}

static solo5_result_t net_post(solo5_handle_t handle, const struct mft_entry *dev,
                               const struct solo5_packet *buffers, size_t count, size_t *posted)
{
    struct net *net = nets[handle];
    if (net->reads)
        return net_plain.post(handle, dev, buffers, count, posted);
    net->posts = true;
    solo5_result_t result = lend(net, &net->receive, buffers, count, posted, VQ_DESC_WRITE);
    net->receive.vq.wanted = net->receive.vq.out != 0 && !net->driver.dev->failed;
    return result;
}

/* In how many buffers the packet is whose first (hdr) begins: 5.1.6.4. The others are back, too,
 * since the device returns all at once (5.1.6.4.1). One without a header is alone. */
static uint16_t buffer_count(const struct net *net, const struct vq_used *used,
                             const volatile struct solo5_net_hdr *hdr)
{
    if (!net->merges || used->len < net->header)
        return 1;
    uint16_t count = hdr->num_buffers;
    if (count == 0)
        vq_lie(&net->receive.vq, "it says that a packet is in no buffer");
    if (count - 1 > net->receive.vq.out)
        vq_lie(&net->receive.vq, "it says that a packet is in more buffers than it has");
    return count;
}

/* Whether a buffer of the program's has all of a packet. Each of one that is in several, which is
 * longer than the MTU allows, goes back with nothing in it. */
static bool is_whole(struct net *net, const struct vq_used *used)
{
    if (net->rest != 0) {
        net->rest--;
        return false;
    }
    net->rest = buffer_count(net, used, &net->receive.hdr[used->id]) - 1;
    return net->rest == 0;
}

static void fill_in(struct net *net, const struct vq_used *used, struct solo5_received *received)
{
    bool whole = is_whole(net, used);
    *received = (struct solo5_received){
        .len = whole && used->len > net->header ? used->len - net->header : 0,
        .cookie = net->receive.lent[used->id].cookie,
    };
    if (net_has_header(net->handle))
        received->hdr = net->receive.hdr[used->id];
}

static solo5_result_t net_receive(solo5_handle_t handle, const struct mft_entry *dev,
                                  struct solo5_received *packets, size_t max, size_t *count)
{
    struct net *net = nets[handle];
    struct virtqueue *vq = &net->receive.vq;
    struct vq_used used;
    if (net->reads)
        return net_plain.receive(handle, dev, packets, max, count);
    for (*count = 0; !vq->dev->failed && *count < max && vq_take(vq, &used);)
        fill_in(net, &used, &packets[(*count)++]);
    vq->wanted = vq->out != 0 && !vq->dev->failed;
    if (*count != 0)
        return SOLO5_R_OK;
    if (vq->dev->failed) {
        vq_abandon(&net->driver);
        return SOLO5_R_EUNSPEC;
    }
    look(&net->send);
    look(&net->receive);
    return SOLO5_R_AGAIN;
}

/* ---- The calls of solo5.h: frames are copied ------------------------------------------------ */

/* A frame for which there is no room is dropped, which the program is not told (solo5.h). */
solo5_result_t virtio_net_write(solo5_handle_t handle, const uint8_t *buf, size_t size)
{
    struct net *net = nets[handle];
    struct half *half = &net->send;

    if (net->driver.dev->failed)
        return SOLO5_R_EUNSPEC;
    if (half->plain_count == 0)
        collect(half);
    if (half->plain_count != 0) {
        memcpy(half->plain[half->plain_count - 1], buf, size);
        lend_plain(net, half, size, 0);
    }
    vq_offer(&half->vq);
    return SOLO5_R_OK;
}

static size_t frame_max(const struct net *net)
{
    return (size_t)net->info.mtu + SOLO5_NET_HLEN;
}

/* From now on frames are received into the driver's own buffers. */
static void start_reading(struct net *net)
{
    net->reads = true;
    while (lend_place(net))
        ;
    vq_offer(&net->receive.vq);
    net->receive.vq.wanted = net->receive.vq.out != 0;
}

/* Copies what is in a buffer after the first (skip) bytes behind the (len) bytes of a frame that
 * (buf) has, and lends it again. Returns how long the frame is with it, whether it has room or not.
 */
static size_t copy_place(struct net *net, const struct vq_used *used, size_t skip, uint8_t *buf,
                         size_t size, size_t len)
{
    struct half *half = &net->receive;
    uint8_t *plain = half->lent[used->id].plain;
    size_t more = used->len > skip ? used->len - skip : 0;
    if (len <= size && more <= size - len)
        memcpy(buf + len, plain + (net->merges ? skip : 0), more);
    half->plain[half->plain_count++] = plain;
    lend_place(net);
    return len + more;
}

/* The frame that begins in the buffer that was taken. */
static size_t copy_frame(struct net *net, struct vq_used *used, uint8_t *buf, size_t size)
{
    const void *first = net->receive.lent[used->id].plain;
    uint16_t count = buffer_count(net, used, first);
    size_t len = copy_place(net, used, net->header, buf, size, 0);
    while (--count != 0) {
        if (!vq_take(&net->receive.vq, used))
            vq_lie(&net->receive.vq, "it returns a packet without all of its buffers");
        len = copy_place(net, used, 0, buf, size, len);
    }
    return len;
}

solo5_result_t virtio_net_read(solo5_handle_t handle, uint8_t *buf, size_t size, size_t *read_size)
{
    struct net *net = nets[handle];
    struct half *half = &net->receive;
    struct vq_used used;

    if (net->driver.dev->failed) {
        half->vq.wanted = false;
        return SOLO5_R_EUNSPEC;
    }
    if (!net->reads && !net->posts)
        start_reading(net);
    while (net->reads && vq_take(&half->vq, &used)) {
        size_t len = copy_frame(net, &used, buf, size);
        if (half->vq.unoffered >= OFFER_AFTER)
            vq_offer(&half->vq);
        if (len >= SOLO5_NET_HLEN && len <= size) {
            *read_size = len;
            return SOLO5_R_OK;
        }
    }
    vq_offer(&half->vq);
    return SOLO5_R_AGAIN;
}

/* A program that waits for a network into which it has posted nothing is going to read it. */
static void waits(struct virtio_driver *driver)
{
    struct net *net = (struct net *)driver;
    if (driver->dev->failed)
        return;
    if (!net->reads && !net->posts && net->receive.plain_count != 0 &&
        devices_get(net->handle, MFT_DEV_NET_BASIC) != NULL)
        start_reading(net);
    vq_offer(&net->receive.vq);
}

/* ---- Opening -------------------------------------------------------------------------------- */

static void say_link(struct net *net, bool up)
{
    if (up != net->link_up)
        log_write(LOG_WARN, "virtio %s: the link is %s", net->driver.dev->name, up ? "up" : "down");
    net->link_up = up;
}

/* The configuration may have changed. */
static void look_at_status(struct virtio_driver *driver)
{
    struct net *net = (struct net *)driver;
    uint16_t status;
    if (!VIRTIO_HAS(driver->dev->features, STATUS) ||
        !driver->dev->transport->config_read(driver->dev, CONFIG_STATUS, &status, sizeof status))
        return;
    say_link(net, status & STATUS_LINK_UP);
    if (status & STATUS_ANNOUNCE)
        net_control_announce(&net->control, net->handle);
}

static bool read_config(struct net *net)
{
    struct virtio_device *dev = net->driver.dev;
    uint16_t mtu = MTU_DEFAULT;

    if (VIRTIO_HAS(dev->features, MAC) &&
        !dev->transport->config_read(dev, CONFIG_MAC, net->info.mac, sizeof net->info.mac))
        return false;
    if (VIRTIO_HAS(dev->features, MTU) &&
        !dev->transport->config_read(dev, CONFIG_MTU, &mtu, sizeof mtu))
        return false;
    net->info.mtu = mtu;
    if (mtu < MTU_MIN)
        virtio_fail(dev, "its MTU is not 68 or more");
    return mtu >= MTU_MIN;
}

/* (count) buffers at most. */
static void make_plain(struct half *half, size_t size, size_t count)
{
    size = (size + 15) & ~(size_t)15;
    if (count > PLAIN_MEMORY / size)
        count = PLAIN_MEMORY / size;
    if (count < PLAIN_MIN)
        count = PLAIN_MIN;
    uint8_t *memory = virtio_memory(count * size);
    half->plain = virtio_memory(count * sizeof *half->plain);
    while (half->plain_count < count) {
        half->plain[half->plain_count] = memory + half->plain_count * size;
        half->plain_count++;
    }
}

static bool open_half(struct net *net, struct half *half, uint16_t number)
{
    struct virtio_device *dev = net->driver.dev;

    if (!vq_open(&half->vq, dev, number, VQ_CHAIN_MAX, TABLES))
        return false;
    half->vq.last = number == SEND;
    half->lent = virtio_memory(half->vq.size * sizeof *half->lent);
    half->hdr = virtio_memory(half->vq.size * sizeof *half->hdr);
    if (number == SEND)
        half->sent = virtio_memory(half->vq.size * sizeof *half->sent);
    size_t depth = half->vq.size / PIECES;
    if (half->vq.tables != NULL)
        depth = half->vq.size / 2 < TABLES ? half->vq.size / 2 : TABLES;
    if (net->io.depth > depth)
        net->io.depth = depth;
    return true;
}

bool virtio_net_open(struct virtio_device *dev)
{
    uint64_t wanted = VQ_FEATURES | BIT(MTU) | BIT(MAC) | BIT(STATUS) | NET_CONTROL_FEATURES;
    wanted |= wants_offload() ? ALL_OFFLOAD : BIT(MRG_RXBUF);
    if (!dev->transport->negotiate(dev, wanted, 0))
        return false;

    struct net *net = virtio_memory(sizeof *net);
    dev->driver = net;
    *net = (struct net){
        .driver = {.dev = dev, .changed = look_at_status, .waits = waits},
        .io = {DEPTH_MAX, net_send, net_reclaim, net_post, net_receive},
        .header = sizeof(struct solo5_net_hdr),
        .merges = VIRTIO_HAS(dev->features, MRG_RXBUF),
        .link_up = true,
    };
    if (dev->legacy && !net->merges)
        net->header = LEGACY_HEADER;
    if (!read_config(net)) {
        virtio_fail(dev, "its configuration makes no sense");
        return false;
    }
    if (!open_half(net, &net->receive, RECEIVE) || !open_half(net, &net->send, SEND) ||
        !net_control_open(&net->control, dev))
        return false;
    /* The longest packet of solo5_io.h needs a chain as long as this. */
    if (net->receive.vq.size < VQ_CHAIN_MAX || net->send.vq.size < VQ_CHAIN_MAX) {
        virtio_fail(dev, "its queues are too short");
        return false;
    }
    return dev->transport->start(dev);
}

void virtio_net_info(const struct virtio_device *dev, struct mft_net_basic *info)
{
    *info = ((const struct net *)dev->driver)->info;
}

/* Each says in SOLO5_NET_* what features say; cutting needs checksums: 5.1.3.1. */
uint32_t virtio_net_offload(const struct virtio_device *dev)
{
    static const struct {
        uint64_t features;
        uint32_t bit;
    } all[] = {
        {BIT(CSUM), SOLO5_NET_CSUM_OUT},
        {BIT(CSUM) | BIT(HOST_TSO4), SOLO5_NET_TSO4_OUT},
        {BIT(CSUM) | BIT(HOST_TSO6), SOLO5_NET_TSO6_OUT},
        {BIT(CSUM) | BIT(HOST_USO), SOLO5_NET_USO_OUT},
        {BIT(GUEST_CSUM), SOLO5_NET_CSUM_IN},
        {BIT(GUEST_CSUM) | BIT(GUEST_TSO4), SOLO5_NET_TSO4_IN},
        {BIT(GUEST_CSUM) | BIT(GUEST_TSO6), SOLO5_NET_TSO6_IN},
        {BIT(GUEST_CSUM) | BIT(GUEST_USO4) | BIT(GUEST_USO6), SOLO5_NET_USO_IN},
    };
    uint32_t set = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if ((dev->features & all[i].features) == all[i].features)
            set |= UINT32_C(1) << all[i].bit;
    return set;
}

void virtio_net_serve(struct virtio_device *dev, solo5_handle_t handle)
{
    struct net *net = dev->driver;
    net->handle = net->receive.vq.handle = net->send.vq.handle = handle;
    net->receive.vq.attached = net->send.vq.attached = true;
    nets[handle] = net;
    vq_attach(&net->driver);
    look_at_status(&net->driver);
}

/* For so many frames of the MTU; mergeable ones for more that are shorter. */
static void make_places(struct net *net)
{
    size_t parts = 1;
    net->place = frame_max(net);
    if (net->merges) {
        net->place += net->header;
        parts = (net->place + PLAIN_PART - 1) / PLAIN_PART;
        if (parts > 1)
            net->place = PLAIN_PART;
    }
    make_plain(&net->receive, net->place, PLAIN_RECEIVE * parts);
}

void virtio_net_attach(struct virtio_device *dev, solo5_handle_t handle)
{
    struct net *net = dev->driver;
    if (!wants_offload())
        make_places(net);
    make_plain(&net->send, frame_max(net), PLAIN_SEND);
    virtio_net_serve(dev, handle);
}

const struct net_io *virtio_net_io(solo5_handle_t handle)
{
    return &nets[handle]->io;
}
