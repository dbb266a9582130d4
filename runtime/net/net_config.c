/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The network's options on the command line:
 *
 *   --ipv4=10.0.0.2/24         address of the first network, instead of DHCP
 *   --ipv4:NAME=10.0.0.2/24    of the network NAME
 *   --ipv4-gateway=10.0.0.1    router, by the same two forms
 *   --ipv4-dns=10.0.0.1        name server, up to three times, instead of DHCP's
 *   --hostname=NAME            what DHCP servers are told (default: unikernel)
 *
 * They come before the devices are known, so names are checked later, by net_config_check.
 */
#include <string.h>

#include "net.h"

#define NAME_MAX_LEN 67 /* of a device, in the manifest */
#define DEVICE_MAX   8  /* networks with options */
#define HOSTNAME_MAX 63 /* RFC 1035, one label */

struct entry {
    const char *name; /* not terminated by a zero; NULL: the first device */
    size_t name_len;
    struct net_config config;
};

static struct {
    struct entry entries[DEVICE_MAX];
    unsigned entry_count;
    uint32_t dns[NET_DNS_COUNT];
    unsigned dns_count;
    const char *hostname;
} options;

/* An address that a host can have: not 0.x, loopback, multicast or reserved. */
static bool is_host_address(uint32_t address)
{
    unsigned first = address >> 24;

    return first != 0 && first != 127 && first < 224;
}

/* Finds or makes the entry of the network (name), of (len) characters; NULL: the first. Returns
 * NULL when there are too many. */
static struct entry *need_entry(const char *name, size_t len)
{
    for (unsigned i = 0; i < options.entry_count; i++) {
        struct entry *e = &options.entries[i];

        if ((e->name == NULL) == (name == NULL) && e->name_len == len &&
            (name == NULL || memcmp(e->name, name, len) == 0))
            return e;
    }
    if (options.entry_count == DEVICE_MAX)
        return NULL;
    struct entry *e = &options.entries[options.entry_count++];
    e->name = name;
    e->name_len = len;
    return e;
}

typedef const char *set_entry(struct entry *entry, const char *text);

/* The forms --option=TEXT and --option:NETWORK=TEXT; (value) is what follows '=' or ':'. */
static const char *set_first(const char *value, set_entry *set)
{
    struct entry *entry = need_entry(NULL, 0);

    return entry == NULL ? "too many networks" : set(entry, value);
}

static const char *set_named(const char *value, set_entry *set)
{
    size_t len = strcspn(value, "=");
    struct entry *entry;

    if (len == 0 || len > NAME_MAX_LEN || value[len] != '=')
        return "write the network's name and its address, as service=10.0.0.2/24";
    entry = need_entry(value, len);
    return entry == NULL ? "too many networks" : set(entry, value + len + 1);
}

static uint32_t to_network(uint32_t host)
{
    return __builtin_bswap32(host);
}

static const char *set_address(struct entry *entry, const char *text)
{
    uint32_t address, host;
    unsigned bits;

    if (!net_parse_address(&text, &address) || *text++ != '/' ||
        !net_parse_number(&text, 32, &bits) || *text != '\0')
        return "not an address and the bits of its network, as 10.0.0.2/24";
    if (bits == 0)
        return "a network of 0 bits; write how many bits of the address are the network's";
    host = bits == 32 ? 0 : UINT32_MAX >> bits;
    if (!is_host_address(address) ||
        (bits < 31 && ((address & host) == 0 || (address & host) == host)))
        return "not an address that a host can have";
    if (entry->config.fixed)
        return "this network was given an address before";
    entry->config.fixed = true;
    entry->config.address = to_network(address);
    entry->config.mask = to_network(~host);
    return NULL;
}

static const char *set_gateway(struct entry *entry, const char *text)
{
    uint32_t address;

    if (!net_parse_address(&text, &address) || *text != '\0' || !is_host_address(address))
        return "not the address of a router, as 10.0.0.1";
    if (entry->config.gateway != 0)
        return "this network was given a gateway before";
    entry->config.gateway = to_network(address);
    return NULL;
}

/* Called by name from the table of runtime/start/options.c. */
const char *net_option_ipv4(const char *value);
const char *net_option_ipv4_of(const char *value);
const char *net_option_gateway(const char *value);
const char *net_option_gateway_of(const char *value);
const char *net_option_dns(const char *value);
const char *net_option_hostname(const char *value);

const char *net_option_ipv4(const char *value)
{
    return set_first(value, set_address);
}

const char *net_option_ipv4_of(const char *value)
{
    return set_named(value, set_address);
}

const char *net_option_gateway(const char *value)
{
    return set_first(value, set_gateway);
}

const char *net_option_gateway_of(const char *value)
{
    return set_named(value, set_gateway);
}

const char *net_option_dns(const char *value)
{
    uint32_t address;

    if (!net_parse_address(&value, &address) || *value != '\0' || !is_host_address(address))
        return "not the address of a name server, as 10.0.0.1";
    if (options.dns_count == NET_DNS_COUNT)
        return "at most three name servers";
    options.dns[options.dns_count++] = to_network(address);
    return NULL;
}

const char *net_option_hostname(const char *value)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t len = strlen(value);

    if (len == 0 || len > HOSTNAME_MAX || value[0] == '-' || value[len - 1] == '-' ||
        strspn(value, allowed) != len)
        return "not a host name: letters, digits and hyphens, at most 63";
    options.hostname = value;
    return NULL;
}

static struct entry *entry_of(const char *name, unsigned index)
{
    for (unsigned i = 0; i < options.entry_count; i++) {
        struct entry *e = &options.entries[i];

        if (e->name == NULL
                ? index == 0
                : strlen(name) == e->name_len && memcmp(name, e->name, e->name_len) == 0)
            return e;
    }
    return NULL;
}

struct net_config net_config_of(const char *name, unsigned index)
{
    const struct entry *entry = entry_of(name, index);

    return entry != NULL ? entry->config : (struct net_config){.fixed = false};
}

uint32_t net_config_dns(unsigned index)
{
    return index < options.dns_count ? options.dns[index] : 0;
}

const char *net_config_hostname(void)
{
    return options.hostname != NULL ? options.hostname : "unikernel";
}

void net_config_check(const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < options.entry_count; i++) {
        const struct entry *e = &options.entries[i];
        char name[NAME_MAX_LEN + 1] = "";
        bool known = e->name == NULL;

        if (e->name != NULL)
            memcpy(name, e->name, e->name_len);
        for (unsigned j = 0; j < count; j++)
            known = known || strcmp(name, names[j]) == 0;
        if (!known)
            net_die("--ipv4:", name, ": the program has no network of this name", NULL);
        if (e->config.gateway != 0 && !e->config.fixed)
            net_die(
                "--ipv4-gateway: DHCP tells the gateway; give --ipv4=ADDRESS/BITS too, or leave "
                "it out",
                NULL);
        if (e->config.gateway != 0 && ~e->config.mask != 0 &&
            ((e->config.gateway ^ e->config.address) & e->config.mask) != 0)
            net_die("--ipv4-gateway: the gateway is not in the network that --ipv4 gives", NULL);
        if (e->config.gateway != 0 && e->config.gateway == e->config.address)
            net_die("--ipv4-gateway: the gateway is the address that --ipv4 gives", NULL);
    }
}
