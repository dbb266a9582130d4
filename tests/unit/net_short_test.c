/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network when memory is short: a small heap, and peers that take nothing of what they asked
 * for. The linker passes all allocations through here (--wrap), where they are counted and end.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "net.h"
#include "net_fake.h"
#include "net_local.h"
#include "net_peer.h"
#include "unit.h"

#define HEAP   (4 << 20)
#define PEERS  400
#define ANSWER 120000 /* what each of them is owed */
#define PAGE   4000
#define FIRST  2000 /* port of the first of them */

/* ---- The heap ------------------------------------------------------------------------------ */

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *ptr);

static bool counting;

static void count(const void *ptr, bool taken)
{
    size_t size = malloc_usable_size((void *)ptr);

    if (!counting || net_fake.outside)
        return;
    if (taken)
        net_fake.heap_used += size;
    else
        net_fake.heap_used -= size < net_fake.heap_used ? size : net_fake.heap_used;
}

static bool has_room(size_t size)
{
    return !counting || net_fake.outside || net_fake.heap_used + size <= net_fake.heap_total;
}

void *__wrap_malloc(size_t size)
{
    void *ptr = has_room(size) ? __real_malloc(size) : NULL;

    count(ptr, true);
    return ptr;
}

void *__wrap_calloc(size_t n, size_t size)
{
    void *ptr = __wrap_malloc(n * size);

    return ptr != NULL ? memset(ptr, 0, n * size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    void *ptr;

    if (!has_room(size))
        return NULL;
    count(old, false);
    ptr = __real_realloc(old, size);
    count(ptr, true);
    return ptr;
}

void __wrap_free(void *ptr)
{
    count(ptr, false);
    __real_free(ptr);
}

/* ---- A server that has much to say, and its clients ----------------------------------------- */

static struct {
    int listener, epoll;
    size_t left[8192]; /* to be sent, by descriptor */
    unsigned reports;  /* of epoll */
    unsigned open;
} server;

static struct peer_tcp silent[PEERS];

static void setup(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};

    local_setup();
    net_fake.heap_total = HEAP;
    peer_start();
    counting = true;
    server.epoll = epoll_create1(0);
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(bind(server.listener, SA(in)), 0);
    ck_assert_int_eq(listen(server.listener, 512), 0);
    net_fake_turn();
}

static void end(int fd)
{
    net_fake_close(fd);
    server.left[fd] = 0;
    server.open--;
}

/* The end of the test: everything that was taken is given back. */
static void teardown(void)
{
    for (int fd = 0; fd < 8192; fd++) {
        if (server.left[fd] > 0)
            end(fd);
    }
    net_fake_close(server.epoll);
    net_fake_close(server.listener);
    for (unsigned i = 0; i < PEERS; i++) {
        peer_tcp(silent[i].port, 80, silent[i].seq, silent[i].ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
        net_fake_turn();
    }
    for (int i = 0; i < 30; i++) {
        net_fake_run(2000);
        peer_forget();
    }
    counting = false;
    local_teardown();
}

static void accept_all(size_t answer)
{
    int fd;

    while ((fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};

        ck_assert_int_eq(epoll_ctl(server.epoll, EPOLL_CTL_ADD, fd, &event), 0);
        server.left[fd] = answer;
        server.open++;
    }
}

static void send_more(int fd)
{
    static const char page[PAGE];

    while (server.left[fd] > 0) {
        size_t len = server.left[fd] < PAGE ? server.left[fd] : PAGE;
        ssize_t sent = send(fd, page, len, MSG_NOSIGNAL);

        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0) {
            end(fd);
            return;
        }
        server.left[fd] -= (size_t)sent;
    }
    end(fd);
}

/* Serves for (ms), but not for ever: a server that is told all the time to write comes to no end.
 */
static void serve(unsigned ms)
{
    uint64_t end_ns = net_fake.now_ns + ms * NET_NS_PER_MS;
    struct epoll_event events[256];

    for (unsigned turns = 0; net_fake.now_ns < end_ns && turns < 2000; turns++) {
        int n = epoll_wait(server.epoll, events, 256, 100);

        server.reports += (unsigned)n;
        for (int i = 0; i < n; i++)
            send_more(events[i].data.fd);
    }
}

static void say(const struct peer_tcp *c, bool closed)
{
    struct packet p = peer_segment(c, TCP_F_ACK);

    p.closed = closed;
    peer_send(&p);
}

/* The peers connect, ask for much, and take nothing. */
static void come_silent(void)
{
    for (unsigned i = 0; i < PEERS; i++) {
        ck_assert(peer_connect(&silent[i], (uint16_t)(FIRST + i), 80));
        say(&silent[i], true);
        net_fake_turn();
        accept_all(ANSWER);
        serve(1);
        peer_forget();
    }
}

/* Somebody else comes, and gets a page. */
static bool is_served(uint16_t port)
{
    size_t got = 0;
    const struct packet *p;
    struct peer_tcp c;

    peer_forget();
    if (!peer_connect(&c, port, 80))
        return false;
    accept_all(PAGE);
    for (int i = 0; i < 20 && got < PAGE; i++) {
        serve(100);
        while ((p = peer_next()) != NULL) {
            if (p->dest_port != port || p->seq != c.ack)
                continue;
            got += p->len;
            c.ack += (uint32_t)(p->len + ((p->flags & TCP_F_FIN) != 0));
            say(&c, false);
        }
    }
    peer_tcp(port, 80, c.seq, c.ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
    net_fake_turn();
    return got >= PAGE;
}

/* ---- Tests --------------------------------------------------------------------------------- */

/* Peers with a window of 0 do not take all the memory. */
START_TEST(window_of_0)
{
    come_silent();
    ck_assert_uint_lt(net_fake.heap_used, HEAP / 4 * 3);
    for (uint16_t i = 0; i < 5; i++) {
        ck_assert(is_served((uint16_t)(1000 + i)));
        serve(3000);
    }
}
END_TEST

/* Nothing runs while they are silent: they are looked at sometimes, not all the time. */
START_TEST(nothing_spins)
{
    unsigned turns;

    come_silent();
    serve(1000);
    turns = net_fake.turns;
    server.reports = 0;
    serve(10000);
    ck_assert_uint_lt(server.reports, 100);
    ck_assert_uint_lt(net_fake.turns - turns, 1000);
}
END_TEST

/* When the program has taken the memory, a socket that has room in its limit is not writable, but
 * is tried again, and goes on when there is memory. */
START_TEST(no_memory_to_send)
{
    struct peer_tcp c;
    void *volatile all = NULL; /* or else the compiler does without */

    ck_assert(peer_connect(&c, 1000, 80));
    accept_all(PAGE);
    for (size_t size = HEAP; all == NULL; size -= 512)
        all = malloc(size);
    server.reports = 0;
    serve(4000);
    free(all); /* Check takes some as well */
    ck_assert_uint_eq(server.open, 1);
    ck_assert_uint_gt(server.reports, 4);
    ck_assert_uint_lt(server.reports, 20);
    serve(1000);
    ck_assert_uint_eq(server.open, 0);
    peer_tcp(1000, 80, c.seq, c.ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
}
END_TEST

/* Those that took nothing for long go when another one comes, although they confirm all the time
 * that their window is closed; one that takes something stays. */
START_TEST(stalled_go)
{
    unsigned before;

    come_silent();
    before = server.open;
    for (int i = 0; i < 10; i++) {
        for (unsigned k = 0; k < PEERS; k++)
            say(&silent[k], true), net_fake_turn();
        serve(600);
        peer_forget();
    }
    ck_assert_uint_eq(server.open, before);
    ck_assert(is_served(1000));
    serve(100);
    ck_assert_uint_lt(server.open, before - 32);
}
END_TEST

/* A flood of SYNs leaves room for who follows up. */
START_TEST(syn_flood)
{
    struct peer_tcp c;
    int fd;

    for (unsigned i = 0; i < 20000; i++) {
        peer_tcp((uint16_t)(2000 + i), 80, 1, 0, TCP_F_SYN, NULL, 0);
        if (i % 50 != 49)
            continue;
        net_fake_turn();
        peer_forget();
        if (i % 1000 != 999)
            continue;
        ck_assert(peer_connect(&c, 1000, 80));
        fd = accept(server.listener, NULL, NULL);
        ck_assert_int_ge(fd, 0);
        net_fake_close(fd);
        peer_tcp(1000, 80, c.seq, c.ack, TCP_F_RST | TCP_F_ACK, NULL, 0);
        peer_forget();
    }
}
END_TEST

Suite *unit_suite(void)
{
    TCase *tc = tcase_create("net_short");
    Suite *s = suite_create("net_short");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, window_of_0);
    tcase_add_test(tc, nothing_spins);
    tcase_add_test(tc, no_memory_to_send);
    tcase_add_test(tc, stalled_go);
    tcase_add_test(tc, syn_flood);
    suite_add_tcase(s, tc);
    return s;
}
