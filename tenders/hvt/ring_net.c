/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The queues of a network: hvt_abi.h. Each chain begins with a header, which goes to a tap as it is
 * when the tap takes headers, and is left out otherwise. Frames go from the guest's memory to the
 * device, and back, without a copy here.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "rings.h"
#include "solo5.h"
#include "vm.h"

#define HEAD HVT_RING_NET_HEAD

/* Leaves the header out of (iov), which is longer. Returns the pieces that are left. */
static unsigned skip_head(struct iovec **iov, unsigned count)
{
    size_t left = HEAD;

    while (left != 0) {
        size_t part = (*iov)->iov_len < left ? (*iov)->iov_len : left;

        (*iov)->iov_base = (uint8_t *)(*iov)->iov_base + part;
        (*iov)->iov_len -= part;
        left -= part;
        if ((*iov)->iov_len == 0)
            ++*iov, count--;
    }
    return count;
}

/* The same, and the header of a frame of which nothing is known. */
static unsigned clear_head(struct iovec **iov, unsigned count)
{
    size_t left = HEAD;

    for (const struct iovec *piece = *iov; left != 0; piece++) {
        size_t part = piece->iov_len < left ? piece->iov_len : left;

        memset(piece->iov_base, 0, part);
        left -= part;
    }
    return skip_head(iov, count);
}

static enum turn serve_send(struct vm *vm, struct queue *queue, struct ring_chain *chain)
{
    struct worker_stats *stats = &vm->rings.stats;
    struct iovec *iov = chain->iov;
    unsigned count;

    if (chain->in_count != 0 || chain->out_len < HEAD + SOLO5_NET_HLEN ||
        chain->out_len > HEAD + SOLO5_NET_HLEN + UINT16_MAX)
        return queue_broken(queue, "not a frame to send, of bytes", chain->out_len);
    count = queue->device->offload ? chain->out_count : skip_head(&iov, chain->out_count);
    if (writev(queue->device->fd, iov, (int)count) >= 0)
        stats->sent++;
    else if (errno == EAGAIN)
        return TURN_DEVICE;
    else
        /* Lost, as on any network: no room, the interface is down, a header that lies. */
        stats->dropped++;
    ring_return(&queue->ring, chain, 0);
    return TURN_MORE;
}

static enum turn serve_receive(struct vm *vm, struct queue *queue, struct ring_chain *chain)
{
    bool head = queue->device->offload != 0;
    struct iovec *iov = chain->iov;
    unsigned count;
    ssize_t got;

    if (chain->out_count != 0 || chain->in_len <= HEAD)
        return queue_broken(queue, "not a buffer for a frame, of bytes", chain->in_len);
    count = head ? chain->in_count : clear_head(&iov, chain->in_count);
    got = readv(queue->device->fd, iov, (int)count);
    if (got < 0 && devices_net_empty(errno))
        return TURN_DEVICE;
    /* A network that has failed for good is never ready again. */
    if (got < 0)
        return TURN_IDLE;
    if (got == 0)
        return TURN_MORE; /* an empty datagram is no frame */
    vm->rings.stats.received++;
    ring_return(&queue->ring, chain, (uint32_t)got + (head ? 0 : HEAD));
    return TURN_MORE;
}

const struct queue_kind queue_receive = {"receive", queue_turn, serve_receive, POLLIN};
const struct queue_kind queue_send = {"send", queue_turn, serve_send, POLLOUT};
