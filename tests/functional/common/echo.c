/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See echo.h.
 */
#include "echo.h"

#define TYPE_OFFSET  12
#define STOP_PAYLOAD "stop"

static const uint8_t local_experimental[2] = {0x88, 0xb5}; /* IEEE 802, table 3 */
static uint8_t frame[ECHO_MAX_MTU + SOLO5_NET_HLEN];

static void say_byte(uint8_t byte)
{
    char text[3] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15], '\0'};
    say(text);
}

void echo_acquire(const char *name, struct echo_net *net)
{
    EXPECT(solo5_net_acquire(name, &net->handle, &net->info) == SOLO5_R_OK);
    EXPECT(net->info.mtu <= ECHO_MAX_MTU);
    net->stopped = false;
    say(name);
    say(" address ");
    for (size_t i = 0; i < SOLO5_NET_ALEN; i++) {
        say(i == 0 ? "" : ":");
        say_byte(net->info.mac_address[i]);
    }
    say(" mtu ");
    say_number(net->info.mtu);
    say("\n");
}

static bool is_for(const struct echo_net *net, size_t size)
{
    return size >= SOLO5_NET_HLEN && memcmp(frame, net->info.mac_address, SOLO5_NET_ALEN) == 0 &&
           memcmp(frame + TYPE_OFFSET, local_experimental, sizeof local_experimental) == 0;
}

void echo_serve(struct echo_net *net)
{
    size_t room = net->info.mtu + SOLO5_NET_HLEN;
    size_t size = 0;
    solo5_result_t result;

    while ((result = solo5_net_read(net->handle, frame, room, &size)) == SOLO5_R_OK) {
        EXPECT(size <= room);
        if (!is_for(net, size)) {
            continue;
        }
        net->stopped |= size >= SOLO5_NET_HLEN + strlen(STOP_PAYLOAD) &&
                        memcmp(frame + SOLO5_NET_HLEN, STOP_PAYLOAD, strlen(STOP_PAYLOAD)) == 0;
        memcpy(frame, frame + SOLO5_NET_ALEN, SOLO5_NET_ALEN);
        memcpy(frame + SOLO5_NET_ALEN, net->info.mac_address, SOLO5_NET_ALEN);
        EXPECT(solo5_net_write(net->handle, frame, size) == SOLO5_R_OK);
    }
    EXPECT(result == SOLO5_R_AGAIN);
}
