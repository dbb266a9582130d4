/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See net_fake.h.
 */
#include "net_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc/fd.h"
#include "quintet.h"
#include "solo5.h"
#include "thread/sched.h"

struct net_fake net_fake = {.mac = {2, 0, 0, 0, 0, 2}, .mtu = 1500, .heap_total = 32 << 20};

/* ---- Console and end ----------------------------------------------------------------------- */

void solo5_console_write(const char *buf, size_t size)
{
    for (size_t i = 0; i < size && net_fake.console_len < sizeof net_fake.console - 1; i++)
        net_fake.console[net_fake.console_len++] = buf[i];
    net_fake.console[net_fake.console_len] = '\0';
}

void solo5_exit(int status)
{
    if (!net_fake.end_set) {
        fprintf(stderr, "%s", net_fake.console);
        abort();
    }
    longjmp(net_fake.end, status + 1);
}

void solo5_abort(void)
{
    fprintf(stderr, "%s", net_fake.console);
    abort();
}

void rt_heap_stats(struct rt_heap_stats *stats)
{
    *stats = (struct rt_heap_stats){.total = net_fake.heap_total, .used = net_fake.heap_used};
}

/* The same numbers in every run. */
int getentropy(void *buf, size_t len)
{
    static uint64_t state = 88172645463325252ULL;

    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((uint8_t *)buf)[i] = (uint8_t)(state >> 32);
    }
    return 0;
}

/* ---- The scheduler: one thread ------------------------------------------------------------- */

static struct {
    const struct sched_poller *poller;
    struct waiter *waiters;
    size_t count;
    bool woken;
} sched;

static void leave_queues(void)
{
    for (size_t i = 0; i < sched.count; i++) {
        if (sched.waiters[i].queue != NULL)
            *sched.waiters[i].queue = (struct wait_queue)WAIT_QUEUE_INIT;
    }
    sched.count = 0;
}

void sched_wake_one(struct wait_queue *q)
{
    if (q->first == NULL)
        return;
    leave_queues();
    sched.woken = true;
}

void sched_wake_all(struct wait_queue *q)
{
    sched_wake_one(q);
}

uint64_t sched_now(void)
{
    return net_fake.now_ns;
}

uint64_t sched_now_exact(void)
{
    return net_fake.now_ns;
}

void sched_set_poller(const struct sched_poller *p)
{
    sched.poller = p;
}

static void turn(uint64_t deadline_ns)
{
    solo5_handle_set_t ready;
    uint64_t polled = sched.poller != NULL ? sched.poller->deadline() : SCHED_NEVER;

    net_fake.turns++;
    if (polled < deadline_ns)
        deadline_ns = polled;
    ready = net_fake_waiting() > 0 ? 1ULL << NET_FAKE_HANDLE : 0;
    if (ready == 0 && deadline_ns > net_fake.now_ns) {
        if (deadline_ns == SCHED_NEVER) {
            fprintf(stderr, "the test waits for ever\n%s", net_fake.console);
            abort();
        }
        net_fake.now_ns = deadline_ns;
    }
    if (sched.poller != NULL)
        sched.poller->run(ready, net_fake.now_ns);
}

bool sched_wait_any(struct waiter *waiters, size_t count, uint64_t deadline_ns)
{
    for (size_t i = 0; i < count; i++) {
        if (waiters[i].queue != NULL)
            waiters[i].queue->first = waiters[i].queue->last = &waiters[i];
    }
    sched.waiters = waiters;
    sched.count = count;
    sched.woken = false;
    do {
        turn(deadline_ns);
    } while (!sched.woken && net_fake.now_ns < deadline_ns);
    leave_queues();
    return sched.woken;
}

bool sched_wait(struct wait_queue *q, uint64_t deadline_ns)
{
    struct waiter waiter = {.queue = q};

    return sched_wait_any(&waiter, 1, deadline_ns);
}

void sched_yield_now(void)
{
    turn(0);
}

void net_fake_turn(void)
{
    turn(0);
}

void net_fake_run(unsigned ms)
{
    sched_wait(NULL, net_fake.now_ns + ms * 1000000ULL);
}

/* ---- Descriptors --------------------------------------------------------------------------- */

#define FD_COUNT 8192

static struct fd table[FD_COUNT];

int fd_alloc(const struct fd_ops *ops, void *obj, int flags)
{
    for (int i = 3; i < FD_COUNT; i++) {
        if (table[i].ops == NULL) {
            table[i] = (struct fd){ops, obj, flags};
            return i;
        }
    }
    errno = EMFILE;
    return -1;
}

struct fd *fd_get(int fd)
{
    if (fd < 0 || fd >= FD_COUNT || table[fd].ops == NULL) {
        errno = EBADF;
        return NULL;
    }
    return &table[fd];
}

void fd_free(int fd)
{
    table[fd].ops = NULL;
}

int net_fake_close(int fd)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return -1;
    struct fd copy = *entry;
    fd_free(fd);
    return copy.ops->close(copy.obj);
}

int net_fake_nonblock(int fd, bool on)
{
    struct fd *entry = fd_get(fd);

    if (entry == NULL)
        return -1;
    entry->flags = on ? entry->flags | O_NONBLOCK : entry->flags & ~O_NONBLOCK;
    return 0;
}

unsigned net_fake_open_fds(void)
{
    unsigned count = 0;

    for (int i = 0; i < FD_COUNT; i++)
        count += table[i].ops != NULL;
    return count;
}
