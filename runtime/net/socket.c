/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls of sys/socket.h: arguments are checked here, the work is done by the protocols.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lwip/ip_addr.h"
#include "lwip/netif.h"

#include "libc/fd.h"
#include "net.h"
#include "sock.h"

/* Releases the socket and passes a result on. */
static int done(struct sock *s, int result)
{
    sock_release(s);
    return result;
}

/* An address from the program: 0, or -1 with errno. */
static int address_in(const struct sockaddr *address, socklen_t len, struct sockaddr_in *in)
{
    if (address == NULL || len < sizeof *in)
        return sock_fail(EINVAL);
    memcpy(in, address, sizeof *in);
    if (in->sin_family != AF_INET)
        return sock_fail(EAFNOSUPPORT);
    return 0;
}

/* An address to the program, cut off where its room ends. */
static void address_out(const struct sockaddr_in *in, struct sockaddr *address, socklen_t *len)
{
    if (address == NULL || len == NULL)
        return;
    memcpy(address, in, *len < sizeof *in ? *len : sizeof *in);
    *len = sizeof *in;
}

static struct sockaddr_in make_address(const ip_addr_t *ip, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = lwip_htons(port)};

    in.sin_addr.s_addr = ip_2_ip4(ip)->addr;
    return in;
}

int socket(int domain, int type, int protocol)
{
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    const struct sock_proto *proto = kind == SOCK_STREAM ? &sock_tcp : &sock_udp;
    int number = kind == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    struct sock *s;
    int fd;

    if (domain != AF_INET)
        return sock_fail(EAFNOSUPPORT);
    if ((kind != SOCK_STREAM && kind != SOCK_DGRAM) || (protocol != 0 && protocol != number))
        return sock_fail(EPROTONOSUPPORT);
    net_start();
    s = sock_new(proto);
    if (s == NULL)
        return -1;
    fd = sock_to_fd(s, type);
    if (fd < 0)
        sock_release(s);
    return fd;
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
    (void)type;
    (void)protocol;
    (void)fds;
    return sock_fail(domain == AF_INET ? EOPNOTSUPP : EAFNOSUPPORT);
}

/* Is it an address of ours, so that a socket can be bound to it? */
static bool is_local(const ip_addr_t *ip)
{
    struct netif *netif;

    if (ip_addr_isany(ip) || ip_addr_isloopback(ip) || ip_2_ip4(ip)->addr == IPADDR_BROADCAST)
        return true;
    NETIF_FOREACH(netif)
    {
        if (ip4_addr_eq(ip_2_ip4(ip), netif_ip4_addr(netif)))
            return true;
    }
    return false;
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
    struct sockaddr_in in;
    struct sock *s;
    ip_addr_t ip;
    int flags;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (address_in(address, len, &in) != 0)
        return done(s, -1);
    ip_addr_set_ip4_u32_val(ip, in.sin_addr.s_addr);
    if (!is_local(&ip) && (!net_wait_for_address() || !is_local(&ip)))
        return done(s, sock_fail(EADDRNOTAVAIL));
    return done(s, s->proto->bind(s, &ip, lwip_ntohs(in.sin_port)));
}

int listen(int fd, int backlog)
{
    struct sock *s;
    int flags;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (s->proto != &sock_tcp)
        return done(s, sock_fail(EOPNOTSUPP));
    return done(s, sock_tcp_listen(s, backlog));
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int type)
{
    struct sock *s, *c;
    struct sockaddr_in in;
    uint16_t port;
    ip_addr_t ip;
    int flags, accepted;

    if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
        return sock_fail(EINVAL);
    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (s->proto != &sock_tcp)
        return done(s, sock_fail(EOPNOTSUPP));
    net_fair();
    c = sock_tcp_accept(s, (flags & O_NONBLOCK) != 0);
    if (c == NULL)
        return done(s, -1);
    c->proto->name(c, true, &ip, &port);
    in = make_address(&ip, port);
    accepted = sock_to_fd(c, type);
    if (accepted < 0)
        sock_tcp_unaccept(s, c);
    else
        address_out(&in, address, len);
    return done(s, accepted);
}

int accept(int fd, struct sockaddr *address, socklen_t *len)
{
    return accept4(fd, address, len, 0);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    struct sockaddr_in in = {0};
    struct sock *s;
    ip_addr_t ip;
    int flags;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (s->proto == &sock_udp && address != NULL && len >= sizeof(sa_family_t) &&
        address->sa_family == AF_UNSPEC)
        return done(s, s->proto->connect(s, IP4_ADDR_ANY, 0, flags));
    if (address_in(address, len, &in) != 0)
        return done(s, -1);
    ip_addr_set_ip4_u32_val(ip, in.sin_addr.s_addr);
    if (ip_addr_isany(&ip))
        ip_addr_set_loopback(false, &ip);
    if (s->proto == &sock_tcp &&
        (ip_addr_ismulticast(&ip) || ip_2_ip4(&ip)->addr == IPADDR_BROADCAST))
        return done(s, sock_fail(ENETUNREACH));
    return done(s, s->proto->connect(s, &ip, lwip_ntohs(in.sin_port), flags));
}

int shutdown(int fd, int how)
{
    struct sock *s;
    int flags;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        return done(s, sock_fail(EINVAL));
    return done(s, s->proto->shutdown(s, how));
}

static int get_name(int fd, bool peer, struct sockaddr *address, socklen_t *len)
{
    struct sockaddr_in in;
    struct sock *s;
    uint16_t port;
    ip_addr_t ip;
    int flags;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    if (address == NULL || len == NULL)
        return done(s, sock_fail(EINVAL));
    s->proto->name(s, peer, &ip, &port);
    if (peer && port == 0)
        return done(s, sock_fail(ENOTCONN));
    in = make_address(&ip, port);
    address_out(&in, address, len);
    return done(s, 0);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
    return get_name(fd, false, address, len);
}

int getpeername(int fd, struct sockaddr *address, socklen_t *len)
{
    return get_name(fd, true, address, len);
}

#define PIECES_MAX 1024 /* IOV_MAX */

/* ---- Data ---------------------------------------------------------------------------------- */

/* Adds up the pieces of a message: 0, or -1 with errno. */
static int message_in(const struct msghdr *msg, int flags, int fd_flags, struct sock_msg *m)
{
    size_t total = 0;

    if ((flags & MSG_OOB) != 0)
        return sock_fail(EOPNOTSUPP);
    if (msg->msg_iovlen > PIECES_MAX)
        return sock_fail(EMSGSIZE);
    for (size_t i = 0; i < (size_t)msg->msg_iovlen; i++) {
        if (msg->msg_iov[i].iov_len > SSIZE_MAX - total)
            return sock_fail(EINVAL);
        total += msg->msg_iov[i].iov_len;
    }
    *m = (struct sock_msg){.iov = msg->msg_iov,
                           .iov_count = (int)msg->msg_iovlen,
                           .left = total,
                           .flags = flags | ((fd_flags & O_NONBLOCK) != 0 ? MSG_DONTWAIT : 0)};
    return 0;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct sockaddr_in name;
    struct sock_msg m;
    struct sock *s;
    ssize_t result = -1;
    int fd_flags;

    s = sock_of_fd(fd, &fd_flags);
    if (s == NULL)
        return -1;
    net_fair();
    if (message_in(msg, flags, fd_flags, &m) != 0)
        goto out;
    if (msg->msg_name != NULL && s->proto == &sock_udp) {
        if (address_in(msg->msg_name, msg->msg_namelen, &name) != 0)
            goto out;
        m.name = &name;
    }
    result = s->proto->send(s, &m);
out:
    sock_release(s);
    return result;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    struct sockaddr_in name = {0};
    struct sock_msg m;
    struct sock *s;
    ssize_t result = -1;
    int fd_flags;

    s = sock_of_fd(fd, &fd_flags);
    if (s == NULL)
        return -1;
    net_fair();
    if (message_in(msg, flags, fd_flags, &m) == 0) {
        m.name = &name;
        result = s->proto->recv(s, &m);
    }
    if (result >= 0) {
        if (name.sin_family != AF_INET)
            msg->msg_namelen = 0;
        else
            address_out(&name, msg->msg_name, &msg->msg_namelen);
        msg->msg_flags = m.out_flags;
        msg->msg_controllen = 0;
    }
    sock_release(s);
    return result;
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *address,
               socklen_t address_len)
{
    struct iovec iov = {(void *)buf, len};
    struct msghdr msg = {
        .msg_name = (void *)address, .msg_namelen = address_len, .msg_iov = &iov, .msg_iovlen = 1};

    return sendmsg(fd, &msg, flags);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    return sendto(fd, buf, len, flags, NULL, 0);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *address,
                 socklen_t *address_len)
{
    struct iovec iov = {buf, len};
    struct msghdr msg = {.msg_name = address,
                         .msg_namelen = address != NULL && address_len != NULL ? *address_len : 0,
                         .msg_iov = &iov,
                         .msg_iovlen = 1};
    ssize_t result = recvmsg(fd, &msg, flags);

    if (result >= 0 && address != NULL && address_len != NULL)
        *address_len = msg.msg_namelen;
    return result;
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    return recvfrom(fd, buf, len, flags, NULL, NULL);
}

int ioctl(int fd, unsigned long request, ...)
{
    struct fd *entry = fd_get(fd);
    struct sock *s;
    int *value, flags;
    va_list args;

    if (entry == NULL)
        return -1;
    va_start(args, request);
    value = va_arg(args, int *);
    va_end(args);
    if (request == FIONBIO) {
        entry->flags = *value != 0 ? entry->flags | O_NONBLOCK : entry->flags & ~O_NONBLOCK;
        return 0;
    }
    if (request != FIONREAD)
        return sock_fail(ENOTTY);
    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    size_t readable = s->proto->readable(s);
    *value = readable < INT_MAX ? (int)readable : INT_MAX;
    return done(s, 0);
}
