/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Finds out when a forwarded TCP port first answers: see probe.h.
 */
#include "probe.h"

#include <string.h>

#define PROBE_HOST_PORT                                                      \
    1u /* a client has an unprivileged port, so libslirp never uses this one \
        */
#define PROBE_SEQ_STEP 0x10000u

void probe_init(struct probe *probe, uint32_t host_addr, uint32_t guest_addr, uint64_t now_ns,
                const struct probe_calls *calls, void *context)
{
    *probe = (struct probe){
        .calls = calls,
        .context = context,
        /* libslirp's hosts have the hardware addresses 52:55:ADDR. */
        .host = {.mac = {0x52, 0x55, (uint8_t)(host_addr >> 24), (uint8_t)(host_addr >> 16),
                         (uint8_t)(host_addr >> 8), (uint8_t)host_addr},
                 .addr = host_addr,
                 .port = PROBE_HOST_PORT},
        .guest = {.addr = guest_addr},
        .seq = (uint32_t)now_ns,
        .silent_ns = now_ns + PROBE_SILENT_NS,
        .end_ns = now_ns + PROBE_PATIENCE_NS,
        .next_ns = now_ns,
        .pause_ns = PROBE_PAUSE_NS,
    };
}

void probe_add(struct probe *probe, uint16_t port, unsigned id)
{
    if (probe->port_count == PROBE_PORTS)
        return;
    probe->ports[probe->port_count++] = (struct probe_port){.port = port, .id = id};
    probe->waiting++;
}

static void send_tcp(struct probe *probe, uint16_t port, uint8_t flags, uint32_t seq)
{
    uint8_t frame[FRAME_TCP_LEN];
    struct frame_end to = probe->guest;

    to.port = port;
    frame_build_tcp(frame, &probe->host, &to, flags, seq);
    probe->calls->send(probe->context, frame, sizeof frame);
}

static void send_all(struct probe *probe, uint64_t now_ns)
{
    probe->sent_ns = now_ns;
    if (!probe->guest_known) {
        uint8_t frame[FRAME_ARP_LEN];

        frame_build_arp(frame, &probe->host, probe->guest.addr);
        probe->calls->send(probe->context, frame, sizeof frame);
        return;
    }
    probe->seq += PROBE_SEQ_STEP;
    for (unsigned i = 0; i < probe->port_count; i++) {
        if (!probe->ports[i].answered)
            send_tcp(probe, probe->ports[i].port, TCP_SYN, probe->seq);
    }
}

/* Two forwards may lead to one port of the guest. */
static void mark_answered(struct probe *probe, uint16_t port)
{
    for (unsigned i = 0; i < probe->port_count; i++) {
        struct probe_port *p = &probe->ports[i];

        if (p->port != port || p->answered)
            continue;
        p->answered = true;
        probe->waiting--;
        probe->calls->answered(probe->context, p->id);
    }
}

bool probe_input(struct probe *probe, const struct frame *frame, uint64_t now_ns)
{
    bool is_syn_ack = frame->kind == FRAME_IPV4_TCP &&
                      (frame->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
    bool from_guest = frame->kind != FRAME_OTHER && frame->src == probe->guest.addr;
    bool to_probe = from_guest && frame->kind == FRAME_IPV4_TCP && frame->dst == probe->host.addr &&
                    frame->dst_port == PROBE_HOST_PORT;

    if (to_probe && is_syn_ack)
        send_tcp(probe, frame->src_port, TCP_RST, frame->tcp_ack);
    if (probe->waiting == 0)
        return to_probe;

    if (from_guest && is_syn_ack)
        mark_answered(probe, frame->src_port);
    if (from_guest && !probe->guest_known) {
        memcpy(probe->guest.mac, frame->src_mac, MAC_LEN);
        probe->guest_known = true;
        probe->pause_ns = PROBE_PAUSE_NS;
        probe->next_ns = now_ns;
    } else if (!to_probe && probe->next_ns > probe->sent_ns + PROBE_PAUSE_NS) {
        /* A guest that is busy may have just come up: ask soon, not at the end of a long pause. */
        probe->next_ns = probe->sent_ns + PROBE_PAUSE_NS;
    }
    return to_probe;
}

static void tell_silent(struct probe *probe)
{
    probe->silent_ns = PROBE_NEVER;
    for (unsigned i = 0; i < probe->port_count; i++) {
        if (!probe->ports[i].answered)
            probe->calls->silent(probe->context, probe->ports[i].id);
    }
}

void probe_run(struct probe *probe, uint64_t now_ns)
{
    if (now_ns < probe_due(probe))
        return;
    if (now_ns >= probe->silent_ns)
        tell_silent(probe);
    send_all(probe, now_ns);
    probe->next_ns = now_ns + probe->pause_ns;
    if (probe->pause_ns < PROBE_PAUSE_MAX / 2)
        probe->pause_ns *= 2;
    else
        probe->pause_ns = PROBE_PAUSE_MAX;
}

uint64_t probe_due(const struct probe *probe)
{
    if (probe->waiting == 0 || probe->next_ns >= probe->end_ns)
        return PROBE_NEVER;
    return probe->next_ns;
}
