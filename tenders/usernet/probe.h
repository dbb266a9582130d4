/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Finds out when a forwarded TCP port first answers, without a connection that the guest's program
 * would see: sends the guest a SYN from the host's address and from a port that no client uses,
 * and answers its SYN-ACK with a RST. libslirp sees none of this. Besides, the SYN-ACK of a real
 * connection counts.
 *
 *     no MAC --(a frame from the guest's address)--> asking --(SYN-ACK)--> answered, port by port
 *       ARP request every pause                        SYN every pause, and when the guest sends
 *
 * The pause starts at 20 ms and doubles up to 1 s. What has not answered after PROBE_SILENT_NS is
 * told, once; after PROBE_PATIENCE_NS nothing is sent any more, and only real connections count.
 */
#ifndef QUINTET_TENDERS_USERNET_PROBE_H
#define QUINTET_TENDERS_USERNET_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define PROBE_PORTS       64u
#define PROBE_PAUSE_NS    (20ull * 1000 * 1000)
#define PROBE_PAUSE_MAX   (1000ull * 1000 * 1000)
#define PROBE_SILENT_NS   (10ull * 1000 * 1000 * 1000)
#define PROBE_PATIENCE_NS (60ull * 1000 * 1000 * 1000)
#define PROBE_NEVER       UINT64_MAX

struct probe_calls {
    void (*send)(void *context, const uint8_t *frame, size_t len);
    /* The forward given to probe_add() as (id) answers. Called once a forward. */
    void (*answered)(void *context, unsigned id);
    /* It has not answered in PROBE_SILENT_NS. Called once a forward at most. */
    void (*silent)(void *context, unsigned id);
};

struct probe_port {
    uint16_t port;
    unsigned id;
    bool answered;
};

struct probe {
    const struct probe_calls *calls;
    void *context;
    struct frame_end host;
    struct frame_end guest; /* its MAC once guest_known */
    bool guest_known;
    unsigned port_count;
    unsigned waiting; /* ports that have not answered yet */
    struct probe_port ports[PROBE_PORTS];
    uint32_t seq;
    uint64_t silent_ns; /* when what is silent is told; PROBE_NEVER after that */
    uint64_t end_ns;
    uint64_t next_ns; /* when probe_run() is due */
    uint64_t pause_ns;
    uint64_t sent_ns;
};

/* Starts with no ports at (now_ns). The guest is expected at (guest_addr), and (host_addr) is the
 * host's address there.
 */
void probe_init(struct probe *probe, uint32_t host_addr, uint32_t guest_addr, uint64_t now_ns,
                const struct probe_calls *calls, void *context);

/* Adds a TCP port of the guest. At most PROBE_PORTS; others are never reported. */
void probe_add(struct probe *probe, uint16_t port, unsigned id);

/* Looks at a frame from the guest. Returns true when it answers a probe and is meant for nobody
 * else.
 */
bool probe_input(struct probe *probe, const struct frame *frame, uint64_t now_ns);

/* Sends what is due at (now_ns). */
void probe_run(struct probe *probe, uint64_t now_ns);

/* When probe_run() is due next; PROBE_NEVER when nothing is left to do. */
uint64_t probe_due(const struct probe *probe);

#endif
