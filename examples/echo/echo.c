/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Sends back what it receives, by TCP and by UDP (RFC 862). One thread waits for all connections in
 * poll(). A connection is either read from or written to: what its client does not take at once is
 * kept until it does, and nothing more is read before, so that a client which never reads costs one
 * buffer and no more.
 *
 *     solo5-spt --net:service=tap0 echo.spt --ipv4=10.0.0.2/24 [--port=7]
 */
#define _GNU_SOURCE 1 /* accept4: POSIX.1-2024 */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 2048
#define BACKLOG     1024
#define PORT_ARG    "--port="

enum { LISTENER, UDP, FIRST_CLIENT, PLACES = FIRST_CLIENT + CLIENTS_MAX };

/* What a client did not take yet: NULL for most, most of the time. */
struct rest {
    char *bytes;
    size_t len;
};

struct echo {
    nfds_t count;
    struct pollfd polls[PLACES];
    struct rest rests[PLACES]; /* rests[i] belongs to polls[i] */
    char buf[65536];           /* the largest datagram fits */
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_socket(int type, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);

    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("bind");
    if (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)
        fail("listen");
    return fd;
}

static void accept_clients(struct echo *echo)
{
    while (echo->count < PLACES) {
        int fd = accept4(echo->polls[LISTENER].fd, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0)
            break;
        echo->polls[echo->count] = (struct pollfd){.fd = fd, .events = POLLIN};
        echo->rests[echo->count++] = (struct rest){NULL, 0};
    }
    echo->polls[LISTENER].events = 0; /* the others wait until somebody leaves */
}

/* The last client takes the place of the one that left. */
static void drop_client(struct echo *echo, nfds_t i)
{
    close(echo->polls[i].fd);
    free(echo->rests[i].bytes);
    echo->count--;
    echo->polls[i] = echo->polls[echo->count];
    echo->rests[i] = echo->rests[echo->count];
    echo->polls[LISTENER].events = POLLIN;
}

static void echo_datagrams(struct echo *echo)
{
    struct sockaddr_in peer;
    socklen_t peer_len = sizeof peer;
    ssize_t len;

    while ((len = recvfrom(echo->polls[UDP].fd, echo->buf, sizeof echo->buf, 0,
                           (struct sockaddr *)&peer, &peer_len)) >= 0) {
        /* Who floods us with datagrams can lose some: nothing is kept, nothing is waited for. */
        sendto(echo->polls[UDP].fd, echo->buf, (size_t)len, 0, (struct sockaddr *)&peer, peer_len);
        peer_len = sizeof peer;
    }
}

/* Sends (bytes) and keeps what is not taken. Returns false when the connection is broken, or when
 * there is no memory to keep it. */
static bool send_or_keep(struct pollfd *poll, struct rest *rest, const char *bytes, size_t len)
{
    char *kept = NULL;
    ssize_t sent = send(poll->fd, bytes, len, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN)
        return false;
    if (sent > 0)
        len -= (size_t)sent;
    if (len > 0) {
        kept = malloc(len);
        if (kept == NULL)
            return false;
        memcpy(kept, bytes + (sent > 0 ? sent : 0), len);
    }
    free(rest->bytes);
    *rest = (struct rest){kept, len};
    poll->events = len > 0 ? POLLOUT : POLLIN;
    return true;
}

/* Returns false when the client is gone. One that has only ended its own direction has got all of
 * it back by then: otherwise we would be writing, not reading. */
static bool serve_client(struct echo *echo, nfds_t i)
{
    if (echo->rests[i].len > 0)
        return send_or_keep(&echo->polls[i], &echo->rests[i], echo->rests[i].bytes,
                            echo->rests[i].len);

    ssize_t len = recv(echo->polls[i].fd, echo->buf, sizeof echo->buf, 0);
    if (len <= 0)
        return len < 0 && errno == EAGAIN;
    return send_or_keep(&echo->polls[i], &echo->rests[i], echo->buf, (size_t)len);
}

static uint16_t parse_arguments(int argc, char *argv[])
{
    unsigned long port = 7;

    for (int i = 1; i < argc; i++) {
        const char *digits = argv[i] + strlen(PORT_ARG);
        char *end = NULL;
        if (strncmp(argv[i], PORT_ARG, strlen(PORT_ARG)) == 0)
            port = strtoul(digits, &end, 10);
        if (end == NULL || end == digits || *end != '\0' || port == 0 || port > UINT16_MAX) {
            fprintf(stderr, "echo: %s: the only argument is --port=N, N from 1 to 65535\n",
                    argv[i]);
            exit(1);
        }
    }
    return (uint16_t)port;
}

int main(int argc, char *argv[])
{
    static struct echo echo; /* too large for a stack; pages that are not needed cost nothing */
    uint16_t port = parse_arguments(argc, argv);

    echo.polls[LISTENER] = (struct pollfd){.fd = open_socket(SOCK_STREAM, port), .events = POLLIN};
    echo.polls[UDP] = (struct pollfd){.fd = open_socket(SOCK_DGRAM, port), .events = POLLIN};
    echo.count = FIRST_CLIENT;
    printf("echo: listening on TCP and UDP port %u\n", port);
    fflush(stdout);

    while (poll(echo.polls, echo.count, -1) > 0) {
        if (echo.polls[UDP].revents != 0)
            echo_datagrams(&echo);
        /* From the last to the first: the client that drop_client() moves has had its turn. */
        for (nfds_t i = echo.count - 1; i >= FIRST_CLIENT; i--)
            if (echo.polls[i].revents != 0 && !serve_client(&echo, i))
                drop_client(&echo, i);
        if (echo.polls[LISTENER].revents != 0)
            accept_clients(&echo);
    }
    fail("poll");
}
