/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the files of the network share. The way up: netif.c reads frames, lwIP takes them apart and
 * calls sock_tcp.c and sock_udp.c, which queue data and wake threads. The way down: a thread in a
 * socket call runs lwIP itself, to the device. lwIP is never entered from two threads at once,
 * since threads are cooperative and nothing in it waits.
 */
#ifndef RUNTIME_NET_NET_H
#define RUNTIME_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_NS_PER_MS 1000000ULL
#define NET_NS_PER_S  1000000000ULL

/* ---- net_stack.c --------------------------------------------------------------------------- */

/* Brings the devices up, once: acquires what rt_net_devices names, starts DHCP or sets the address
 * that was given. Ends the program with a message when a device is not there. */
void net_start(void);

/* Waits until some network has an address, or until DHCP has been given 10 s. Returns whether there
 * is one. For calls that cannot do their work without. */
bool net_wait_for_address(void);

/* The number of the poller's present turn. Data written twice in a turn goes out once, at its end:
 * see sock_flush_later. */
uint32_t net_turn(void);

/* Writes "net: ", the parts and a newline on the console. A NULL ends the parts. net_die then ends
 * the program, exit status 1: the person can do something about it. */
void net_say(const char *part, ...) __attribute__((sentinel));
_Noreturn void net_die(const char *part, ...) __attribute__((sentinel));

/* To be called by each call that can succeed without waiting: a program that makes only such calls
 * would keep the poller from its turn for ever. Lets it have one after many calls, so the caller
 * must not hold on to anything that another thread may change. */
void net_fair(void);

/* The name of the device (index), NULL after the last. */
const char *net_device_name(unsigned index);

/* How many bytes of received frames and of unacknowledged data the stack may hold before it becomes
 * restrictive. */
size_t net_budget(void);

/* ---- net_timers.c -------------------------------------------------------------------------- */

/* lwIP's periodic work, run only while there is something for it to do. */
void net_timers_run(uint64_t now_ns);
uint64_t net_timers_deadline(void);

/* Call before traffic: before frames are read, a connection is opened, written to or closed, a
 * datagram is sent. May end connections whose time is over. The second one before a query of the
 * resolver. */
void net_timers_touch(uint64_t now_ns);
void net_timers_touch_dns(uint64_t now_ns);

/* ---- inet.c ---------------------------------------------------------------------------------- */

/* Read a number of at most (max), or a.b.c.d in host byte order, from *text as far as it goes.
 * Leading zeros are refused, since other programs take them for octal. */
bool net_parse_number(const char **text, unsigned max, unsigned *value);
bool net_parse_address(const char **text, uint32_t *address);

/* ---- net_config.c -------------------------------------------------------------------------- */

struct net_config {
    bool fixed;       /* the three below hold; otherwise DHCP */
    uint32_t address; /* these in network byte order */
    uint32_t mask;
    uint32_t gateway; /* 0: none */
};

#define NET_DNS_COUNT 3

/* The configuration of the device (name); (index) is its place among the devices. */
struct net_config net_config_of(const char *name, unsigned index);

/* The name server (index) that was given, 0 when there is none. */
uint32_t net_config_dns(unsigned index);
const char *net_config_hostname(void);

/* Ends the program when an option names none of the (count) devices, or a gateway has no address
 * beside it. */
void net_config_check(const char *const *names, unsigned count);

#endif
