/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * udp_load: keeps a window of datagrams under way to a server that echoes them, and prints how many
 * came back a second, and how many were lost. It sends and receives many a call, so that it is not
 * what is measured. Usage: udp_load ADDRESS PORT BYTES WINDOW SECONDS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BYTES_MAX  1472
#define WINDOW_MAX 256

/* After so long without an answer what is under way has been lost. */
#define PATIENCE_MS 20

struct load {
    int fd;
    unsigned window, under_way;
    uint64_t answered, lost;
    struct mmsghdr out[WINDOW_MAX], in[WINDOW_MAX];
    struct iovec out_piece, in_pieces[WINDOW_MAX];
};

static uint8_t payload[BYTES_MAX];
static uint8_t received[WINDOW_MAX][BYTES_MAX];

static double now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void prepare(struct load *load, size_t bytes)
{
    load->out_piece = (struct iovec){payload, bytes};
    for (unsigned i = 0; i < WINDOW_MAX; i++) {
        load->in_pieces[i] = (struct iovec){received[i], BYTES_MAX};
        load->out[i].msg_hdr = (struct msghdr){.msg_iov = &load->out_piece, .msg_iovlen = 1};
        load->in[i].msg_hdr = (struct msghdr){.msg_iov = &load->in_pieces[i], .msg_iovlen = 1};
    }
}

/* Fills the window, then waits for answers. Returns 0, or -1 when the socket fails. */
static int turn(struct load *load)
{
    struct pollfd readable = {.fd = load->fd, .events = POLLIN};

    if (load->under_way < load->window) {
        int sent = sendmmsg(load->fd, load->out, load->window - load->under_way, 0);

        if (sent < 0 && errno != EAGAIN && errno != ENOBUFS)
            return -1;
        load->under_way += sent > 0 ? (unsigned)sent : 0;
    }
    int got = recvmmsg(load->fd, load->in, WINDOW_MAX, MSG_DONTWAIT, NULL);
    if (got < 0 && errno != EAGAIN)
        return -1;
    if (got > 0) {
        load->answered += (unsigned)got;
        load->under_way -= (unsigned)got < load->under_way ? (unsigned)got : load->under_way;
    } else if (poll(&readable, 1, PATIENCE_MS) == 0) {
        load->lost += load->under_way;
        load->under_way = 0;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct load load;
    struct sockaddr_in server = {.sin_family = AF_INET};
    unsigned long bytes = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
    double begin, seconds = argc == 6 ? atof(argv[5]) : 0;

    load.window = argc == 6 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (seconds <= 0 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 || bytes == 0 ||
        bytes > BYTES_MAX || load.window == 0 || load.window > WINDOW_MAX) {
        fprintf(stderr, "usage: udp_load ADDRESS PORT BYTES WINDOW SECONDS\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    load.fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (load.fd == -1 || connect(load.fd, (struct sockaddr *)&server, sizeof server) == -1) {
        perror("udp_load");
        return 1;
    }
    prepare(&load, bytes);
    begin = now_s();
    while (now_s() - begin < seconds) {
        if (turn(&load) != 0) {
            perror("udp_load");
            return 1;
        }
    }
    printf("%.0f %llu\n", (double)load.answered / (now_s() - begin), (unsigned long long)load.lost);
    close(load.fd);
    return 0;
}
