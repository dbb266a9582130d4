/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Names: see netdb.h. Questions go to lwIP's resolver, which calls back from the poller's turn.
 */
#include <netdb.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dns.h"

#include "net.h"
#include "thread/sched.h"

/* The resolver's table is full: how long to wait for room, and how often. */
#define RETRY_NS    (100 * NET_NS_PER_MS)
#define RETRY_COUNT 100
/* A "no" that took longer than this was no answer at all. */
#define NO_ANSWER_NS (3 * NET_NS_PER_S)

struct query {
    struct wait_queue done_queue;
    bool done, found;
    uint32_t address;
};

static void on_answer(const char *name, const ip_addr_t *ip, void *arg)
{
    struct query *q = arg;

    (void)name;
    q->done = true;
    q->found = ip != NULL;
    if (ip != NULL)
        q->address = ip_2_ip4(ip)->addr;
    sched_wake_all(&q->done_queue);
}

/* Asks for the address of (name). Returns 0 or an EAI_ error. */
static int resolve(const char *name, uint32_t *address)
{
    struct query q = {.done_queue = WAIT_QUEUE_INIT};
    uint64_t start_ns;
    ip_addr_t ip;
    err_t err = ERR_MEM;

    net_start();
    if (!net_wait_for_address())
        return EAI_AGAIN;
    for (int i = 0; i < RETRY_COUNT && err == ERR_MEM; i++) {
        if (i > 0)
            sched_wait(NULL, sched_now_exact() + RETRY_NS);
        net_timers_touch_dns(sched_now());
        err = dns_gethostbyname_addrtype(name, &ip, on_answer, &q, LWIP_DNS_ADDRTYPE_IPV4);
    }
    if (err == ERR_OK) {
        *address = ip_2_ip4(&ip)->addr;
        return 0;
    }
    if (err != ERR_INPROGRESS)
        return err == ERR_ARG ? EAI_NONAME : EAI_AGAIN;
    start_ns = sched_now();
    while (!q.done)
        sched_wait(&q.done_queue, SCHED_NEVER);
    if (!q.found)
        return sched_now() - start_ns > NO_ANSWER_NS ? EAI_AGAIN : EAI_NONAME;
    *address = q.address;
    return 0;
}

static int find_address(const char *node, int flags, uint32_t *address)
{
    struct in_addr in;

    if (node == NULL) {
        *address = lwip_htonl((flags & AI_PASSIVE) != 0 ? INADDR_ANY : INADDR_LOOPBACK);
        return 0;
    }
    if (inet_aton(node, &in) != 0) {
        *address = in.s_addr;
        return 0;
    }
    if ((flags & AI_NUMERICHOST) != 0)
        return EAI_NONAME;
    if (strcmp(node, "localhost") == 0) {
        *address = lwip_htonl(INADDR_LOOPBACK);
        return 0;
    }
    return resolve(node, address);
}

static int find_port(const char *service, uint16_t *port)
{
    unsigned n = 0;

    if (service != NULL && (!net_parse_number(&service, UINT16_MAX, &n) || *service != '\0'))
        return EAI_SERVICE;
    *port = (uint16_t)n;
    return 0;
}

/* One result, in one piece of memory with its address. */
struct result {
    struct addrinfo info;
    struct sockaddr_in address;
};

static struct addrinfo *make_result(int type, const struct sockaddr_in *address)
{
    struct result *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->address = *address;
    r->info.ai_family = AF_INET;
    r->info.ai_socktype = type;
    r->info.ai_protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    r->info.ai_addrlen = sizeof r->address;
    r->info.ai_addr = (struct sockaddr *)&r->address;
    return &r->info;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;

        free(list->ai_canonname);
        free(list);
        list = next;
    }
}

static int check_hints(const struct addrinfo *hints, const char *node, const char *service)
{
    int known = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG |
                AI_NUMERICSERV;

    if (node == NULL && service == NULL)
        return EAI_NONAME;
    if ((hints->ai_flags & ~known) != 0 || ((hints->ai_flags & AI_CANONNAME) != 0 && node == NULL))
        return EAI_BADFLAGS;
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET)
        return EAI_FAMILY;
    if (hints->ai_socktype != 0 && hints->ai_socktype != SOCK_STREAM &&
        hints->ai_socktype != SOCK_DGRAM)
        return EAI_SOCKTYPE;
    return 0;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    static const struct addrinfo none;
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct addrinfo *list = NULL, **end = &list;
    uint16_t port;
    uint32_t ip;
    int error;

    if (hints == NULL)
        hints = &none;
    if ((error = check_hints(hints, node, service)) != 0 ||
        (error = find_port(service, &port)) != 0 ||
        (error = find_address(node, hints->ai_flags, &ip)) != 0)
        return error;
    address.sin_port = lwip_htons(port);
    address.sin_addr.s_addr = ip;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        int protocol = types[i] == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;

        if ((hints->ai_socktype != 0 && hints->ai_socktype != types[i]) ||
            (hints->ai_protocol != 0 && hints->ai_protocol != protocol))
            continue;
        *end = make_result(types[i], &address);
        if (*end == NULL)
            goto no_memory;
        end = &(*end)->ai_next;
    }
    if (list == NULL)
        return EAI_SOCKTYPE;
    if ((hints->ai_flags & AI_CANONNAME) != 0 && (list->ai_canonname = strdup(node)) == NULL)
        goto no_memory;
    *result = list;
    return 0;
no_memory:
    freeaddrinfo(list);
    return EAI_MEMORY;
}

int getnameinfo(const struct sockaddr *address, socklen_t len, char *host, socklen_t host_size,
                char *service, socklen_t service_size, int flags)
{
    struct sockaddr_in in;

    if (len < sizeof in)
        return EAI_FAMILY;
    memcpy(&in, address, sizeof in);
    if (in.sin_family != AF_INET)
        return EAI_FAMILY;
    if ((flags & NI_NAMEREQD) != 0)
        return EAI_NONAME;
    if (host != NULL && host_size > 0 && inet_ntop(AF_INET, &in.sin_addr, host, host_size) == NULL)
        return EAI_OVERFLOW;
    if (service != NULL && service_size > 0) {
        char digits[6], *p = digits + sizeof digits - 1;
        unsigned port = lwip_ntohs(in.sin_port);

        *p = '\0';
        do {
            *--p = (char)('0' + port % 10);
            port /= 10;
        } while (port != 0);
        if (strlen(p) >= service_size)
            return EAI_OVERFLOW;
        strcpy(service, p);
    }
    return 0;
}

const char *gai_strerror(int error)
{
    switch (error) {
    case 0:
        return "Success";
    case EAI_BADFLAGS:
        return "Bad flags";
    case EAI_NONAME:
        return "Name does not resolve";
    case EAI_AGAIN:
        return "No answer from a name server; try again";
    case EAI_FAIL:
        return "The name server failed";
    case EAI_FAMILY:
        return "Address family not supported";
    case EAI_SOCKTYPE:
        return "Socket type not supported";
    case EAI_SERVICE:
        return "Not the number of a port";
    case EAI_MEMORY:
        return "Out of memory";
    case EAI_SYSTEM:
        return "System error";
    case EAI_OVERFLOW:
        return "Buffer too small";
    default:
        return "Unknown error";
    }
}
