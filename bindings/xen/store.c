/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A client of xenstore: one request at a time, by a pair of rings in a page that the store's daemon
 * has too (xen/io/xs_wire.h). What it says in between that was not asked for is that something has
 * changed; of that we keep one bit a watch.
 *
 *     call: header and payload into `req`  ->  messages out of `rsp` until the one that answers
 *
 * The daemon is the host's, but its ring is shared: indices, lengths and types are checked, and a
 * daemon that does not answer ends the program rather than stop it.
 */
#include "xen.h"

#include <xen/hvm/params.h>
#include <xen/io/xs_wire.h>

#include "machine.h"

#define PATIENCE_NS UINT64_C(30000000000)
#define LOOK_NS     UINT64_C(100000000)

static struct xenstore_domain_interface *ring;
static uint32_t port;
static uint32_t sent, taken; /* ours; never read back */
static uint32_t last_id;
static uint64_t changed;
static char payload[XENSTORE_PAYLOAD_MAX + 1];

__attribute__((noreturn)) static void lie(const char *what)
{
    xen_lie("xenstore", what);
}

void store_init(void)
{
    uint64_t frame, event;
    if (!hyper_parameter(HVM_PARAM_STORE_PFN, &frame) ||
        !hyper_parameter(HVM_PARAM_STORE_EVTCHN, &event) || frame == 0 || event == 0 ||
        event > UINT32_MAX ||
        (ring = machine_map(frame * XEN_PAGE, XEN_PAGE, MACHINE_SHARED)) == NULL)
        lie("is not there: this domain has no page for it");
    port = (uint32_t)event;
    sent = __atomic_load_n(&ring->req_prod, __ATOMIC_RELAXED);
    taken = __atomic_load_n(&ring->rsp_cons, __ATOMIC_RELAXED);
    event_watch(port);
}

static uint32_t answered(void)
{
    uint32_t ready = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE) - taken;
    if (ready > XENSTORE_RING_SIZE)
        lie("has more in its ring than fits");
    return ready;
}

static uint32_t unsent(void)
{
    uint32_t used = sent - __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE);
    if (used > XENSTORE_RING_SIZE)
        lie("has taken more than there was");
    return used;
}

static void await(solo5_time_t end)
{
    if (target_clock_monotonic() > end)
        lie("does not answer");
    event_wait_port(port, LOOK_NS);
}

static void put(const void *data, size_t size)
{
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    const char *from = data;
    while (size != 0) {
        uint32_t room = XENSTORE_RING_SIZE - unsent();
        for (; room != 0 && size != 0; room--, size--)
            ring->req[MASK_XENSTORE_IDX(sent++)] = *from++;
        __atomic_store_n(&ring->req_prod, sent, __ATOMIC_RELEASE);
        if (size != 0) {
            hyper_notify(port);
            await(end);
        }
    }
}

static void get(void *data, size_t size)
{
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    char *to = data;
    while (size != 0) {
        uint32_t ready = answered();
        for (; ready != 0 && size != 0; ready--, size--)
            *to++ = ring->rsp[MASK_XENSTORE_IDX(taken++)];
        __atomic_store_n(&ring->rsp_cons, taken, __ATOMIC_RELEASE);
        hyper_notify(port);
        if (size != 0)
            await(end);
    }
}

/* A watch event is two strings, the path and our token. */
static void note_change(size_t len)
{
    size_t at = 0;
    uint64_t token;
    while (at < len && payload[at] != '\0')
        at++;
    if (at + 1 < len && store_number(payload + at + 1, &token) && token < 64)
        changed |= UINT64_C(1) << token;
}

/* One message into `payload`, with a 0 behind it. */
static void take_message(struct xsd_sockmsg *header)
{
    get(header, sizeof *header);
    if (header->len > XENSTORE_PAYLOAD_MAX)
        lie("sends a message longer than any may be");
    get(payload, header->len);
    payload[header->len] = '\0';
}

/* Sends (a), and (b) if there is one, each with its terminator but the last. Returns the length of
 * the answer in `payload`, or -1 when the store refuses. */
static int call(uint32_t type, const char *a, bool a_ends, const char *b, bool b_ends)
{
    size_t a_len = 0, b_len = 0;
    while (a[a_len] != '\0')
        a_len++;
    while (b != NULL && b[b_len] != '\0')
        b_len++;
    a_len += a_ends;
    b_len += b != NULL && b_ends;
    struct xsd_sockmsg header = {
        .type = type, .req_id = ++last_id, .len = (uint32_t)(a_len + b_len)};
    put(&header, sizeof header);
    put(a, a_len);
    put(b, b_len);
    hyper_notify(port);
    for (;;) {
        take_message(&header);
        if (header.type == XS_WATCH_EVENT) {
            note_change(header.len);
            continue;
        }
        if (header.req_id != last_id || (header.type != type && header.type != XS_ERROR))
            lie("answers what was not asked");
        return header.type == XS_ERROR ? -1 : (int)header.len;
    }
}

bool store_read(const char *path, char *to, size_t size)
{
    int len = call(XS_READ, path, true, NULL, false);
    if (len < 0 || (size_t)len >= size)
        return false;
    memcpy(to, payload, (size_t)len + 1);
    return true;
}

bool store_number(const char *text, uint64_t *value)
{
    uint64_t result = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(result, 10, &result) ||
            __builtin_add_overflow(result, (uint64_t)(*p - '0'), &result))
            return false;
    }
    *value = result;
    return p != text && *p == '\0';
}

bool store_read_number(const char *path, uint64_t *value)
{
    char text[24];
    return store_read(path, text, sizeof text) && store_number(text, value);
}

bool store_write(const char *path, const char *value)
{
    return call(XS_WRITE, path, true, value, false) >= 0;
}

static const char *digits(char buffer[21], uint64_t value)
{
    char *p = buffer + 20;
    *p = '\0';
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return p;
}

bool store_write_number(const char *path, uint64_t value)
{
    char buffer[21];
    return store_write(path, digits(buffer, value));
}

size_t store_list(const char *path, char *to, size_t size)
{
    int len = call(XS_DIRECTORY, path, true, NULL, false);
    if (len <= 0 || (size_t)len >= size)
        return 0;
    memcpy(to, payload, (size_t)len + 1);
    return (size_t)len;
}

void store_watch(const char *path, unsigned token)
{
    char buffer[21];
    call(XS_WATCH, path, true, digits(buffer, token), true);
}

uint64_t store_changed(void)
{
    struct xsd_sockmsg header;
    while (ring != NULL && answered() != 0) {
        take_message(&header);
        if (header.type != XS_WATCH_EVENT)
            lie("answers what was not asked");
        note_change(header.len);
    }
    uint64_t result = changed;
    changed = 0;
    return result;
}

bool store_pending(void)
{
    return changed != 0 || answered() != 0;
}

void store_wait(uint64_t ns)
{
    if (!store_pending())
        event_wait_port(port, ns);
}

void store_path(char to[STORE_PATH_MAX], const char *a, const char *b)
{
    size_t len = 0;
    const char *const parts[] = {a, "/", b};
    for (unsigned i = 0; i < 3; i++) {
        for (const char *p = parts[i]; *p != '\0'; p++) {
            if (len == STORE_PATH_MAX - 1)
                lie("has a path longer than any may be");
            to[len++] = *p;
        }
    }
    to[len] = '\0';
}
