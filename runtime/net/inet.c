/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Addresses as text: see arpa/inet.h.
 */
#include <arpa/inet.h>

#include <errno.h>
#include <string.h>

#include "lwip/ip4_addr.h"

#include "net.h"

bool net_parse_number(const char **text, unsigned max, unsigned *value)
{
    const char *p = *text;
    unsigned n = 0;

    if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (unsigned)(*p - '0');
        if (n > max)
            return false;
    }
    *text = p;
    *value = n;
    return true;
}

bool net_parse_address(const char **text, uint32_t *address)
{
    uint32_t a = 0;

    for (int i = 0; i < 4; i++) {
        unsigned byte;

        if ((i > 0 && *(*text)++ != '.') || !net_parse_number(text, 255, &byte))
            return false;
        a = a << 8 | byte;
    }
    *address = a;
    return true;
}

int inet_pton(int family, const char *text, void *address)
{
    uint32_t host;

    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (!net_parse_address(&text, &host) || *text != '\0')
        return 0;
    host = lwip_htonl(host);
    memcpy(address, &host, sizeof host);
    return 1;
}

const char *inet_ntop(int family, const void *address, char *text, socklen_t size)
{
    ip4_addr_t ip;

    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    memcpy(&ip.addr, address, sizeof ip.addr);
    if (ip4addr_ntoa_r(&ip, text, (int)size) == NULL) {
        errno = ENOSPC;
        return NULL;
    }
    return text;
}

int inet_aton(const char *text, struct in_addr *address)
{
    ip4_addr_t ip;

    if (ip4addr_aton(text, &ip) == 0)
        return 0;
    address->s_addr = ip.addr;
    return 1;
}

in_addr_t inet_addr(const char *text)
{
    struct in_addr address;

    return inet_aton(text, &address) != 0 ? address.s_addr : INADDR_NONE;
}

char *inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &address, text, sizeof text);
    return text;
}

#undef htonl
#undef htons
#undef ntohl
#undef ntohs

uint32_t htonl(uint32_t host)
{
    return lwip_htonl(host);
}

uint16_t htons(uint16_t host)
{
    return lwip_htons(host);
}

uint32_t ntohl(uint32_t net)
{
    return lwip_ntohl(net);
}

uint16_t ntohs(uint16_t net)
{
    return lwip_ntohs(net);
}
