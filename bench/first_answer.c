/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * first_answer: starts a server and prints how many nanoseconds pass from its exec to the first
 * byte of its first HTTP answer. Usage: first_answer ADDRESS PORT COMMAND... A connection that is
 * not there after a millisecond is given up for a new one, so that what is measured is the server
 * and not the client's retransmission timer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GIVE_UP_NS UINT64_C(10000000000)

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static bool answers(const struct sockaddr_in *server)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    bool answered = false;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return false;
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    int connected = connect(fd, (const struct sockaddr *)server, sizeof *server);
    if (connected == -1 && errno == EINPROGRESS && poll(&writable, 1, 1) == 1 &&
        !(writable.revents & (POLLERR | POLLHUP)))
        connected = 0;
    if (connected == 0 && send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        char byte;
        answered = poll(&readable, 1, 1000) == 1 && recv(fd, &byte, 1, 0) == 1;
    }
    close(fd);
    return answered;
}

/* Becomes the server. */
static void start(int netns, char **argv) __attribute__((noreturn));
static void start(int netns, char **argv)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if ((netns != -1 && setns(netns, CLONE_NEWNET) == -1) || dup2(null, STDOUT_FILENO) == -1)
        _exit(126);
    execv(argv[0], argv);
    _exit(127);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc < 5 || inet_pton(AF_INET, argv[2], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: first_answer NETNS|- ADDRESS PORT COMMAND...\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
    int netns = -1;
    if (strcmp(argv[1], "-") != 0) {
        char path[256];
        snprintf(path, sizeof path, "/run/netns/%s", argv[1]);
        netns = open(path, O_RDONLY | O_CLOEXEC);
        if (netns == -1) {
            perror(path);
            return 1;
        }
    }
    uint64_t begin = now_ns();
    pid_t pid = fork();
    if (pid == -1) {
        perror("fork");
        return 1;
    }
    if (pid == 0)
        start(netns, argv + 4);
    bool answered = false;
    while (!answered && now_ns() - begin < GIVE_UP_NS)
        answered = answers(&server);
    uint64_t took = now_ns() - begin;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    if (!answered) {
        fprintf(stderr, "first_answer: %s: no answer\n", argv[4]);
        return 1;
    }
    printf("%llu\n", (unsigned long long)took);
    return 0;
}
