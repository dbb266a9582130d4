/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A web server: one thread, one poll() over all connections. Start reading here; conn.c says what a
 * connection does, http_parse.c what a request is, reply.c what is answered, pack.c where the pages
 * come from.
 *
 *     solo5-spt --net:service=tap0 http.spt --ipv4=10.0.0.2/24 [--port=80]
 */
#define _GNU_SOURCE 1 /* accept4: POSIX.1-2024 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "files.h"

#define CONN_MAX 2048
#define BACKLOG  1024
#define SWEEP_MS 1000 /* how late a deadline may be noticed */
#define LISTENER 0    /* its place in (polls) */
#define PORT_ARG "--port="

/* polls[i] is what conns[i] waits for; places 1 to count - 1 are taken. */
struct http {
    struct server server;
    nfds_t count;
    uint64_t sweep_ms; /* when the deadlines are looked at next */
    struct pollfd polls[CONN_MAX + 1];
    struct conn conns[CONN_MAX + 1];
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

/* Who comes while there is no room, or no memory, waits in the listener's queue until a connection
 * ends or the next sweep. */
static void accept_all(struct http *http)
{
    int one = 1;

    while (http->count <= CONN_MAX) {
        int fd = accept4(http->polls[LISTENER].fd, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED))
            return;
        if (fd < 0)
            break;
        /* An answer goes out in one piece: it must not wait for the one before to be confirmed. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        http->polls[http->count] = (struct pollfd){.fd = fd, .events = POLLIN};
        conn_open(&http->conns[http->count++], &http->server, fd);
    }
    http->polls[LISTENER].events = 0;
}

/* The last connection takes the place of the one that ends. */
static void drop(struct http *http, nfds_t i)
{
    conn_close(&http->conns[i]);
    http->count--;
    http->conns[i] = http->conns[http->count];
    http->polls[i] = http->polls[http->count];
    http->polls[LISTENER].events = POLLIN;
}

/* From the last to the first: what drop() moves has had its turn. */
static void serve_ready(struct http *http)
{
    http->server.site.connection_count = (unsigned)http->count - 1;
    for (nfds_t i = http->count - 1; i > LISTENER; i--) {
        if (http->polls[i].revents == 0)
            continue;
        if (conn_ready(&http->conns[i], &http->server))
            http->polls[i].events = conn_events(&http->conns[i]);
        else
            drop(http, i);
    }
}

static void sweep(struct http *http)
{
    for (nfds_t i = http->count - 1; i > LISTENER; i--) {
        if (http->server.site.now_ms >= http->conns[i].deadline_ms) {
            conn_expire(&http->conns[i], &http->server);
            drop(http, i);
        }
    }
    http->polls[LISTENER].events = POLLIN;
    http->sweep_ms = http->server.site.now_ms + SWEEP_MS;
}

static _Noreturn void run(struct http *http)
{
    for (;;) {
        /* Without connections there are no deadlines: then nothing runs until somebody comes. */
        int timeout = http->count > 1 || http->polls[LISTENER].events == 0 ? SWEEP_MS : -1;
        if (poll(http->polls, http->count, timeout) < 0 && errno != EINTR)
            fail("poll");
        site_tick(&http->server.site);
        serve_ready(http);
        if (http->polls[LISTENER].revents != 0)
            accept_all(http);
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

    http.polls[LISTENER] = (struct pollfd){.fd = listen_on(port), .events = POLLIN};
    http.count = 1;
    site_start(&http.server.site);
    printf("http: serving %zu files on port %u\n", file_count, port);
    fflush(stdout);
    run(&http);
}
