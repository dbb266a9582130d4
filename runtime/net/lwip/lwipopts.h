/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How lwIP is configured: the raw API alone, on one thread of execution, called by netif.c from
 * below and by the socket files from above. Sizes are limits, not reservations: all memory is from
 * the heap, at the moment it is needed.
 */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

#include <stddef.h>
#include <stdint.h>

/* ---- The system below -------------------------------------------------------------------- */
#define NO_SYS                     1
#define SYS_LIGHTWEIGHT_PROT       0
#define LWIP_SOCKET                0
#define LWIP_NETCONN               0
#define LWIP_TIMERS                0 /* net_timers.c runs them, and only those that are needed */
#define LWIP_STATS                 0
#define LWIP_HOOK_FILENAME         "hooks.h"
#define LWIP_PROVIDE_ERRNO         0
#define LWIP_SINGLE_NETIF          0
#define LWIP_NETIF_HOSTNAME        1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK   0

/* ---- Memory ------------------------------------------------------------------------------ */
/* lwIP's pools would be touched at the start, and their sizes be fixed. */
#define MEMP_MEM_MALLOC          1
#define MEM_LIBC_MALLOC          1
#define MEM_ALIGNMENT            8
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define LWIP_PBUF_REF_T          uint16_t
#define PBUF_POOL_FREE_OOSEQ     0

/* ---- Protocols --------------------------------------------------------------------------- */
#define LWIP_IPV4                    1
#define LWIP_IPV6                    0
#define LWIP_ARP                     1
#define LWIP_ETHERNET                1
#define LWIP_ICMP                    1
#define LWIP_IGMP                    0
#define LWIP_RAW                     0
#define LWIP_UDP                     1
#define LWIP_TCP                     1
#define LWIP_DHCP                    1
#define LWIP_DNS                     1
#define LWIP_ACD                     0 /* probing an address before its use would cost seconds at each start */
#define LWIP_DHCP_DOES_ACD_CHECK     0
#define LWIP_DHCP_MAX_DNS_SERVERS    DNS_MAX_SERVERS
#define LWIP_HAVE_LOOPIF             1
#define LWIP_NETIF_LOOPBACK          1
#define LWIP_LOOPBACK_MAX_PBUFS      64
#define LWIP_CHECKSUM_ON_COPY        0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1 /* netif_offload.c */
#define LWIP_NETIF_HWADDRHINT        1 /* a connection remembers its peer's place in ARP's table */

#define ARP_TABLE_SIZE                64
#define ARP_QUEUEING                  1
#define ARP_QUEUE_LEN                 8
#define ETHARP_SUPPORT_STATIC_ENTRIES 0

#define IP_FORWARD                          0
#define IP_FRAG                             1
#define IP_REASSEMBLY                       1
#define IP_REASS_MAX_PBUFS                  128 /* two datagrams of 64 KiB at an MTU of 1500 */
#define IP_REASS_MAXAGE                     15
#define IP_SOF_BROADCAST                    1 /* sendto() to everybody needs SO_BROADCAST */
#define LWIP_ICMP_ECHO_CHECK_INPUT_PBUF_LEN 1
#define LWIP_BROADCAST_PING                 0
#define LWIP_MULTICAST_PING                 0

#define DNS_TABLE_SIZE      8
#define DNS_MAX_SERVERS     3
#define DNS_MAX_NAME_LENGTH 256
#define DNS_LOCAL_HOSTLIST  0

#define SO_REUSE         1
#define SO_REUSE_RXTOALL 0

/* ---- TCP --------------------------------------------------------------------------------- */
/* The limits of lwIP's own checks are those of 16-bit windows. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE  6
#define TCP_MSS        65481 /* of the largest MTU; the device's MTU lowers it */
#define TCP_WND        (1048576 + net_window_more)
/* In tcp_recved() only; the window of a peer without scaling is never larger than 65535. */
#define TCP_WND_UPDATE_THRESHOLD   LWIP_MIN(TCP_WND / 8, TCP_WND_MAX(pcb) / 4)
#define TCP_SND_BUF                1048576
#define TCP_SND_QUEUELEN           2048
#define TCP_SNDLOWAT               65536 /* free bytes at which a full send buffer is writable again */
#define TCP_SNDQUEUELOWAT          512
#define TCP_OVERSIZE               2048 /* room kept behind the last bytes for the next */
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define LWIP_TCP_SACK_OUT          1
#define LWIP_TCP_TIMESTAMPS        0
#define TCP_QUEUE_OOSEQ            1
#define LWIP_TCP_KEEPALIVE         1
#define TCP_LISTEN_BACKLOG         0 /* sock_tcp.c counts by itself, to more than 255 */
#define LWIP_TCP_PCB_NUM_EXT_ARGS  1

/* What a device brings to a larger window: see net_stack.c. For the preprocessor it is 0. */
extern int net_window_more;

/* Out-of-order segments are kept while there is room for frames. */
struct tcp_pcb;
uint16_t net_ooseq_limit(const struct tcp_pcb *pcb);
#define TCP_OOSEQ_PBUFS_LIMIT(pcb) net_ooseq_limit(pcb)

/* RFC 6928: ten segments, but not ten jumbo frames. */
#define LWIP_TCP_CALC_INITIAL_CWND(mss) \
    ((tcpwnd_size_t)LWIP_MIN(10U * (mss), LWIP_MAX(2U * (mss), 14600U)))

/* Milliseconds. The coarse clock that retransmission counts in is twice the interval, and a round
 * trip it cannot measure leaves three of its ticks as the time-out: 0.24 s here. */
#define TCP_TMR_INTERVAL  40
#define LWIP_TCP_RTO_TIME 1000 /* RFC 6298, 2.1 */
#define TCP_SYNMAXRTX     12
#define TCP_MSL           15000UL /* TIME_WAIT lasts two of these */

/* ---- deps/lwip/patches ------------------------------------------------------------------- */
#define TCP_HASH_SIZE     4096 /* buckets, untouched while not used */
#define TCP_MSS_MIN       88   /* the peer's is taken for no less: the cost is that of a segment */
#define TCP_SACK_QUEUELEN (2 * TCP_SND_QUEUELEN) /* with more, SACK blocks cut no segments */
#define TCP_TSO_MAX       65400 /* payload of a packet that the device cuts: 65535 with all headers */

#endif
