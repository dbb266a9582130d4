/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See checksum.h. Headers: RFC 791, RFC 8200, RFC 9293, RFC 768.
 */
#include "checksum.h"

#define ETHERNET   14
#define IPV4       20
#define IPV6       40
#define TCP        6 /* protocol numbers */
#define UDP        17
#define TCP_OFFSET 16 /* of the checksum */
#define UDP_OFFSET 6

bool checksum_find(const uint8_t *frame, size_t size, struct checksum *checksum)
{
    size_t start;
    uint8_t protocol;
    if (size < ETHERNET + IPV4)
        return false;
    const uint8_t *ip = frame + ETHERNET;
    unsigned type = (unsigned)frame[12] << 8 | frame[13];
    if (type == 0x0800 && ip[0] >> 4 == 4 && (ip[0] & 15) >= 5) {
        start = ETHERNET + (size_t)(ip[0] & 15) * 4;
        protocol = ip[9];
    } else if (type == 0x86dd && ip[0] >> 4 == 6) {
        start = ETHERNET + IPV6;
        protocol = ip[6];
    } else {
        return false;
    }
    if (protocol != TCP && protocol != UDP)
        return false;
    *checksum = (struct checksum){
        .start = (uint16_t)start,
        .offset = protocol == TCP ? TCP_OFFSET : UDP_OFFSET,
        .ipv6 = type == 0x86dd,
    };
    return start + checksum->offset + 2 <= size;
}

/* RFC 1071. What the sum of the pseudo-header is, is in the checksum's place already. */
void checksum_fill(uint8_t *frame, size_t size, uint16_t start, uint16_t offset)
{
    uint64_t sum = 0;
    size_t at = start;
    for (; at + 1 < size; at += 2)
        sum += (uint64_t)frame[at] << 8 | frame[at + 1];
    if (at < size)
        sum += (uint64_t)frame[at] << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    uint16_t result = (uint16_t)~sum;
    if (result == 0 && offset == UDP_OFFSET)
        result = 0xffff;
    frame[start + offset] = (uint8_t)(result >> 8);
    frame[start + offset + 1] = (uint8_t)result;
}
