/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Moves bytes and counts them, as a unikernel or, compiled for the host, as its peer. A server by
 * default:
 *   TCP 5001: a source, which sends as long as the other side takes
 *   TCP 5002: a sink, which reads all and throws it away
 *   UDP 5003: an echo
 * With --receive=ADDRESS or --send=ADDRESS a client of the first or the second, which prints
 * bit/s after --seconds=N (10), not counting what is under way in the first half second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __QUINTET__
#include <quintet.h>
#endif

#define SOURCE_PORT 5001
#define SINK_PORT   5002
#define ECHO_PORT   5003
#define CHUNK       262144
#define WARM_UP_NS  500000000

static char data[CHUNK]; /* to send */

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bulk: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static ssize_t send_some(int fd)
{
#ifdef __QUINTET__
    return rt_send_ref(fd, data, sizeof data, MSG_NOSIGNAL, NULL, NULL);
#else
    return send(fd, data, sizeof data, MSG_NOSIGNAL);
#endif
}

/* Moves bytes one way until the other side ends it or (seconds) are over; 0: never. Returns bytes a
 * second. */
static double move(int fd, bool out, unsigned seconds)
{
    char *buf = malloc(CHUNK);
    uint64_t start = now_ns() + (seconds > 0 ? WARM_UP_NS : 0),
             end = start + seconds * 1000000000ULL;
    uint64_t now = 0, bytes = 0;
    ssize_t n;

    if (buf == NULL)
        fail("malloc");
    for (;;) {
        n = out ? send_some(fd) : recv(fd, buf, CHUNK, 0);
        if (n <= 0)
            break;
        if (seconds == 0)
            continue;
        now = now_ns();
        if (now >= start)
            bytes += (uint64_t)n;
        if (now >= end)
            break;
    }
    free(buf);
    return seconds == 0 || now <= start ? 0 : (double)bytes * 1e9 / (double)(now - start);
}

static void *serve_source(void *arg)
{
    int fd = (int)(intptr_t)arg;

    move(fd, true, 0);
    close(fd);
    return NULL;
}

static void *serve_sink(void *arg)
{
    int fd = (int)(intptr_t)arg;

    move(fd, false, 0);
    close(fd);
    return NULL;
}

static int open_socket(int type, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, type, 0);
    int one = 1;

    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("bind");
    if (type == SOCK_STREAM && listen(fd, 128) != 0)
        fail("listen");
    return fd;
}

static void start(void *(*function)(void *), intptr_t arg)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, function, (void *)arg) != 0)
        fail("pthread_create");
    pthread_detach(thread);
}

static void *accept_all(void *arg)
{
    uint16_t port = (uint16_t)(intptr_t)arg;
    int listener = open_socket(SOCK_STREAM, port);

    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            fail("accept");
        start(port == SOURCE_PORT ? serve_source : serve_sink, fd);
    }
    return NULL;
}

static _Noreturn void echo(void)
{
    static char datagram[65536];
    int fd = open_socket(SOCK_DGRAM, ECHO_PORT);

    for (;;) {
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        ssize_t n = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &from_len);
        if (n >= 0)
            sendto(fd, datagram, (size_t)n, 0, (struct sockaddr *)&from, from_len);
    }
}

static int client(const char *text, bool out, unsigned seconds)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(out ? SINK_PORT : SOURCE_PORT)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
        fprintf(stderr, "bulk: %s: not an IPv4 address\n", text);
        return 1;
    }
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    printf("%.0f bit/s\n", 8 * move(fd, out, seconds));
    close(fd);
    return 0;
}

int main(int argc, char *argv[])
{
    const char *receive_from = NULL, *send_to = NULL;
    unsigned seconds = 10;

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--receive=", 10) == 0) {
            receive_from = argv[i] + 10;
        } else if (strncmp(argv[i], "--send=", 7) == 0) {
            send_to = argv[i] + 7;
        } else if (strncmp(argv[i], "--seconds=", 10) == 0 && atoi(argv[i] + 10) > 0) {
            seconds = (unsigned)atoi(argv[i] + 10);
        } else {
            fprintf(stderr, "usage: bulk [--receive=ADDRESS | --send=ADDRESS] [--seconds=N]\n");
            return 1;
        }
    }
    if (receive_from != NULL || send_to != NULL)
        return client(send_to != NULL ? send_to : receive_from, send_to != NULL, seconds);
    start(accept_all, SOURCE_PORT);
    start(accept_all, SINK_PORT);
    echo();
}
