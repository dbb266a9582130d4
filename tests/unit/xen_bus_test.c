/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Xen's devices as a store tells of them: what changes while the program asks for something else
 * is not lost. The store is one of a few nodes, whose daemon works while the program waits for it;
 * the drivers only count.
 */
#include <check.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "xen.h"

#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>

#include "machine.h"
#include "match.h"
#include "unit.h"

#define NETS      2
#define NODES_MAX 32

enum { RUNNING, EXITED, ABORTED };

static struct xenstore_domain_interface rings;
static bool pending; /* the store's event channel */
static uint64_t now;
static jmp_buf end;
static unsigned lost[NETS], slept, lost_before_sleep;

struct machine machine;
static struct mft manifest;
volatile struct ext1_offer ext_offer;

/* ---- The store */

static struct node {
    char path[48], value[48], token[8];
    bool watched;
} nodes[NODES_MAX];

/* What the other side does: when the daemon has nothing to do, or before or after it answers a
 * request for (path). Once. */
static struct plan {
    enum { NEVER, IDLE, BEFORE, AFTER } when;
    const char *path;
    void (*act)(void);
} plan;

static struct node *node_at(const char *path)
{
    for (unsigned i = 0; i < NODES_MAX; i++) {
        if (nodes[i].path[0] == '\0')
            strcpy(nodes[i].path, path);
        if (strcmp(nodes[i].path, path) == 0)
            return &nodes[i];
    }
    abort();
}

static void say(uint32_t type, uint32_t id, const char *text, size_t len)
{
    struct xsd_sockmsg header = {.type = type, .req_id = id, .len = (uint32_t)len};
    for (size_t i = 0; i < sizeof header + len; i++)
        rings.rsp[MASK_XENSTORE_IDX(rings.rsp_prod++)] =
            i < sizeof header ? ((char *)&header)[i] : text[i - sizeof header];
    ck_assert_uint_le(rings.rsp_prod - rings.rsp_cons, XENSTORE_RING_SIZE);
    pending = true;
}

static void fire(const struct node *node)
{
    char text[64];
    size_t path_len = strlen(node->path) + 1, token_len = strlen(node->token) + 1;
    memcpy(text, node->path, path_len);
    memcpy(text + path_len, node->token, token_len);
    if (node->watched)
        say(XS_WATCH_EVENT, 0, text, path_len + token_len);
}

static void set(const char *path, const char *value)
{
    struct node *node = node_at(path);
    strcpy(node->value, value);
    fire(node);
}

static void do_plan(int when, const char *path)
{
    struct plan p = plan;
    if ((int)p.when != when || (path != NULL && strcmp(path, p.path) != 0))
        return;
    plan.when = NEVER;
    p.act();
}

static void answer(const struct xsd_sockmsg *header, char *payload)
{
    struct node *node;
    char *rest = payload + strlen(payload) + 1;
    do_plan(BEFORE, payload);
    switch (header->type) {
    case XS_DIRECTORY:
        say(header->type, header->req_id, "0\0001", strcmp(payload, "device/vif") == 0 ? 4 : 0);
        break;
    case XS_WATCH:
        node = node_at(payload);
        strcpy(node->token, rest);
        say(node->watched ? XS_ERROR : XS_WATCH, header->req_id, "", 0);
        if (!node->watched) {
            node->watched = true;
            fire(node);
        }
        break;
    case XS_WRITE:
        say(XS_WRITE, header->req_id, "OK", 3);
        set(payload, rest);
        break;
    default:
        node = node_at(payload);
        say(XS_READ, header->req_id, node->value, strlen(node->value));
    }
    do_plan(AFTER, payload);
}

static void daemon_turn(void)
{
    struct xsd_sockmsg header;
    char payload[64];
    if (rings.req_prod == rings.req_cons) {
        do_plan(IDLE, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof header; i++)
        ((char *)&header)[i] = rings.req[MASK_XENSTORE_IDX(rings.req_cons++)];
    ck_assert_uint_lt(header.len, sizeof payload);
    for (uint32_t i = 0; i < header.len; i++)
        payload[i] = rings.req[MASK_XENSTORE_IDX(rings.req_cons++)];
    payload[header.len] = '\0';
    answer(&header, payload);
}

/* ---- What bindings/xen finds beneath it */

void event_wait_port(uint32_t port, uint64_t ns)
{
    (void)port;
    now += ns;
    daemon_turn();
    pending = false;
}

void event_clear(void)
{
    pending = false;
}

/* Nobody does anything while the program sleeps. */
void event_wait(solo5_time_t deadline)
{
    if (pending)
        return;
    slept++;
    lost_before_sleep = lost[0] + lost[1];
    now = deadline;
}

solo5_time_t machine_clock_monotonic(void)
{
    return now++;
}

bool match_devices(const struct mft *mft, enum mft_type type, struct match_device *devices,
                   unsigned count, const struct device_word *words, unsigned word_count)
{
    (void)mft, (void)type, (void)words, (void)word_count;
    for (unsigned i = 0; i < count; i++)
        devices[i].taken = true, devices[i].handle = i + 1;
    return true;
}

bool hyper_parameter(unsigned index, uint64_t *value)
{
    (void)index;
    *value = 1;
    return true;
}

void *machine_map(uint64_t phys, size_t size, enum machine_memory memory)
{
    (void)phys, (void)size, (void)memory;
    return &rings;
}

void solo5_exit(int status)
{
    (void)status;
    longjmp(end, EXITED);
}

void solo5_abort(void)
{
    longjmp(end, ABORTED);
}

bool string_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool words_devices(char *cmdline, struct device_word *words, unsigned max, unsigned *count)
{
    (void)cmdline, (void)words, (void)max;
    *count = 0;
    return true;
}

const char *cmdline_parse(const char *cmdline)
{
    return cmdline;
}

struct mft *machine_manifest(void)
{
    return &manifest;
}

uint32_t hyper_port_for(uint16_t domain)
{
    return domain + 3u;
}

/* ---- The drivers */

static bool set_up(struct xen_device *dev)
{
    (void)dev;
    return true;
}

static bool begin(struct xen_device *dev, struct mft_entry *entry)
{
    (void)dev, (void)entry;
    return true;
}

static void is_lost(struct xen_device *dev)
{
    lost[dev->number]++;
}

static bool is_ready(struct xen_device *dev, bool before)
{
    (void)dev, (void)before;
    return false;
}

const struct xen_driver netfront = {
    .class = "vif",
    .noun = "network",
    .connected = XenbusStateConnected,
    .set_up = set_up,
    .start = begin,
    .lost = is_lost,
    .ready = is_ready,
};
const struct xen_driver blkfront = {.class = "vbd"};

/* ---- Tests */

static int open_bus(void)
{
    set("device/vif/0/backend-id", "0");
    set("device/vif/0/backend", "b0");
    set("device/vif/1/backend-id", "0");
    set("device/vif/1/backend", "b1");
    int how = setjmp(end);
    if (how != RUNNING)
        return how;
    store_init();
    bus_init(&manifest, machine.cmdline);
    control_init();
    return RUNNING;
}

static int wait_long(void)
{
    int how = setjmp(end);
    return how == RUNNING ? (int)target_wait(now + UINT64_C(1000000000000)) : how;
}

static void close_second(void)
{
    set("b1/state", "6");
}

static void shut_down(void)
{
    set("control/shutdown", "poweroff");
}

static void close_first_and_connect(void)
{
    set("b0/state", "6");
    set("b1/state", "4");
}

/* Also by an event that is in the ring before the answer, or comes after it has been read. */
static const int moments[] = {BEFORE, AFTER};

START_TEST(test_lost_together)
{
    set("b0/state", "4");
    set("b1/state", "4");
    ck_assert_int_eq(open_bus(), RUNNING);
    ck_assert_uint_eq(wait_long(), 0);
    ck_assert_uint_eq(slept, 1);
    ck_assert_uint_eq(lost_before_sleep, 0);

    plan = (struct plan){moments[_i], "device/vif/0/state", close_second};
    set("b0/state", "6");
    ck_assert_uint_eq(wait_long(), 0);
    ck_assert_uint_eq(slept, 2);
    ck_assert_uint_eq(lost_before_sleep, 2);
}
END_TEST

START_TEST(test_lost_and_shut_down)
{
    set("b0/state", "4");
    set("b1/state", "4");
    ck_assert_int_eq(open_bus(), RUNNING);
    plan = (struct plan){moments[_i], "device/vif/0/state", shut_down};
    set("b0/state", "6");
    ck_assert_int_eq(wait_long(), EXITED);
    ck_assert_uint_eq(slept, 0);
}
END_TEST

/* The first is connected, the second is waited for. */
START_TEST(test_lost_at_start)
{
    set("b0/state", "4");
    set("b1/state", "2");
    plan = (struct plan){IDLE, NULL, close_first_and_connect};
    ck_assert_int_eq(open_bus(), RUNNING);
    ck_assert_uint_eq(wait_long(), 0);
    ck_assert_uint_eq(lost[0], 1);
    ck_assert_uint_eq(lost[1], 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("xen_bus");
    TCase *tests = tcase_create("xen_bus");
    tcase_add_loop_test(tests, test_lost_together, 0, COUNT(moments));
    tcase_add_loop_test(tests, test_lost_and_shut_down, 0, COUNT(moments));
    tcase_add_test(tests, test_lost_at_start);
    suite_add_tcase(suite, tests);
    return suite;
}
