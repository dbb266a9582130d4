/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the calls that do not copy are worth: two servers that use them or, with --copy, do not.
 *   TCP 80: answers each request with the file that is packed, by sendfile; or by read and send
 *   TCP 5002: a sink that looks at each piece it gets, by rt_recv_ref; or by recv
 */
#define _GNU_SOURCE 1 /* memmem: POSIX.1-2024 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <quintet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HTTP_PORT 80
#define SINK_PORT 5002
#define CHUNK     262144

RT_INCLUDE_FILE(page, PAGE_FILE);
const struct rt_file rt_files[] = {{"/page", page_data, page_end}, {NULL, NULL, NULL}};

static bool copy;
static volatile unsigned char seen;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "copies: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool send_page(int fd, int file, char *buf)
{
    ssize_t n;

    lseek(file, 0, SEEK_SET);
    if (!copy)
        return sendfile(fd, file, NULL, SIZE_MAX / 2) > 0;
    while ((n = read(file, buf, CHUNK)) > 0) {
        if (send(fd, buf, (size_t)n, 0) != n)
            return false;
    }
    return true;
}

static void serve_pages(int fd)
{
    int file = open("/page", O_RDONLY), head_len;
    char request[4096], head[128], *buf = malloc(CHUNK);
    size_t used = 0;
    struct stat st;
    ssize_t n;

    if (file < 0 || buf == NULL || fstat(file, &st) != 0)
        fail("/page");
    head_len = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n",
                        (long long)st.st_size);
    while (used < sizeof request && (n = recv(fd, request + used, sizeof request - used, 0)) > 0) {
        used += (size_t)n;
        if (memmem(request, used, "\r\n\r\n", 4) == NULL)
            continue;
        used = 0;
        if (send(fd, head, (size_t)head_len, MSG_MORE) != head_len || !send_page(fd, file, buf))
            break;
    }
    free(buf);
    close(file);
}

static void sink(int fd)
{
    unsigned char *buf = malloc(CHUNK);
    void *data, *loan;
    ssize_t n;

    if (buf == NULL)
        fail("malloc");
    while ((n = copy ? recv(fd, buf, CHUNK, 0) : rt_recv_ref(fd, &data, 0, &loan)) > 0) {
        seen = copy ? buf[0] : *(unsigned char *)data;
        if (!copy)
            rt_recv_done(loan);
    }
    free(buf);
}

struct connection {
    void (*serve)(int fd);
    int fd;
};

static void *run(void *arg)
{
    struct connection c = *(struct connection *)arg;

    free(arg);
    c.serve(c.fd);
    close(c.fd);
    return NULL;
}

static _Noreturn void accept_all(uint16_t port, void (*serve)(int fd))
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 128) != 0)
        fail("listen");
    for (;;) {
        struct connection *c = malloc(sizeof *c);
        pthread_t thread;

        if (c == NULL)
            fail("malloc");
        *c = (struct connection){serve, accept(listener, NULL, NULL)};
        if (c->fd < 0 || pthread_create(&thread, NULL, run, c) != 0)
            fail("accept");
        pthread_detach(thread);
    }
}

static void *run_sink(void *arg)
{
    accept_all(SINK_PORT, sink);
    return arg;
}

int main(int argc, char *argv[])
{
    pthread_t thread;

    copy = argc == 2 && strcmp(argv[1], "--copy") == 0;
    if (argc > 1 && !copy) {
        fprintf(stderr, "usage: copies [--copy]\n");
        return 1;
    }
    if (pthread_create(&thread, NULL, run_sink, NULL) != 0)
        fail("pthread_create");
    accept_all(HTTP_PORT, serve_pages);
}
