/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A web server: one thread, one epoll over all connections. Start reading here; conn.c says what a
 * connection does, http_parse.c what a request is, reply.c what is answered, pack.c where the pages
 * come from.
 *
 *     solo5-spt --net:service=tap0 http.spt --ipv4=10.0.0.2/24 [--port=80]
 */
#define _GNU_SOURCE 1 /* accept4: POSIX.1-2024 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "files.h"

#define CONN_MAX 8192
#define BACKLOG  4096
#define BATCH    256  /* connections served before the listener's turn */
#define SWEEP_MS 1000 /* how late a deadline may be noticed */
#define PORT_ARG "--port="

/* A place for a connection; fd is -1 while there is none. */
struct place {
    struct conn conn;
    uint32_t events;         /* what epoll looks for */
    struct place *next_free; /* while there is none */
};

struct http {
    struct server server;
    int epoll, listener;
    bool accepting;
    unsigned count;    /* connections */
    unsigned used;     /* places that were ever used, from the first */
    uint64_t sweep_ms; /* when the deadlines are looked at next */
    struct place *free;
    struct place places[CONN_MAX];
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "http: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("bind");
    if (listen(fd, BACKLOG) != 0)
        fail("listen");
    return fd;
}

static void control(struct http *http, int operation, int fd, uint32_t events, void *ptr)
{
    struct epoll_event event = {.events = events, .data.ptr = ptr};

    if (epoll_ctl(http->epoll, operation, fd, &event) != 0)
        fail("epoll_ctl");
}

static void accept_more(struct http *http, bool on)
{
    if (http->accepting != on)
        control(http, EPOLL_CTL_MOD, http->listener, on ? EPOLLIN : 0, NULL);
    http->accepting = on;
}

static void open_place(struct http *http, int fd)
{
    struct place *place = http->free;

    if (place != NULL)
        http->free = place->next_free;
    else
        place = &http->places[http->used++];
    conn_open(&place->conn, &http->server, fd);
    place->events = EPOLLIN;
    http->count++;
    control(http, EPOLL_CTL_ADD, fd, EPOLLIN, place);
}

/* Closing ends epoll's interest. */
static void drop(struct http *http, struct place *place)
{
    conn_close(&place->conn);
    place->conn.fd = -1;
    place->next_free = http->free;
    http->free = place;
    http->count--;
    accept_more(http, true);
}

/* Who comes while there is no room, or no memory, waits in the listener's queue until a connection
 * ends or the next sweep. */
static void accept_all(struct http *http)
{
    int one = 1;

    while (http->count < CONN_MAX) {
        int fd = accept4(http->listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED))
            return;
        if (fd < 0)
            break;
        /* An answer goes out in one piece: it must not wait for the one before to be confirmed. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        open_place(http, fd);
    }
    accept_more(http, false);
}

static void serve(struct http *http, struct place *place)
{
    uint32_t events;

    if (!conn_ready(&place->conn, &http->server)) {
        drop(http, place);
        return;
    }
    events = conn_writes(&place->conn) ? EPOLLOUT : EPOLLIN;
    if (events != place->events)
        control(http, EPOLL_CTL_MOD, place->conn.fd, events, place);
    place->events = events;
}

static void sweep(struct http *http)
{
    for (struct place *place = http->places; place < http->places + http->used; place++) {
        if (place->conn.fd >= 0 && http->server.site.now_ms >= place->conn.deadline_ms) {
            conn_expire(&place->conn, &http->server);
            drop(http, place);
        }
    }
    accept_more(http, true);
    http->sweep_ms = http->server.site.now_ms + SWEEP_MS;
}

static _Noreturn void run(struct http *http)
{
    struct epoll_event events[BATCH];

    for (;;) {
        /* Without connections there are no deadlines: then nothing runs until somebody comes. */
        int timeout = http->count > 0 || !http->accepting ? SWEEP_MS : -1;
        int count = epoll_wait(http->epoll, events, BATCH, timeout);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        site_tick(&http->server.site);
        http->server.site.connection_count = http->count;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(http);
            else
                serve(http, events[i].data.ptr);
        }
        if (http->server.site.now_ms >= http->sweep_ms)
            sweep(http);
    }
}

static uint16_t parse_arguments(int argc, char *argv[])
{
    unsigned long port = 80;

    for (int i = 1; i < argc; i++) {
        const char *digits = argv[i] + strlen(PORT_ARG);
        char *end = NULL;
        if (strncmp(argv[i], PORT_ARG, strlen(PORT_ARG)) == 0)
            port = strtoul(digits, &end, 10);
        if (end == NULL || end == digits || *end != '\0' || port == 0 || port > UINT16_MAX) {
            fprintf(stderr, "http: %s: the only argument is --port=N, N from 1 to 65535\n",
                    argv[i]);
            exit(1);
        }
    }
    return (uint16_t)port;
}

int main(int argc, char *argv[])
{
    static struct http http; /* too large for a stack; pages that are not needed cost nothing */
    uint16_t port = parse_arguments(argc, argv);

    http.epoll = epoll_create1(0);
    if (http.epoll < 0)
        fail("epoll_create1");
    http.listener = listen_on(port);
    http.accepting = true;
    control(&http, EPOLL_CTL_ADD, http.listener, EPOLLIN, NULL);
    site_start(&http.server.site);
    printf("http: serving %zu files on port %u\n", file_count, port);
    fflush(stdout);
    run(&http);
}
