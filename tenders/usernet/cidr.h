/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * IPv4 addresses and the networks that guests are given. Addresses are in host byte order.
 *
 * In a network, the host answers at base + 2, the name server at base + 3, and DHCP hands out
 * sixteen addresses from base + 15 on, as QEMU's user network does in a /24.
 */
#ifndef QUINTET_TENDERS_USERNET_CIDR_H
#define QUINTET_TENDERS_USERNET_CIDR_H

#include <stdbool.h>
#include <stdint.h>

#define ADDR_TEXT_SIZE  16u /* "255.255.255.255" and its end */
#define CIDR_PREFIX_MIN 8u
#define CIDR_PREFIX_MAX \
    27u /* the last DHCP address, base + 30, must lie before the broadcast one */
#define CIDR_HOST        2u
#define CIDR_NAME_SERVER 3u
#define CIDR_GUEST       15u

struct cidr {
    uint32_t base;
    uint32_t mask;
    unsigned prefix_len;
};

/* Reads a dotted quad, all of (text). Returns 0, or -1 with (*out) left alone. */
int addr_parse(const char *text, uint32_t *out);

/* Writes (addr) as a dotted quad into (text), and returns (text). */
const char *addr_format(uint32_t addr, char text[ADDR_TEXT_SIZE]);

/* Whether (addr) can be a machine's address on some network: not 0/8, 127/8, multicast, reserved.
 */
bool addr_is_unicast(uint32_t addr);

/* Reads BASE/PREFIX, all of (text). Returns 0, or -1 with the reason, a constant, in (*why). */
int cidr_parse(const char *text, struct cidr *out, const char **why);

/* The network of the same size (n) places after (first). Returns 0, or -1 when none is left there.
 */
int cidr_nth(const struct cidr *first, unsigned n, struct cidr *out);

#endif
