/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The socket calls as a program sees them, both ends in one program over the loopback interface.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net_local.h"

START_TEST(arguments)
{
    struct sockaddr_in in = local(80);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct msghdr msg = {0};
    char c = 0;
    int fd, on = 1;

    ck_fails(socket(AF_INET6, SOCK_STREAM, 0), EAFNOSUPPORT);
    ck_fails(socket(AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT);
    ck_fails(socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT);
    ck_fails(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    ck_fails(bind(77, SA(in)), EBADF);
    ck_fails(send(-1, &c, 1, 0), EBADF);
    fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ck_assert_int_ge(fd, 3);
    ck_fails(bind(fd, SA(in6)), EAFNOSUPPORT);
    ck_fails(bind(fd, (struct sockaddr *)&in, 4), EINVAL);
    in.sin_addr.s_addr = inet_addr("192.0.2.1");
    ck_fails(bind(fd, SA(in)), EADDRNOTAVAIL);
    ck_fails(accept(fd, NULL, NULL), EINVAL);
    ck_fails(send(fd, &c, 1, 0), ENOTCONN);
    ck_fails(recv(fd, &c, 1, 0), ENOTCONN);
    ck_fails(shutdown(fd, SHUT_RDWR), ENOTCONN);
    ck_fails(shutdown(fd, 7), EINVAL);
    ck_fails(getpeername(fd, (struct sockaddr *)&in, &(socklen_t){sizeof in}), ENOTCONN);
    ck_fails(setsockopt(fd, SOL_SOCKET, 9999, &on, sizeof on), ENOPROTOOPT);
    ck_fails(setsockopt(fd, 77, 1, &on, sizeof on), ENOPROTOOPT);
    ck_fails(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 1), EINVAL);
    ck_fails(getsockopt(fd, IPPROTO_TCP, 9999, &on, &(socklen_t){sizeof on}), ENOPROTOOPT);
    ck_fails(accept4(fd, NULL, NULL, 1), EINVAL);
    ck_fails(send(fd, &c, 1, MSG_OOB), EOPNOTSUPP);
    msg.msg_iovlen = 5000;
    ck_fails(sendmsg(fd, &msg, 0), EMSGSIZE);
    net_fake_close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    ck_fails(listen(fd, 1), EOPNOTSUPP);
    ck_fails(accept(fd, NULL, NULL), EOPNOTSUPP);
    ck_fails(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), ENOPROTOOPT);
    net_fake_close(fd);
}
END_TEST

START_TEST(stream)
{
    char text[64] = "";
    struct sockaddr_in a, b;
    socklen_t len = sizeof a;
    int fds[2], n;

    connection(fds);
    ck_assert_int_eq(getsockname(fds[0], (struct sockaddr *)&a, &len), 0);
    len = sizeof b;
    ck_assert_int_eq(getpeername(fds[1], (struct sockaddr *)&b, &len), 0);
    ck_assert_int_eq(a.sin_port, b.sin_port);
    ck_assert_uint_eq(b.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    ck_assert_int_eq(getpeername(fds[0], (struct sockaddr *)&b, &len), 0);
    ck_assert_int_eq(ntohs(b.sin_port), 80);

    ck_assert_int_eq(send(fds[0], "hello", 5, 0), 5);
    ck_assert_int_eq(send(fds[0], ", world", 7, 0), 7);
    ck_assert_int_eq(recv(fds[1], text, 12, MSG_WAITALL), 12);
    ck_assert_str_eq(text, "hello, world");
    ck_assert_int_eq(send(fds[1], "abc", 3, 0), 3);
    ck_assert_int_eq(recv(fds[0], text, 2, MSG_PEEK), 2);
    ck_assert_int_eq(ioctl(fds[0], FIONREAD, &n), 0);
    ck_assert_int_eq(n, 3);
    ck_assert_int_eq(recv(fds[0], text, 2, 0), 2);
    ck_assert_int_eq(recv(fds[0], text + 2, 2, 0), 1);
    ck_assert_mem_eq(text, "abc", 3);

    ck_assert_int_eq(shutdown(fds[0], SHUT_WR), 0);
    ck_fails(send(fds[0], "x", 1, 0), EPIPE);
    ck_assert_int_eq(recv(fds[1], text, 1, 0), 0);
    ck_assert_int_eq(send(fds[1], "still", 5, 0), 5);
    ck_assert_int_eq(recv(fds[0], text, sizeof text, 0), 5);
    net_fake_close(fds[1]);
    ck_assert_int_eq(recv(fds[0], text, 1, 0), 0);
    net_fake_run(60000); /* lwIP frees the block of its own accord */
    ck_assert_int_eq(recv(fds[0], text, 1, 0), 0);
    ck_fails(send(fds[0], "x", 1, 0), EPIPE);
    net_fake_close(fds[0]);
}
END_TEST

START_TEST(pieces)
{
    char ab[] = "ab", cde[] = "cde", a[3], b[4] = "";
    struct iovec out[] = {{ab, 2}, {ab, 0}, {cde, 3}}, in[] = {{a, 3}, {b, 3}};
    struct msghdr msg = {.msg_iov = out, .msg_iovlen = 3};
    int fds[2];

    connection(fds);
    ck_assert_int_eq(sendmsg(fds[0], &msg, 0), 5);
    msg = (struct msghdr){.msg_iov = in, .msg_iovlen = 2, .msg_namelen = 99};
    ck_assert_int_eq(recvmsg(fds[1], &msg, 0), 5);
    ck_assert_mem_eq(a, "abc", 3);
    ck_assert_str_eq(b, "de");
    ck_assert_uint_eq(msg.msg_namelen, 0);
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
}
END_TEST

START_TEST(bulk)
{
    static uint8_t out[1 << 20], in[1 << 20];
    size_t sent = 0, got = 0;
    int fds[2];

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)(i * 7 ^ i >> 11);
    connection(fds);
    net_fake_nonblock(fds[0], true);
    net_fake_nonblock(fds[1], true);
    while (got < sizeof in) {
        ssize_t n = send(fds[0], out + sent, sizeof out - sent, 0);

        ck_assert(n >= 0 || errno == EAGAIN);
        sent += n > 0 ? (size_t)n : 0;
        ck_assert_uint_le(sent - got, 2 * 1048576);
        n = recv(fds[1], in + got, sizeof in - got, 0);
        ck_assert(n > 0 || errno == EAGAIN);
        got += n > 0 ? (size_t)n : 0;
        net_fake_turn();
    }
    ck_assert_mem_eq(in, out, sizeof in);
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
}
END_TEST

START_TEST(nonblocking)
{
    struct sockaddr_in in = local(80);
    socklen_t len = sizeof(int);
    int l = listener(80), c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), a, error = -1;
    struct pollfd p = {c, POLLOUT, 0};
    char text[4];

    net_fake_nonblock(l, true);
    ck_fails(accept(l, NULL, NULL), EAGAIN);
    ck_fails(connect(c, SA(in)), EINPROGRESS);
    ck_fails(connect(c, SA(in)), EALREADY);
    ck_assert_int_eq(poll(&p, 1, 1000), 1);
    ck_assert_int_eq(p.revents, POLLOUT);
    ck_assert_int_eq(getsockopt(c, SOL_SOCKET, SO_ERROR, &error, &len), 0);
    ck_assert_int_eq(error, 0);
    ck_fails(connect(c, SA(in)), EISCONN);
    net_fake_turn();
    a = accept4(l, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_ge(a, 0);
    ck_fails(recv(a, text, 4, 0), EAGAIN);
    ck_assert_int_eq(send(c, "x", 1, 0), 1);
    net_fake_turn();
    ck_assert_int_eq(recv(a, text, 4, 0), 1);
    net_fake_close(a);
    net_fake_close(c);
    net_fake_close(l);
}
END_TEST

START_TEST(refused)
{
    struct sockaddr_in in = local(81);
    socklen_t len = sizeof(int);
    int c = socket(AF_INET, SOCK_STREAM, 0), error;
    struct pollfd p = {c, POLLOUT, 0};

    ck_fails(connect(c, SA(in)), ECONNREFUSED);
    net_fake_nonblock(c, true);
    ck_fails(connect(c, SA(in)), EINPROGRESS);
    ck_assert_int_eq(poll(&p, 1, 1000), 1);
    ck_assert(p.revents & POLLERR);
    ck_assert_int_eq(getsockopt(c, SOL_SOCKET, SO_ERROR, &error, &len), 0);
    ck_assert_int_eq(error, ECONNREFUSED);
    net_fake_close(c);
}
END_TEST

START_TEST(in_use)
{
    struct sockaddr_in in = local(80);
    int l = listener(80), fd = socket(AF_INET, SOCK_STREAM, 0), u[2], on = 1;

    ck_fails(bind(fd, SA(in)), EADDRINUSE);
    net_fake_close(l);
    ck_assert_int_eq(bind(fd, SA(in)), 0);
    ck_fails(bind(fd, SA(in)), EINVAL);
    net_fake_close(fd);
    u[0] = socket(AF_INET, SOCK_DGRAM, 0);
    u[1] = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_eq(bind(u[0], SA(in)), 0);
    ck_fails(bind(u[1], SA(in)), EADDRINUSE);
    setsockopt(u[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(u[1], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(bind(u[1], SA(in)), 0);
    net_fake_close(u[0]);
    net_fake_close(u[1]);
}
END_TEST

/* A server that starts again while its old connections are in TIME_WAIT. */
START_TEST(restart)
{
    struct sockaddr_in in = local(80);
    int fds[2], on = 1, fd;

    connection(fds);
    net_fake_close(fds[1]); /* the server's side says goodbye first, so it keeps TIME_WAIT */
    net_fake_turn();
    net_fake_close(fds[0]);
    net_fake_run(10);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_fails(bind(fd, SA(in)), EADDRINUSE);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    ck_assert_int_eq(bind(fd, SA(in)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    net_fake_close(fd);
}
END_TEST

START_TEST(reset)
{
    struct linger linger = {1, 0};
    char text[4];
    int fds[2];

    connection(fds);
    ck_assert_int_eq(setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    net_fake_close(fds[1]);
    ck_fails(recv(fds[0], text, 4, 0), ECONNRESET);
    ck_assert_int_eq(recv(fds[0], text, 4, 0), 0);
    ck_fails(send(fds[0], text, 4, 0), EPIPE);
    net_fake_close(fds[0]);

    /* Data that nobody read: the other side is told. */
    connection(fds);
    ck_assert_int_eq(send(fds[0], "lost", 4, 0), 4);
    net_fake_turn();
    net_fake_close(fds[1]);
    ck_fails(recv(fds[0], text, 4, 0), ECONNRESET);
    net_fake_close(fds[0]);
}
END_TEST

START_TEST(timeouts)
{
    struct timeval tv = {0, 500000}, got;
    socklen_t len = sizeof got;
    uint64_t start;
    char text[4];
    int fds[2], l;

    connection(fds);
    ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
    ck_assert_int_eq(getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len), 0);
    ck_assert_int_eq(got.tv_usec, 500000);
    start = net_fake.now_ns;
    ck_fails(recv(fds[0], text, 4, 0), EAGAIN);
    ck_assert_uint_eq(net_fake.now_ns - start, 500000000);
    /* Nobody reads: the buffers of both sides fill up. */
    setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    static const char big[1 << 22];
    ssize_t n = send(fds[0], big, sizeof big, 0);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, (int)sizeof big);
    ck_fails(send(fds[0], big, sizeof big, 0), EAGAIN);
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
    l = listener(80);
    setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    ck_fails(accept(l, NULL, NULL), EAGAIN);
    net_fake_close(l);
}
END_TEST

START_TEST(datagrams)
{
    struct sockaddr_in in = local(53), from;
    socklen_t len = sizeof from;
    static char big[66000];
    char text[8] = "";
    struct iovec iov = {text, 3};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);

    ck_assert_int_eq(bind(a, SA(in)), 0);
    ck_fails(send(b, "x", 1, 0), EDESTADDRREQ);
    ck_fails(sendto(b, big, sizeof big, 0, SA(in)), EMSGSIZE);
    ck_assert_int_eq(sendto(b, "hello", 5, 0, SA(in)), 5);
    ck_assert_int_eq(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &len), 5);
    ck_assert_uint_eq(len, sizeof from);
    ck_assert_str_eq(text, "hello");
    ck_assert_int_eq(sendto(a, "", 0, 0, SA(from)), 0);
    ck_assert_int_eq(recv(b, text, sizeof text, 0), 0);
    ck_assert_int_eq(connect(b, SA(in)), 0);
    ck_assert_int_eq(send(b, "abcdef", 6, 0), 6);
    net_fake_turn();
    ck_assert_int_eq(recvmsg(a, &msg, MSG_PEEK), 3);
    ck_assert_int_eq(msg.msg_flags, MSG_TRUNC);
    ck_assert_int_eq(recv(a, text, 2, MSG_TRUNC), 6);
    ck_fails(recv(a, text, 2, MSG_DONTWAIT), EAGAIN);
    /* As large as IP goes: in fragments over a wire, in one piece here. */
    ck_assert_int_eq(send(b, big, 65507, 0), 65507);
    ck_assert_int_eq(recv(a, big, sizeof big, 0), 65507);
    net_fake_close(a);
    a = socket(AF_INET, SOCK_DGRAM, 0);
    in.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    ck_fails(sendto(a, "x", 1, 0, SA(in)), EACCES);
    ck_assert_int_eq(setsockopt(a, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int)), 0);
    ck_assert_int_eq(sendto(a, "x", 1, 0, SA(in)), 1);
    net_fake_close(a);
    net_fake_close(b);
}
END_TEST

/* What nobody reads stays within SO_RCVBUF, empty datagrams included. */
START_TEST(datagram_flood)
{
    struct sockaddr_in in = local(53);
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0), size = 8192, n;
    char text[1000];

    ck_assert_int_eq(bind(a, SA(in)), 0);
    ck_assert_int_eq(setsockopt(a, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
    for (int i = 0; i < 2000; i++) {
        ck_assert_int_eq(sendto(b, text, i % 2 == 0 ? 0 : 1000, 0, SA(in)), i % 2 == 0 ? 0 : 1000);
        net_fake_turn();
    }
    for (n = 0; recv(a, text, sizeof text, MSG_DONTWAIT) >= 0; n++)
        ;
    ck_assert_int_gt(n, 4);
    ck_assert_int_lt(n, 40);
    net_fake_close(a);
    net_fake_close(b);
}
END_TEST

START_TEST(polling)
{
    struct sockaddr_in in = local(80);
    struct timeval tv = {0, 1000};
    struct pollfd p[3];
    fd_set r, w;
    char text[4];
    int fds[2];

    connection(fds);
    p[0] = (struct pollfd){fds[0], POLLIN, 0};
    p[1] = (struct pollfd){fds[1], POLLIN | POLLOUT, 0};
    p[2] = (struct pollfd){-1, POLLIN, 99};
    ck_assert_int_eq(poll(p, 3, 0), 1);
    ck_assert_int_eq(p[0].revents, 0);
    ck_assert_int_eq(p[1].revents, POLLOUT);
    ck_assert_int_eq(p[2].revents, 0);
    uint64_t start = net_fake.now_ns;
    ck_assert_int_eq(poll(p, 1, 20), 0);
    ck_assert_uint_eq(net_fake.now_ns - start, 20000000);
    send(fds[1], "x", 1, 0);
    ck_assert_int_eq(poll(p, 1, -1), 1);
    ck_assert_int_eq(p[0].revents, POLLIN);
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(fds[0], &r);
    FD_SET(fds[1], &r);
    FD_SET(fds[1], &w);
    ck_assert_int_eq(select(fds[1] + 1, &r, &w, NULL, &tv), 2);
    ck_assert(FD_ISSET(fds[0], &r) && !FD_ISSET(fds[1], &r) && FD_ISSET(fds[1], &w));
    recv(fds[0], text, 4, 0);
    shutdown(fds[1], SHUT_WR);
    p[0].events = POLLIN | POLLRDHUP;
    ck_assert_int_eq(poll(p, 1, -1), 1);
    ck_assert_int_eq(p[0].revents, POLLIN | POLLRDHUP);
    net_fake_close(fds[0]);
    ck_assert_int_eq(poll(p, 1, 0), 1);
    ck_assert_int_eq(p[0].revents, POLLNVAL);
    FD_ZERO(&r);
    FD_SET(fds[0], &r);
    ck_fails(select(fds[0] + 1, &r, NULL, NULL, &tv), EBADF);
    net_fake_close(fds[1]);
    p[0] = (struct pollfd){socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0};
    ck_assert_int_eq(poll(p, 1, 0), 1);
    ck_assert_int_eq(p[0].revents, POLLHUP);
    ck_assert_int_eq(bind(p[0].fd, SA(in)), -1); /* TIME_WAIT */
    net_fake_close(p[0].fd);
}
END_TEST

START_TEST(epoll)
{
    struct epoll_event events[4], in = {.events = EPOLLIN, .data.u64 = 1};
    int fds[2], ep = epoll_create1(0);
    char text[4];

    connection(fds);
    ck_assert_int_ge(ep, 0);
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &in), 0);
    ck_fails(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &in), EEXIST);
    ck_fails(epoll_ctl(ep, EPOLL_CTL_DEL, fds[1], NULL), ENOENT);
    ck_fails(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &in), EPERM);
    ck_fails(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[0], &in), EINVAL);
    ck_assert_int_eq(epoll_wait(ep, events, 4, 10), 0);
    /* Level-triggered: as long as there is something. */
    ck_assert_int_eq(send(fds[1], "ab", 2, 0), 2);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(epoll_wait(ep, events, 4, -1), 1);
        ck_assert_uint_eq(events[0].events, EPOLLIN);
        ck_assert_uint_eq(events[0].data.u64, 1);
        ck_assert_int_eq(recv(fds[0], text, 1, 0), 1);
    }
    ck_assert_int_eq(epoll_wait(ep, events, 4, 10), 0);
    /* Edge-triggered: once for what came. */
    in = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.u64 = 2};
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &in), 0);
    ck_assert_int_eq(send(fds[1], "cd", 2, 0), 2);
    ck_assert_int_eq(epoll_wait(ep, events, 4, -1), 1);
    ck_assert_int_eq(epoll_wait(ep, events, 4, 10), 0);
    /* Once. */
    in.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT;
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &in), 0);
    ck_assert_int_eq(epoll_wait(ep, events, 4, -1), 1);
    ck_assert_uint_eq(events[0].events, EPOLLIN | EPOLLOUT);
    ck_assert_int_eq(epoll_wait(ep, events, 4, 10), 0);
    /* Two of them, in turn; the end of one; a closed one leaves. */
    in.events = EPOLLIN | EPOLLRDHUP;
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &in), 0);
    in.events = EPOLLOUT;
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_ADD, fds[1], &in), 0);
    ck_assert_int_eq(epoll_wait(ep, events, 4, -1), 2);
    ck_assert_int_eq(epoll_wait(ep, events, 1, -1), 1);
    uint32_t first = events[0].events;
    ck_assert_int_eq(epoll_wait(ep, events, 1, -1), 1);
    ck_assert_uint_ne(events[0].events, first);
    net_fake_close(fds[1]);
    net_fake_turn();
    ck_assert_int_eq(epoll_wait(ep, events, 4, -1), 1);
    ck_assert_uint_eq(events[0].events, EPOLLIN | EPOLLRDHUP);
    net_fake_close(fds[0]);
    ck_assert_int_eq(epoll_wait(ep, events, 4, 10), 0);
    net_fake_close(ep);
    /* The other way round. */
    ep = epoll_create(1);
    connection(fds);
    ck_assert_int_eq(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &in), 0);
    net_fake_close(ep);
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
}
END_TEST

START_TEST(options)
{
    static const int levels[][3] = {
        {SOL_SOCKET, SO_REUSEADDR, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
        {SOL_SOCKET, SO_BROADCAST, 1},   {SOL_SOCKET, SO_SNDBUF, 16384},
        {IPPROTO_TCP, TCP_NODELAY, 1},   {IPPROTO_TCP, TCP_KEEPIDLE, 9},
        {IPPROTO_TCP, TCP_KEEPINTVL, 3}, {IPPROTO_TCP, TCP_KEEPCNT, 2},
        {IPPROTO_IP, IP_TTL, 7},         {IPPROTO_IP, IP_TOS, 16},
    };
    socklen_t len = sizeof(int);
    int fds[2], value;

    connection(fds);
    for (size_t i = 0; i < COUNT(levels); i++) {
        ck_assert_int_eq(setsockopt(fds[0], levels[i][0], levels[i][1], &levels[i][2], sizeof(int)),
                         0);
        ck_assert_int_eq(getsockopt(fds[0], levels[i][0], levels[i][1], &value, &len), 0);
        ck_assert_int_eq(value, levels[i][2]);
    }
    ck_assert_int_eq(getsockopt(fds[0], SOL_SOCKET, SO_TYPE, &value, &len), 0);
    ck_assert_int_eq(value, SOCK_STREAM);
    value = 0;
    ck_fails(setsockopt(fds[0], IPPROTO_IP, IP_TTL, &value, sizeof value), EINVAL);
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
}
END_TEST

START_TEST(addresses)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    struct sockaddr_in *in;
    struct in_addr a;
    char text[INET_ADDRSTRLEN], service[8];

    ck_assert_int_eq(inet_pton(AF_INET, "10.1.2.3", &a), 1);
    ck_assert_uint_eq(ntohl(a.s_addr), 0x0a010203);
    ck_assert_str_eq(inet_ntop(AF_INET, &a, text, sizeof text), "10.1.2.3");
    ck_assert_str_eq(inet_ntoa(a), "10.1.2.3");
    for (const char *const *t =
             (const char *const[]){"", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1..2.3",
                                   "a.b.c.d", "1.2.3.4.5", NULL};
         *t != NULL; t++)
        ck_assert_msg(inet_pton(AF_INET, *t, &a) == 0, "%s", *t);
    ck_fails(inet_pton(AF_INET6, "::1", &a), EAFNOSUPPORT);
    ck_assert_ptr_null(inet_ntop(AF_INET, &a, text, 4));
    ck_assert_uint_eq(ntohl(inet_addr("10.1")), 0x0a000001);
    ck_assert_uint_eq(inet_addr("x"), INADDR_NONE);

    ck_assert_int_eq(getaddrinfo("10.0.0.9", "80", &hints, &list), 0);
    in = (struct sockaddr_in *)list->ai_addr;
    ck_assert_int_eq(ntohs(in->sin_port), 80);
    ck_assert_uint_eq(ntohl(in->sin_addr.s_addr), 0x0a000009);
    ck_assert_ptr_null(list->ai_next);
    ck_assert_int_eq(
        getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, service, sizeof service, 0),
        0);
    ck_assert_str_eq(text, "10.0.0.9");
    ck_assert_str_eq(service, "80");
    freeaddrinfo(list);
    ck_assert_int_eq(getaddrinfo("localhost", NULL, NULL, &list), 0);
    ck_assert_ptr_nonnull(list->ai_next);
    freeaddrinfo(list);
    ck_assert_int_eq(getaddrinfo(NULL, "http", NULL, &list), EAI_SERVICE);
    ck_assert_int_eq(getaddrinfo(NULL, NULL, NULL, &list), EAI_NONAME);
    hints.ai_family = AF_INET6;
    ck_assert_int_eq(getaddrinfo("::1", "80", &hints, &list), EAI_FAMILY);
    ck_assert_uint_eq(if_nametoindex("service"), 1);
    ck_assert_uint_eq(if_nametoindex("other"), 0);
    ck_assert_str_eq(if_indextoname(1, text), "service");
}
END_TEST

/* A thousand connections, and their memory is back. */
START_TEST(many)
{
    static int fds[1000][2];
    struct sockaddr_in in = local(80);
    int l = listener(80);

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            fds[i][0] = socket(AF_INET, SOCK_STREAM, 0);
            ck_assert_int_eq(connect(fds[i][0], SA(in)), 0);
            fds[i][1] = accept(l, NULL, NULL);
            ck_assert_int_ge(fds[i][1], 0);
        }
        for (int i = 0; i < 1000; i++) {
            net_fake_close(fds[i][0]);
            net_fake_close(fds[i][1]);
        }
    }
    net_fake_close(l);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_api");
    TCase *tc = tcase_create("loopback");

    tcase_add_checked_fixture(tc, local_setup, local_teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, arguments);
    tcase_add_test(tc, stream);
    tcase_add_test(tc, pieces);
    tcase_add_test(tc, bulk);
    tcase_add_test(tc, nonblocking);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, in_use);
    tcase_add_test(tc, restart);
    tcase_add_test(tc, reset);
    tcase_add_test(tc, timeouts);
    tcase_add_test(tc, datagrams);
    tcase_add_test(tc, datagram_flood);
    tcase_add_test(tc, polling);
    tcase_add_test(tc, epoll);
    tcase_add_test(tc, options);
    tcase_add_test(tc, addresses);
    tcase_add_test(tc, many);
    suite_add_tcase(suite, tc);
    return suite;
}
