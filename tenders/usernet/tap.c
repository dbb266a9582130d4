/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One network's wire to the guest: see tap.h.
 */
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TAP_SOCKET_BUFFER (1 << 20) /* bytes; the kernel gives what its limit allows */

static void close_fd(int *fd)
{
    close(*fd);
    *fd = -1;
}

int tap_open(struct tap *tap, int *guest_fd)
{
    const int size = TAP_SOCKET_BUFFER;
    int fds[2];

    *tap = (struct tap){.fd = -1};
    tap->queue = calloc(TAP_QUEUE, sizeof *tap->queue);
    tap->batch = calloc(TAP_BATCH, sizeof *tap->batch);
    if (tap->queue == NULL || tap->batch == NULL ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
        free(tap->queue);
        free(tap->batch);
        return -1;
    }
    for (unsigned i = 0; i < 2; i++)
        (void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    tap->fd = fds[0];
    *guest_fd = fds[1];
    return 0;
}

unsigned tap_receive(struct tap *tap)
{
    struct mmsghdr messages[TAP_BATCH];
    struct iovec parts[TAP_BATCH];
    int count;

    if (tap->fd < 0)
        return 0;
    memset(messages, 0, sizeof messages);
    for (unsigned i = 0; i < TAP_BATCH; i++) {
        parts[i] = (struct iovec){.iov_base = tap->batch[i].data, .iov_len = FRAME_MAX};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    count = recvmmsg(tap->fd, messages, TAP_BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR)
            close_fd(&tap->fd);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        bool too_long = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;

        tap->batch[i].len = too_long ? 0 : (uint16_t)messages[i].msg_len;
    }
    return (unsigned)count;
}

/* Returns false when the frame has to wait. */
static bool send_now(struct tap *tap, const uint8_t *frame, size_t len)
{
    if (tap->fd < 0 || send(tap->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
        return false;
    close_fd(&tap->fd);
    return true;
}

void tap_send(struct tap *tap, const uint8_t *frame, size_t len)
{
    struct tap_frame *slot;

    if (len > FRAME_MAX || (!tap_is_blocked(tap) && send_now(tap, frame, len)))
        return;
    if (tap->tail - tap->head == TAP_QUEUE)
        return;
    slot = &tap->queue[tap->tail++ % TAP_QUEUE];
    slot->len = (uint16_t)len;
    memcpy(slot->data, frame, len);
}

void tap_flush(struct tap *tap)
{
    while (tap_is_blocked(tap)) {
        const struct tap_frame *slot = &tap->queue[tap->head % TAP_QUEUE];

        if (!send_now(tap, slot->data, slot->len))
            return;
        tap->head++;
    }
}

bool tap_is_blocked(const struct tap *tap)
{
    return tap->head != tap->tail;
}
