/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * getsockopt and setsockopt: a table of what there is, and a function each way.
 */
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

#include "net.h"
#include "sock.h"

#define MS_PER_S 1000U

/* The part that control blocks of all protocols share; NULL when the socket has none yet. */
static struct ip_pcb *common_pcb(struct sock *s)
{
    return s->proto == &sock_tcp ? (struct ip_pcb *)s->tcp.pcb : (struct ip_pcb *)s->udp.pcb;
}

/* A connected or connectable stream's control block, or NULL. */
static struct tcp_pcb *stream_pcb(struct sock *s)
{
    return s->proto == &sock_tcp && s->state != SOCK_LISTENING ? s->tcp.pcb : NULL;
}

/* Options that are a bit in the control block have to be kept for one that is made later. */
static int set_flag(struct sock *s, uint8_t flag, int on)
{
    struct ip_pcb *pcb = common_pcb(s);

    s->pcb_flags = (uint8_t)(on != 0 ? s->pcb_flags | flag : s->pcb_flags & ~flag);
    if (pcb != NULL)
        pcb->so_options = s->pcb_flags;
    return 0;
}

static int set_nodelay(struct sock *s, int on)
{
    struct tcp_pcb *pcb = stream_pcb(s);

    s->nodelay = on != 0;
    if (pcb == NULL)
        return 0;
    if (!s->nodelay) {
        tcp_nagle_enable(pcb);
        return 0;
    }
    tcp_nagle_disable(pcb);
    if (pcb->unsent != NULL)
        tcp_output(pcb); /* what waited for company does not any more */
    return 0;
}

static size_t buffer_size(int value)
{
    if (value < SOCK_BUFFER_MIN)
        return SOCK_BUFFER_MIN;
    return value > SOCK_BUFFER_MAX ? SOCK_BUFFER_MAX : (size_t)value;
}

static int set_socket_int(struct sock *s, int name, int value)
{
    switch (name) {
    case SO_REUSEADDR:
    case SO_REUSEPORT:
        return set_flag(s, SOF_REUSEADDR, value);
    case SO_KEEPALIVE:
        return set_flag(s, SOF_KEEPALIVE, value);
    case SO_BROADCAST:
        return set_flag(s, SOF_BROADCAST, value);
    case SO_SNDBUF:
        s->send_limit = buffer_size(value);
        return 0;
    case SO_RCVBUF:
        s->recv_limit = buffer_size(value);
        return 0;
    case SO_DONTROUTE:
    case SO_OOBINLINE:
        return value == 0 ? 0 : sock_fail(ENOPROTOOPT);
    case SO_RCVLOWAT:
        return value <= 1 ? 0 : sock_fail(ENOPROTOOPT);
    default:
        return sock_fail(ENOPROTOOPT);
    }
}

static int set_ip_int(struct sock *s, int name, int value)
{
    struct ip_pcb *pcb = common_pcb(s);

    if (name != IP_TTL && name != IP_TOS)
        return sock_fail(ENOPROTOOPT);
    if (value < (name == IP_TTL) || value > 255)
        return sock_fail(EINVAL);
    if (pcb == NULL)
        return sock_fail(ENOTCONN);
    if (name == IP_TTL)
        pcb->ttl = (u8_t)value;
    else
        pcb->tos = (u8_t)value;
    return 0;
}

static int set_tcp_int(struct sock *s, int name, int value)
{
    struct tcp_pcb *pcb = stream_pcb(s);

    if (s->proto != &sock_tcp)
        return sock_fail(ENOPROTOOPT);
    if (name == TCP_NODELAY)
        return set_nodelay(s, value);
    if (name != TCP_KEEPIDLE && name != TCP_KEEPINTVL && name != TCP_KEEPCNT)
        return sock_fail(ENOPROTOOPT);
    if (value < 1 || value > 32767)
        return sock_fail(EINVAL);
    if (pcb == NULL)
        return sock_fail(ENOTCONN);
    if (name == TCP_KEEPIDLE)
        pcb->keep_idle = (u32_t)value * MS_PER_S;
    else if (name == TCP_KEEPINTVL)
        pcb->keep_intvl = (u32_t)value * MS_PER_S;
    else
        pcb->keep_cnt = (u32_t)value;
    return 0;
}

static int set_timeout(struct sock *s, int name, const struct timeval *tv)
{
    uint64_t ns;

    if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= 1000000)
        return sock_fail(EDOM);
    if ((uint64_t)tv->tv_sec > UINT32_MAX)
        ns = 0; /* a century is for ever */
    else
        ns = (uint64_t)tv->tv_sec * NET_NS_PER_S + (uint64_t)tv->tv_usec * 1000;
    if (name == SO_RCVTIMEO)
        s->recv_timeout_ns = ns;
    else
        s->send_timeout_ns = ns;
    return 0;
}

static int set_option(struct sock *s, int level, int name, const void *value, socklen_t len)
{
    int n;

    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
        struct timeval tv;

        if (len < sizeof tv)
            return sock_fail(EINVAL);
        memcpy(&tv, value, sizeof tv);
        return set_timeout(s, name, &tv);
    }
    if (level == SOL_SOCKET && name == SO_LINGER) {
        struct linger linger;

        if (len < sizeof linger)
            return sock_fail(EINVAL);
        memcpy(&linger, value, sizeof linger);
        s->abort_on_close = linger.l_onoff != 0 && linger.l_linger == 0;
        return 0;
    }
    if (len < sizeof n)
        return sock_fail(EINVAL);
    memcpy(&n, value, sizeof n);
    switch (level) {
    case SOL_SOCKET:
        return set_socket_int(s, name, n);
    case IPPROTO_IP:
        return set_ip_int(s, name, n);
    case IPPROTO_TCP:
        return set_tcp_int(s, name, n);
    default:
        return sock_fail(ENOPROTOOPT);
    }
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    struct sock *s;
    int flags, result;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    result = value == NULL ? sock_fail(EFAULT) : set_option(s, level, name, value, len);
    sock_release(s);
    return result;
}

/* ---- The other way ------------------------------------------------------------------------- */

static int get_socket_int(struct sock *s, int name, int *value)
{
    uint8_t flags = s->pcb_flags;

    switch (name) {
    case SO_TYPE:
        *value = s->proto->type;
        return 0;
    case SO_DOMAIN:
        *value = AF_INET;
        return 0;
    case SO_PROTOCOL:
        *value = s->proto == &sock_tcp ? IPPROTO_TCP : IPPROTO_UDP;
        return 0;
    case SO_ERROR:
        *value = sock_take_error(s);
        return 0;
    case SO_ACCEPTCONN:
        *value = s->state == SOCK_LISTENING;
        return 0;
    case SO_REUSEADDR:
    case SO_REUSEPORT:
        *value = (flags & SOF_REUSEADDR) != 0;
        return 0;
    case SO_KEEPALIVE:
        *value = (flags & SOF_KEEPALIVE) != 0;
        return 0;
    case SO_BROADCAST:
        *value = (flags & SOF_BROADCAST) != 0;
        return 0;
    case SO_SNDBUF:
        *value = (int)s->send_limit;
        return 0;
    case SO_RCVBUF:
        *value = s->proto == &sock_tcp ? TCP_WND : (int)s->recv_limit;
        return 0;
    case SO_DONTROUTE:
    case SO_OOBINLINE:
        *value = 0;
        return 0;
    case SO_RCVLOWAT:
        *value = 1;
        return 0;
    default:
        return sock_fail(ENOPROTOOPT);
    }
}

static int get_ip_int(struct sock *s, int name, int *value)
{
    const struct ip_pcb *pcb = common_pcb(s);

    if (name != IP_TTL && name != IP_TOS)
        return sock_fail(ENOPROTOOPT);
    if (name == IP_TTL)
        *value = pcb != NULL ? pcb->ttl : IP_DEFAULT_TTL;
    else
        *value = pcb != NULL ? pcb->tos : 0;
    return 0;
}

static int get_tcp_int(struct sock *s, int name, int *value)
{
    const struct tcp_pcb *pcb = stream_pcb(s);

    if (s->proto != &sock_tcp)
        return sock_fail(ENOPROTOOPT);
    switch (name) {
    case TCP_NODELAY:
        *value = s->nodelay;
        return 0;
    case TCP_MAXSEG:
        *value = pcb != NULL ? pcb->mss : 536;
        return 0;
    case TCP_KEEPIDLE:
        *value = (int)((pcb != NULL ? pcb->keep_idle : TCP_KEEPIDLE_DEFAULT) / MS_PER_S);
        return 0;
    case TCP_KEEPINTVL:
        *value = (int)((pcb != NULL ? pcb->keep_intvl : TCP_KEEPINTVL_DEFAULT) / MS_PER_S);
        return 0;
    case TCP_KEEPCNT:
        *value = (int)(pcb != NULL ? pcb->keep_cnt : TCP_KEEPCNT_DEFAULT);
        return 0;
    default:
        return sock_fail(ENOPROTOOPT);
    }
}

static int get_int(struct sock *s, int level, int name, int *value)
{
    switch (level) {
    case SOL_SOCKET:
        return get_socket_int(s, name, value);
    case IPPROTO_IP:
        return get_ip_int(s, name, value);
    case IPPROTO_TCP:
        return get_tcp_int(s, name, value);
    default:
        return sock_fail(ENOPROTOOPT);
    }
}

static void give(void *value, socklen_t *len, const void *from, size_t size)
{
    if (*len > size)
        *len = (socklen_t)size;
    memcpy(value, from, *len);
}

static int get_option(struct sock *s, int level, int name, void *value, socklen_t *len)
{
    int n;

    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
        uint64_t ns = name == SO_RCVTIMEO ? s->recv_timeout_ns : s->send_timeout_ns;
        struct timeval tv = {.tv_sec = (time_t)(ns / NET_NS_PER_S),
                             .tv_usec = (suseconds_t)(ns % NET_NS_PER_S / 1000)};

        give(value, len, &tv, sizeof tv);
        return 0;
    }
    if (level == SOL_SOCKET && name == SO_LINGER) {
        struct linger linger = {.l_onoff = s->abort_on_close};

        give(value, len, &linger, sizeof linger);
        return 0;
    }
    if (get_int(s, level, name, &n) != 0)
        return -1;
    give(value, len, &n, sizeof n);
    return 0;
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct sock *s;
    int flags, result;

    s = sock_of_fd(fd, &flags);
    if (s == NULL)
        return -1;
    result =
        value == NULL || len == NULL ? sock_fail(EFAULT) : get_option(s, level, name, value, len);
    sock_release(s);
    return result;
}
