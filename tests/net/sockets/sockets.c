/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A program that tries the socket calls where threads, descriptors and a real link meet; what one
 * thread can see alone is tried on the host (tests/unit/net_*_test.c). The other side is
 * tests/net/sockets/run at 10.0.0.1. Prints TAP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <quintet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PEER        "10.0.0.1"
#define ECHO_PORT   7
#define CLOSED_PORT 8
#define RESET_PORT  10
#define LOCAL_PORT  4000

static int failures;

/* Says where a test fails, and goes on. */
#define EXPECT(condition)                                                              \
    do {                                                                               \
        if (!(condition)) {                                                            \
            printf("# line %d: %s does not hold; errno is %s\n", __LINE__, #condition, \
                   strerror(errno));                                                   \
            failures++;                                                                \
        }                                                                              \
    } while (0)

static struct sockaddr_in address(const char *ip, unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    in.sin_addr.s_addr = inet_addr(ip);
    return in;
}

static int connected(const char *ip, unsigned port)
{
    struct sockaddr_in in = address(ip, port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    EXPECT(fd >= 0);
    if (connect(fd, (struct sockaddr *)&in, sizeof in) == 0)
        return fd;
    close(fd);
    return -1;
}

static int listening(void)
{
    struct sockaddr_in in = address("0.0.0.0", LOCAL_PORT);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT(bind(fd, (struct sockaddr *)&in, sizeof in) == 0);
    EXPECT(listen(fd, 64) == 0);
    return fd;
}

static uint64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- Descriptors --------------------------------------------------------------------------- */

static void reads_and_writes(void)
{
    char a[4], b[8] = "", abc[] = "abc", defg[] = "defg";
    struct iovec out[] = {{abc, 3}, {defg, 4}}, in[] = {{a, 2}, {b, 5}};
    int fd = connected(PEER, ECHO_PORT);
    size_t got = 0;

    EXPECT(write(fd, "xy", 2) == 2);
    EXPECT(read(fd, b, 1) == 1 && b[0] == 'x');
    EXPECT(read(fd, b, 8) == 1 && b[0] == 'y');
    EXPECT(writev(fd, out, 2) == 7);
    while (got < 7) {
        ssize_t n = readv(fd, in, 2);
        EXPECT(n > 0);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    EXPECT(got == 7);
    EXPECT(lseek(fd, 0, SEEK_SET) == -1 && errno == ESPIPE);
    EXPECT(close(fd) == 0);
    EXPECT(read(fd, a, 1) == -1 && errno == EBADF);
    EXPECT(close(fd) == -1 && errno == EBADF);
    EXPECT(send(STDOUT_FILENO, a, 1, 0) == -1 && errno == ENOTSOCK);
}

static void nonblocking(void)
{
    int fd = connected(PEER, ECHO_PORT), flags = fcntl(fd, F_GETFL);
    char c;

    EXPECT(flags >= 0 && (flags & O_NONBLOCK) == 0);
    EXPECT(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    EXPECT((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    EXPECT(read(fd, &c, 1) == -1 && errno == EAGAIN);
    EXPECT(write(fd, "z", 1) == 1);
    while (read(fd, &c, 1) == -1 && errno == EAGAIN) /* never waits, yet sees the answer */
        ;
    EXPECT(c == 'z');
    close(fd);
}

/* As many sockets as there can be; then one is closed, and there is room for one. */
static void too_many(void)
{
    static int fds[70000];
    int count = 0, again;

    while (count < 70000 && (fds[count] = socket(AF_INET, SOCK_DGRAM, 0)) >= 0)
        count++;
    EXPECT(errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
    EXPECT(count >= 1000);
    close(fds[0]);
    again = socket(AF_INET, SOCK_DGRAM, 0);
    EXPECT(again >= 0);
    close(again);
    for (int i = 1; i < count; i++)
        close(fds[i]);
}

/* ---- The link ------------------------------------------------------------------------------ */

static void *echo_writer(void *arg)
{
    int fd = *(int *)arg;
    static uint8_t out[1 << 20];

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)(i * 31 ^ i >> 9);
    EXPECT(send(fd, out, sizeof out, 0) == sizeof out);
    EXPECT(shutdown(fd, SHUT_WR) == 0);
    return NULL;
}

static void bulk(void)
{
    static uint8_t in[1 << 20];
    int fd = connected(PEER, ECHO_PORT);
    pthread_t writer;
    bool same = true;
    char c;

    EXPECT(pthread_create(&writer, NULL, echo_writer, &fd) == 0);
    EXPECT(recv(fd, in, sizeof in, MSG_WAITALL) == sizeof in);
    for (size_t i = 0; i < sizeof in; i++)
        same = same && in[i] == (uint8_t)(i * 31 ^ i >> 9);
    EXPECT(same);
    EXPECT(recv(fd, &c, 1, 0) == 0);
    pthread_join(writer, NULL);
    close(fd);
}

/* Sent from where it is packed, and taken back from where it was received. */
static uint8_t packed[3 << 20];
const struct rt_file rt_files[] = {{"/packed", packed, packed + sizeof packed}, {NULL, NULL, NULL}};

static void *file_sender(void *arg)
{
    int fd = *(int *)arg, file = open("/packed", O_RDONLY);
    off_t offset = 1 << 20;

    EXPECT(sendfile(fd, file, NULL, 1 << 20) == 1 << 20);
    EXPECT(lseek(file, 0, SEEK_CUR) == 1 << 20);
    EXPECT(sendfile(fd, file, &offset, sizeof packed) == 2 << 20);
    EXPECT(offset == sizeof packed);
    EXPECT(sendfile(fd, file, &offset, 1) == 0);
    EXPECT(sendfile(fd, fd, NULL, 1) == -1 && errno == EINVAL);
    EXPECT(close(file) == 0);
    EXPECT(shutdown(fd, SHUT_WR) == 0);
    return NULL;
}

static void by_reference(void)
{
    int fd = connected(PEER, ECHO_PORT);
    void *data, *loan[8];
    pthread_t sender;
    bool same = true;
    size_t got = 0;
    unsigned n = 0;
    ssize_t len;

    for (size_t i = 0; i < sizeof packed; i++)
        packed[i] = (uint8_t)(i * 13 ^ i >> 9);
    EXPECT(pthread_create(&sender, NULL, file_sender, &fd) == 0);
    while ((len = rt_recv_ref(fd, &data, 0, &loan[n % 8])) > 0) {
        same = same && got + (size_t)len <= sizeof packed &&
               memcmp(data, packed + got, (size_t)len) == 0;
        got += (size_t)len;
        if (++n % 8 == 0) { /* several on loan, given back the other way round */
            for (int i = 7; i >= 0; i--)
                rt_recv_done(loan[i]);
        }
    }
    EXPECT(len == 0);
    EXPECT(same && got == sizeof packed);
    pthread_join(sender, NULL);
    close(fd);
    for (unsigned i = 0; i < n % 8; i++) /* after the end */
        rt_recv_done(loan[i]);
}

static void reset_while_lent(void)
{
    int fd = connected(PEER, ECHO_PORT), other = connected(PEER, RESET_PORT);
    void *data, *loan;

    EXPECT(send(fd, "kept", 4, 0) == 4);
    EXPECT(rt_recv_ref(fd, &data, 0, &loan) == 4);
    close(fd);
    EXPECT(send(other, "x", 1, 0) == 1);
    usleep(20000);
    EXPECT(memcmp(data, "kept", 4) == 0);
    rt_recv_done(loan);
    EXPECT(rt_recv_ref(other, &data, 0, &loan) == -1 && errno == ECONNRESET && loan == NULL);
    close(other);
}

/* A loop of poll() over many connections, each of which has its turn; then some go. */
static void polls_many(void)
{
    enum { COUNT = 200 };
    static struct pollfd p[COUNT];
    int ready;
    char c;

    for (int i = 0; i < COUNT; i++) {
        p[i] = (struct pollfd){connected(PEER, ECHO_PORT), POLLIN, 0};
        EXPECT(p[i].fd >= 0);
    }
    for (int i = 0; i < COUNT; i++) {
        EXPECT(write(p[i].fd, "x", 1) == 1);
        EXPECT(poll(p, COUNT, 5000) == 1 && p[i].revents == POLLIN);
        EXPECT(read(p[i].fd, &c, 1) == 1);
        if (i % 2 == 0) {
            close(p[i].fd);
            p[i].fd = -1;
        }
    }
    EXPECT(poll(p, COUNT, 10) == 0);
    for (int i = 1; i < COUNT; i += 2)
        EXPECT(write(p[i].fd, "x", 1) == 1);
    for (int left = COUNT / 2; left > 0; left -= ready) {
        ready = poll(p, COUNT, 5000);
        EXPECT(ready > 0);
        if (ready <= 0)
            break;
        for (int i = 1; i < COUNT; i += 2) {
            if (p[i].revents != 0)
                EXPECT(read(p[i].fd, &c, 1) == 1);
        }
    }
    for (int i = 1; i < COUNT; i += 2)
        close(p[i].fd);
}

static void refused(void)
{
    EXPECT(connected(PEER, CLOSED_PORT) == -1 && errno == ECONNREFUSED);
}

static void reset(void)
{
    int fd = connected(PEER, RESET_PORT);
    char c;

    EXPECT(fd >= 0);
    EXPECT(send(fd, "x", 1, 0) == 1);
    EXPECT(recv(fd, &c, 1, 0) == -1 && errno == ECONNRESET);
    EXPECT(send(fd, &c, 1, 0) == -1 && errno == EPIPE); /* and no signal */
    close(fd);
}

static void datagrams(void)
{
    struct sockaddr_in in = address(PEER, ECHO_PORT), from;
    struct timeval tv = {2, 0};
    static char out[8000], back[9000];
    socklen_t len = sizeof from;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    memset(out, 'q', sizeof out);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    EXPECT(sendto(fd, "ping", 4, 0, (struct sockaddr *)&in, sizeof in) == 4);
    EXPECT(recvfrom(fd, back, sizeof back, 0, (struct sockaddr *)&from, &len) == 4);
    EXPECT(from.sin_addr.s_addr == in.sin_addr.s_addr && from.sin_port == in.sin_port);
    /* In six fragments, there and back. */
    EXPECT(sendto(fd, out, sizeof out, 0, (struct sockaddr *)&in, sizeof in) == sizeof out);
    EXPECT(recv(fd, back, sizeof back, 0) == sizeof out);
    EXPECT(memcmp(out, back, sizeof out) == 0);
    close(fd);
}

static void names(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int fd;

    EXPECT(getaddrinfo("echo.test", "7", &hints, &list) == 0);
    fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    EXPECT(connect(fd, list->ai_addr, list->ai_addrlen) == 0);
    close(fd);
    freeaddrinfo(list);
    EXPECT(getaddrinfo("missing.test", "7", &hints, &list) == EAI_NONAME);
}

/* ---- Threads ------------------------------------------------------------------------------- */

static void *connect_later(void *arg)
{
    int fd;

    (void)arg;
    usleep(20000);
    fd = connected("127.0.0.1", LOCAL_PORT);
    EXPECT(fd >= 0);
    EXPECT(write(fd, "hi", 2) == 2);
    close(fd);
    return NULL;
}

static void accept_waits(void)
{
    int l = listening(), fd;
    uint64_t begin = now_ms();
    pthread_t thread;
    char text[4];

    EXPECT(pthread_create(&thread, NULL, connect_later, NULL) == 0);
    fd = accept(l, NULL, NULL);
    EXPECT(fd >= 0);
    EXPECT(now_ms() - begin >= 15);
    EXPECT(read(fd, text, sizeof text) == 2);
    EXPECT(read(fd, text, sizeof text) == 0);
    pthread_join(thread, NULL);
    close(fd);
    close(l);
}

static void *close_later(void *arg)
{
    usleep(20000);
    close(*(int *)arg);
    return NULL;
}

static void close_wakes(void)
{
    int fd = connected(PEER, ECHO_PORT), l = listening();
    pthread_t thread;
    char c;

    EXPECT(pthread_create(&thread, NULL, close_later, &fd) == 0);
    EXPECT(recv(fd, &c, 1, 0) == -1 && errno == EBADF);
    pthread_join(thread, NULL);
    EXPECT(pthread_create(&thread, NULL, close_later, &l) == 0);
    EXPECT(accept(l, NULL, NULL) == -1 && errno == EBADF);
    pthread_join(thread, NULL);
}

static void *write_later(void *arg)
{
    usleep(20000);
    EXPECT(write(*(int *)arg, "x", 1) == 1);
    return NULL;
}

/* Two threads poll different sockets among many; each is woken by its own. */
struct poller {
    struct pollfd fds[100];
    int result;
};

static void *poll_many(void *arg)
{
    struct poller *p = arg;

    p->result = poll(p->fds, 100, 5000);
    return NULL;
}

static void polls(void)
{
    static struct poller p[2];
    pthread_t pollers[2], writers[2];
    int fds[2];

    for (int i = 0; i < 2; i++) {
        fds[i] = connected(PEER, ECHO_PORT);
        for (int j = 0; j < 100; j++)
            p[i].fds[j] = (struct pollfd){-1, POLLIN, 0};
        p[i].fds[50 + i] = (struct pollfd){fds[i], POLLIN, 0};
        EXPECT(pthread_create(&pollers[i], NULL, poll_many, &p[i]) == 0);
        EXPECT(pthread_create(&writers[i], NULL, write_later, &fds[i]) == 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(pollers[i], NULL);
        pthread_join(writers[i], NULL);
        EXPECT(p[i].result == 1 && p[i].fds[50 + i].revents == POLLIN);
        close(fds[i]);
    }
}

static void selects(void)
{
    struct timeval tv = {0, 30000};
    int fd = connected(PEER, ECHO_PORT);
    uint64_t begin = now_ms();
    fd_set r, w;

    FD_ZERO(&r);
    FD_SET(fd, &r);
    EXPECT(select(fd + 1, &r, NULL, NULL, &tv) == 0);
    EXPECT(now_ms() - begin >= 25);
    EXPECT(!FD_ISSET(fd, &r));
    EXPECT(write(fd, "x", 1) == 1);
    FD_SET(fd, &r);
    EXPECT(select(fd + 1, &r, NULL, NULL, NULL) == 1 && FD_ISSET(fd, &r));
    FD_ZERO(&w);
    FD_SET(fd, &w);
    EXPECT(select(fd + 1, NULL, &w, NULL, NULL) == 1 && FD_ISSET(fd, &w));
    close(fd);
}

static void *echo_client(void *arg)
{
    int fd = connected(PEER, ECHO_PORT), one = 1;

    (void)arg;
    EXPECT(fd >= 0);
    EXPECT(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    for (int i = 0; i < 50; i++) {
        char out[100], in[100];

        memset(out, i, sizeof out);
        EXPECT(send(fd, out, sizeof out, 0) == sizeof out);
        EXPECT(recv(fd, in, sizeof in, MSG_WAITALL) == sizeof in);
        EXPECT(memcmp(in, out, sizeof in) == 0);
    }
    close(fd);
    return NULL;
}

static void threads(void)
{
    pthread_t pool[32];

    for (int i = 0; i < 32; i++)
        EXPECT(pthread_create(&pool[i], NULL, echo_client, NULL) == 0);
    for (int i = 0; i < 32; i++)
        pthread_join(pool[i], NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"read, write, readv, writev, close", reads_and_writes},
    {"O_NONBLOCK by fcntl, and a loop that never waits", nonblocking},
    {"more sockets than there can be", too_many},
    {"1 MiB echoed, by two threads", bulk},
    {"3 MiB by sendfile, echoed, received without a copy", by_reference},
    {"a loan after close, and a reset connection", reset_while_lent},
    {"poll of 200 connections", polls_many},
    {"a refused connection", refused},
    {"a reset connection", reset},
    {"datagrams, whole and in fragments", datagrams},
    {"names by DNS", names},
    {"accept waits for a thread to connect", accept_waits},
    {"close wakes those who wait", close_wakes},
    {"two threads poll 100 descriptors each", polls},
    {"select", selects},
    {"32 threads, a connection each", threads},
};
#define TEST_COUNT (sizeof tests / sizeof tests[0])

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < TEST_COUNT; i++) {
        failures = 0;
        tests[i].run();
        failed += failures != 0;
        printf("%s %zu - %s\n", failures == 0 ? "ok" : "not ok", i + 1, tests[i].name);
    }
    printf("1..%zu\n", TEST_COUNT);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
