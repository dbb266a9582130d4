/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * IPv4 addresses and networks: see cidr.h.
 */
#include "cidr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"

int addr_parse(const char *text, uint32_t *out)
{
    struct in_addr addr;

    if (inet_pton(AF_INET, text, &addr) != 1)
        return -1;
    *out = ntohl(addr.s_addr);
    return 0;
}

const char *addr_format(uint32_t addr, char text[ADDR_TEXT_SIZE])
{
    snprintf(text, ADDR_TEXT_SIZE, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
             addr & 255);
    return text;
}

bool addr_is_unicast(uint32_t addr)
{
    uint32_t top = addr >> 24;

    return top != 0 && top != 127 && top < 224;
}

static uint32_t mask_of(unsigned prefix_len)
{
    return UINT32_MAX << (32 - prefix_len);
}

int cidr_parse(const char *text, struct cidr *out, const char **why)
{
    char base_text[ADDR_TEXT_SIZE];
    const char *slash = strchr(text, '/');
    uint64_t prefix_len;
    uint32_t base;

    *why = "not a network; write it like 10.0.2.0/24";
    if (slash == NULL || (size_t)(slash - text) >= sizeof base_text)
        return -1;
    memcpy(base_text, text, (size_t)(slash - text));
    base_text[slash - text] = '\0';
    if (addr_parse(base_text, &base) != 0 || parse_u64(slash + 1, 0, 32, &prefix_len) != 0)
        return -1;

    if (base >> 28 == 14) {
        *why = "a multicast range is no network for a guest; use one like 10.0.2.0/24";
        return -1;
    }
    if (prefix_len > CIDR_PREFIX_MAX) {
        *why = "too small for its sixteen DHCP addresses; use /27 or larger";
        return -1;
    }
    if (prefix_len < CIDR_PREFIX_MIN) {
        *why = "too large; use /8 or smaller";
        return -1;
    }
    if (!addr_is_unicast(base)) {
        *why = "a reserved range is no network for a guest; use one like 10.0.2.0/24";
        return -1;
    }
    if ((base & ~mask_of((unsigned)prefix_len)) != 0) {
        *why = "the address has bits behind the prefix; write the network's first address";
        return -1;
    }
    out->base = base;
    out->mask = mask_of((unsigned)prefix_len);
    out->prefix_len = (unsigned)prefix_len;
    return 0;
}

int cidr_nth(const struct cidr *first, unsigned n, struct cidr *out)
{
    uint64_t base = first->base + ((uint64_t)n << (32 - first->prefix_len));

    if (base > UINT32_MAX || !addr_is_unicast((uint32_t)base))
        return -1;
    *out = *first;
    out->base = (uint32_t)base;
    return 0;
}
