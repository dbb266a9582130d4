/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Answers ARP and ping for 10.0.0.2 by the calls of solo5.h alone, one packet a wait: what programs
 * do that were written for Solo5, and what its own test of networks does, to be measured beside it.
 */
#include <solo5.h>
#include <stdbool.h>

#define FRAME_MAX 1514

#define MAC_LEN  6
#define IPV4_LEN 4

/* Offsets in a frame: Ethernet; RFC 826; RFC 791 without options; RFC 792. */
#define ETHER_SOURCE       6
#define ETHER_TYPE         12
#define ARP_OPERATION      20
#define ARP_SENDER_MAC     22
#define ARP_SENDER_IP      28
#define ARP_TARGET_MAC     32
#define ARP_TARGET_IP      38
#define ARP_END            42
#define IP_VERSION         14
#define IP_PROTOCOL        23
#define IP_SOURCE          26
#define IP_DESTINATION     30
#define ICMP_TYPE          34
#define ICMP_CHECKSUM      36
#define ICMP_END           42
#define IP_WITHOUT_OPTIONS 0x45
#define PROTOCOL_ICMP      1
#define ECHO_REQUEST       8

static const uint8_t own_ip[IPV4_LEN] = {10, 0, 0, 2};

static bool has(const uint8_t *frame, size_t at, uint8_t high, uint8_t low)
{
    return frame[at] == high && frame[at + 1] == low;
}

static bool is_for_us(const uint8_t *ip)
{
    for (size_t i = 0; i < IPV4_LEN; i++)
        if (ip[i] != own_ip[i])
            return false;
    return true;
}

static void copy_mac(uint8_t *to, const uint8_t *from)
{
    for (size_t i = 0; i < MAC_LEN; i++)
        to[i] = from[i];
}

static void exchange(uint8_t *a, uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static bool answer_arp(uint8_t *frame, size_t len, const uint8_t *mac)
{
    if (len < ARP_END || !has(frame, ETHER_TYPE, 8, 6) || !has(frame, ARP_OPERATION, 0, 1) ||
        !is_for_us(frame + ARP_TARGET_IP))
        return false;
    frame[ARP_OPERATION + 1] = 2;
    exchange(frame + ARP_SENDER_IP, frame + ARP_TARGET_IP, IPV4_LEN);
    copy_mac(frame + ARP_TARGET_MAC, frame + ARP_SENDER_MAC);
    copy_mac(frame + ARP_SENDER_MAC, mac);
    return true;
}

static bool answer_ping(uint8_t *frame, size_t len)
{
    if (len < ICMP_END || !has(frame, ETHER_TYPE, 8, 0) ||
        frame[IP_VERSION] != IP_WITHOUT_OPTIONS || frame[IP_PROTOCOL] != PROTOCOL_ICMP ||
        frame[ICMP_TYPE] != ECHO_REQUEST || !is_for_us(frame + IP_DESTINATION))
        return false;
    /* One word of the packet becomes smaller by 0x800, so the sum of it grows by that much: RFC
     * 1624. */
    unsigned sum = (unsigned)frame[ICMP_CHECKSUM] + ECHO_REQUEST;
    frame[ICMP_TYPE] = 0;
    frame[ICMP_CHECKSUM] = (uint8_t)sum;
    if (sum > UINT8_MAX && ++frame[ICMP_CHECKSUM + 1] == 0)
        frame[ICMP_CHECKSUM]++;
    exchange(frame + IP_SOURCE, frame + IP_DESTINATION, IPV4_LEN);
    return true;
}

static bool serve(solo5_handle_t handle, const uint8_t *mac)
{
    static uint8_t frame[FRAME_MAX];
    size_t len;
    solo5_result_t result = solo5_net_read(handle, frame, sizeof frame, &len);

    if (result != SOLO5_R_OK)
        return result == SOLO5_R_AGAIN;
    if (!answer_arp(frame, len, mac) && !answer_ping(frame, len))
        return true;
    copy_mac(frame, frame + ETHER_SOURCE);
    copy_mac(frame + ETHER_SOURCE, mac);
    return solo5_net_write(handle, frame, len) == SOLO5_R_OK;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    struct solo5_net_info net;
    solo5_handle_t handle;

    (void)info;
    if (solo5_net_acquire("service0", &handle, &net) != SOLO5_R_OK)
        return SOLO5_EXIT_FAILURE;
    for (;;) {
        solo5_handle_set_t ready = 0;

        solo5_yield(solo5_clock_monotonic() + UINT64_C(1000000000), &ready);
        if ((ready & UINT64_C(1) << handle) && !serve(handle, net.mac_address))
            return SOLO5_EXIT_FAILURE;
    }
}
