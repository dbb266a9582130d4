/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Forwarded ports and network words: see forward.h.
 */
#include "forward.h"

#include <errno.h>
#include <string.h>

#include "cidr.h"
#include "mft.h"
#include "parse.h"

#define MULTICAST        0xe0000000u /* from here on no address is a host's; RFC 1112, 4 */
#define LOOPBACK         0x7f000001u
#define FORWARD_TEXT_MAX 128u

static const char not_a_forward[] =
    "not a forward; write it like 8080:80, 0.0.0.0:8080:80 or 5353:53/udp";

/* A device name as a manifest has it. */
static int name_parse(const char *text, size_t len, char name[NET_NAME_MAX + 1])
{
    if (len == 0 || len > NET_NAME_MAX)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (!mft_name_char(text[i]))
            return -1;
    }
    memcpy(name, text, len);
    name[len] = '\0';
    return 0;
}

static int port_parse(const char *text, uint16_t *out)
{
    uint64_t port;

    if (parse_u64(text, 1, UINT16_MAX, &port) != 0)
        return -1;
    *out = (uint16_t)port;
    return 0;
}

/* Cuts the protocol off the end of (text). */
static int protocol_parse(char *text, bool *is_udp)
{
    char *slash = strchr(text, '/');

    *is_udp = false;
    if (slash == NULL)
        return 0;
    *slash = '\0';
    if (strcmp(slash + 1, "udp") == 0)
        *is_udp = true;
    else if (strcmp(slash + 1, "tcp") != 0)
        return -1;
    return 0;
}

int forward_parse(const char *text, struct forward *out, const char **why)
{
    char copy[FORWARD_TEXT_MAX];
    char *rest = copy;
    char *colon;

    *why = not_a_forward;
    *out = (struct forward){.text = text, .host_addr = LOOPBACK};
    if (strlen(text) >= sizeof copy)
        return -1;
    strcpy(copy, text);

    char *equals = strchr(rest, '=');
    if (equals != NULL) {
        if (name_parse(rest, (size_t)(equals - rest), out->net_name) != 0) {
            *why = "the name before = is no network's name: 1 to 67 letters and digits";
            return -1;
        }
        rest = equals + 1;
    }
    if (protocol_parse(rest, &out->is_udp) != 0) {
        *why = "the protocol is /tcp or /udp";
        return -1;
    }
    colon = strrchr(rest, ':');
    if (colon == NULL)
        return -1;
    *colon = '\0';
    if (port_parse(colon + 1, &out->guest_port) != 0) {
        *why = "the guest's port must be a number from 1 to 65535";
        return -1;
    }
    colon = strrchr(rest, ':');
    if (colon != NULL) {
        *colon = '\0';
        if (addr_parse(rest, &out->host_addr) != 0 || out->host_addr >= MULTICAST) {
            *why = "the address to listen on must be an IPv4 address of this host, like 127.0.0.1";
            return -1;
        }
        rest = colon + 1;
    }
    if (port_parse(rest, &out->host_port) != 0) {
        *why = "the host's port must be a number from 1 to 65535";
        return -1;
    }
    return 0;
}

bool forward_clashes(const struct forward *a, const struct forward *b)
{
    return a->is_udp == b->is_udp && a->host_port == b->host_port &&
           (a->host_addr == b->host_addr || a->host_addr == 0 || b->host_addr == 0);
}

int forward_explain(const struct forward *forward, int why, struct error *error)
{
    char addr[ADDR_TEXT_SIZE];

    addr_format(forward->host_addr, addr);
    switch (why) {
    case EADDRINUSE:
        return error_set(error, "-p %s: %s:%u is in use by another program; choose another port",
                         forward->text, addr, forward->host_port);
    case EACCES:
        return error_set(error, "-p %s: port %u is for root; choose one from 1024 on",
                         forward->text, forward->host_port);
    case EADDRNOTAVAIL:
        return error_set(error, "-p %s: this machine has no address %s; see: ip address",
                         forward->text, addr);
    default:
        return error_set(error, "-p %s: cannot listen on %s:%u: %s", forward->text, addr,
                         forward->host_port, strerror(why));
    }
}

int net_word_parse(const char *word, char name[NET_NAME_MAX + 1])
{
    static const char prefix[] = "--net:";
    static const char suffix[] = "=@FD";
    size_t len = strlen(word);

    if (len < strlen(prefix) + strlen(suffix) || strncmp(word, prefix, strlen(prefix)) != 0 ||
        strcmp(word + len - strlen(suffix), suffix) != 0)
        return 0;
    len -= strlen(prefix) + strlen(suffix);
    return name_parse(word + strlen(prefix), len, name) == 0 ? 1 : -1;
}
