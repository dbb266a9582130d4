/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The stack as a whole: its start, and its turn in the scheduler. A turn reads at most NET_BATCH
 * frames a device, which wakes threads but runs none, then does what is due by time. What the
 * threads wrote goes out at the latest when the scheduler asks for the deadline, before it sleeps.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "mft_abi.h"
#include "solo5.h"

#include "net.h"
#include "netif.h"
#include "netif_offload.h"
#include "quintet.h"
#include "sock.h"
#include "thread/sched.h"

#define DEVICE_MAX     8
#define DHCP_PATIENCE  (10 * NET_NS_PER_S)
#define BLOCKED_NS     NET_NS_PER_MS /* until a device without room is asked again */
#define FAIR_CALLS     512
#define BUDGET_DIVISOR 4 /* of the heap */
#define WINDOW_MORE    1048576

static struct {
    bool started;
    struct net_device *devices;
    unsigned device_count;
    uint32_t turn;
    uint32_t fair_turn, fair_calls;
    size_t budget;
    struct wait_queue address; /* a network got an address, or DHCP was given up on */
} net;

/* ---- Messages ------------------------------------------------------------------------------ */

#define LINE_SIZE 256

static void say(const char *part, va_list parts)
{
    char line[LINE_SIZE] = "net: ";
    size_t len = 5;

    for (; part != NULL; part = va_arg(parts, const char *)) {
        for (const char *p = part; *p != '\0' && len < LINE_SIZE - 1; p++)
            line[len++] = *p;
    }
    line[len++] = '\n';
    solo5_console_write(line, len);
}

void net_say(const char *part, ...)
{
    va_list parts;

    va_start(parts, part);
    say(part, parts);
    va_end(parts);
}

void net_die(const char *part, ...)
{
    va_list parts;

    va_start(parts, part);
    say(part, parts);
    va_end(parts);
    solo5_exit(SOLO5_EXIT_FAILURE);
}

/* ---- What lwIP asks of its platform -------------------------------------------------------- */

u32_t sys_now(void)
{
    return (u32_t)(sched_now() / NET_NS_PER_MS);
}

void net_assert_failed(const char *file, int line)
{
    char digits[12];
    char *p = digits + sizeof digits - 1;

    *p = '\0';
    for (; line > 0; line /= 10)
        *--p = (char)('0' + line % 10);
    net_say("internal error: a check failed in ", file, ", line ", p, NULL);
    solo5_abort();
}

/* ---- Addresses ----------------------------------------------------------------------------- */

static bool has_address(const struct net_device *dev)
{
    return !ip4_addr_isany_val(*netif_ip4_addr(&dev->netif));
}

static void set_dns(void)
{
    for (unsigned i = 0; i < NET_DNS_COUNT && net_config_dns(i) != 0; i++) {
        ip_addr_t server = IPADDR4_INIT(net_config_dns(i));

        dns_setserver((u8_t)i, &server);
    }
}

static void address_changed(struct netif *netif)
{
    struct net_device *dev = netif->state;
    char address[IP4ADDR_STRLEN_MAX], gateway[IP4ADDR_STRLEN_MAX], bits[3] = "";
    unsigned count = (unsigned)__builtin_popcount(netif_ip4_netmask(netif)->addr);

    if (!has_address(dev)) {
        if (dev->said_up)
            net_say(dev->name, ": the DHCP lease ended; asking for another", NULL);
        dev->said_up = false;
        return;
    }
    set_dns(); /* before anybody uses those of the lease */
    dev->dhcp_warn = 0;
    sched_wake_all(&net.address);
    if (dev->said_up)
        return;
    dev->said_up = true;
    ip4addr_ntoa_r(netif_ip4_addr(netif), address, sizeof address);
    ip4addr_ntoa_r(netif_ip4_gw(netif), gateway, sizeof gateway);
    if (count >= 10)
        bits[0] = (char)('0' + count / 10);
    bits[count >= 10] = (char)('0' + count % 10);
    bool routed = !ip4_addr_isany_val(*netif_ip4_gw(netif));
    net_say(dev->name, ": ", address, "/", bits, netif_dhcp_data(netif) != NULL ? " by DHCP" : "",
            routed ? ", gateway " : ", no gateway", routed ? gateway : NULL, NULL);
}

static void device_configure(struct net_device *dev, unsigned index)
{
    struct net_config config = net_config_of(dev->name, index);

    netif_set_status_callback(&dev->netif, address_changed);
    netif_set_up(&dev->netif);
    if (config.fixed) {
        ip4_addr_t address = {config.address}, mask = {config.mask}, gateway = {config.gateway};

        netif_set_addr(&dev->netif, &address, &mask, &gateway);
        return;
    }
    if (dhcp_start(&dev->netif) != ERR_OK)
        net_die(dev->name, ": out of memory", NULL);
    dev->dhcp_warn = sched_now() + DHCP_PATIENCE;
}

/* Says what to do about networks that should have had a lease by now. DHCP goes on trying. */
static void check_leases(uint64_t now_ns)
{
    for (unsigned i = 0; i < net.device_count; i++) {
        struct net_device *dev = &net.devices[i];

        if (dev->dhcp_warn == 0 || now_ns < dev->dhcp_warn)
            continue;
        dev->dhcp_warn = 0;
        net_say(dev->name, ": no DHCP lease after 10 s; is a DHCP server on that network? or give ",
                i == 0 ? "--ipv4" : "--ipv4:", i == 0 ? "" : dev->name, "=ADDRESS/BITS", NULL);
        sched_wake_all(&net.address);
    }
}

bool net_wait_for_address(void)
{
    for (;;) {
        bool hope = false;

        for (unsigned i = 0; i < net.device_count; i++) {
            if (has_address(&net.devices[i]))
                return true;
            hope = hope || net.devices[i].dhcp_warn != 0;
        }
        if (!hope)
            return false;
        sched_wait(&net.address, SCHED_NEVER);
    }
}

/* ---- The poller ---------------------------------------------------------------------------- */

static bool loopback_pending(void)
{
    struct netif *netif;

    NETIF_FOREACH(netif)
    {
        if (netif->loop_first != NULL)
            return true;
    }
    return false;
}

static void poller_run(solo5_handle_set_t ready, uint64_t now_ns)
{
    net.turn++;
    sock_flush();
    if (ready != 0)
        net_timers_touch(now_ns);
    for (unsigned i = 0; i < net.device_count; i++) {
        struct net_device *dev = &net.devices[i];

        net_device_retry(dev);
        if ((ready & (solo5_handle_set_t)1 << dev->handle) != 0 || dev->more ||
            dev->in_first != NULL)
            net_device_poll(dev);
    }
    netif_poll_all();
    tcp_ack_owed();
    net_timers_run(now_ns);
    check_leases(now_ns);
}

static uint64_t poller_deadline(void)
{
    uint64_t deadline;

    sock_flush();
    if (loopback_pending())
        return 0;
    deadline = net_timers_deadline();
    for (unsigned i = 0; i < net.device_count; i++) {
        const struct net_device *dev = &net.devices[i];

        if (dev->more || dev->in_first != NULL)
            return 0;
        if (dev->blocked && deadline > sched_now() + BLOCKED_NS)
            deadline = sched_now() + BLOCKED_NS;
        if (dev->dhcp_warn != 0 && dev->dhcp_warn < deadline)
            deadline = dev->dhcp_warn;
    }
    return deadline;
}

static const struct sched_poller poller = {poller_run, poller_deadline};

uint32_t net_turn(void)
{
    return net.turn;
}

size_t net_budget(void)
{
    return net.budget;
}

void net_fair(void)
{
    if (net.fair_turn != net.turn) {
        net.fair_turn = net.turn;
        net.fair_calls = 0;
    }
    if (++net.fair_calls >= FAIR_CALLS)
        sched_yield_now();
}

const char *net_device_name(unsigned index)
{
    return index < net.device_count ? net.devices[index].name : NULL;
}

/* ---- Start --------------------------------------------------------------------------------- */

int net_window_more;

/* The host's queue counts packets, and a sender's host keeps some megabytes ready: so where packets
 * are large, and there is memory for several such connections, more may be under way. */
static void widen_window(void)
{
    for (unsigned i = 0; i < net.device_count; i++)
        if (NET_HAS(&net.devices[i], SOLO5_NET_TSO4_IN) && net.budget >= 4 * (size_t)TCP_WND)
            net_window_more = WINDOW_MORE;
}

/* By the manifest that is linked in, a struct mft1_note; absent where that is not by our headers.
 */
extern const uint8_t __solo5_mft1_note[] __attribute__((weak));

/* The name of the first network that the image has; NULL if it has none. */
static const char *first_network(void)
{
    const struct mft *mft = (const void *)(__solo5_mft1_note + offsetof(struct mft1_note, m));

    if (__solo5_mft1_note == NULL)
        return NULL;
    for (unsigned i = 1; i < mft->entries; i++)
        if (mft->e[i].type == MFT_DEV_NET_BASIC)
            return mft->e[i].name;
    return NULL;
}

_Noreturn static void no_device(const char *name)
{
    const char *other = rt_net_devices[1] == NULL ? first_network() : NULL;

    if (other != NULL && strcmp(other, name) != 0)
        net_die("no network device \"", name, "\"; manifest.json has \"", other,
                "\": rename it there, or name it in rt_net_devices (quintet.h)", NULL);
    net_die("no network device \"", name,
            "\"; declare it in manifest.json and attach it with --net:", name, "=TAP", NULL);
}

void net_start(void)
{
    struct rt_heap_stats heap;
    unsigned count = 0;

    if (net.started)
        return;
    net.started = true;
    while (rt_net_devices[count] != NULL)
        count++;
    if (count > DEVICE_MAX)
        net_die("rt_net_devices names more than 8 networks", NULL);
    net_config_check(rt_net_devices, count);
    rt_heap_stats(&heap);
    net.budget = heap.total / BUDGET_DIVISOR;
    net.devices = calloc(count + 1, sizeof *net.devices);
    if (net.devices == NULL)
        net_die("out of memory", NULL);

    sched_now_exact();
    lwip_init();
    for (unsigned i = 0; i < count; i++) {
        if (!net_device_open(&net.devices[i], rt_net_devices[i]))
            no_device(rt_net_devices[i]);
    }
    net.device_count = count;
    widen_window();
    set_dns();
    if (count > 0)
        netif_set_default(&net.devices[0].netif);
    sched_set_poller(&poller);
    net_timers_touch(sched_now());
    for (unsigned i = 0; i < count; i++)
        device_configure(&net.devices[i], i);
}
