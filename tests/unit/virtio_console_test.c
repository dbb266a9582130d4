/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Output to a console device (bindings/virtio/console.c) that has ports: which of them it is
 * written to, and what the device is told before.
 */
#include <string.h>

#include "bindings.h"
#include "probe.h"
#include "unit.h"
#include "virtio_fake.h"

#define MULTIPORT        FAKE_BIT(1)
#define TRANSMIT         1
#define CONTROL_RECEIVE  2
#define CONTROL_TRANSMIT 3
#define SECOND_NS        UINT64_C(1000000000)
#define FIRST_PORTS      40

/* virtio 1.2, 5.3.6.2 */
struct message {
    uint32_t port;
    uint16_t event, value;
};
enum { DEVICE_READY, DEVICE_ADD, PORT_READY = 3, PORT_OPEN = 6 };

static struct fake fake;
static uint32_t ports[100]; /* in the order in which the device tells of them */
static unsigned port_count, told;
static bool listened, ready, opened;
static char output[64];

/* The device takes so long to tell of each port after the first ones. */
static solo5_time_t pause_ns, next_tell;

void fake_broken(const char *why)
{
    ck_abort_msg("%s", why);
}

static void hear(const struct message *m)
{
    if (m->event == DEVICE_READY)
        listened = true;
    else if (m->event == PORT_READY && m->port == 0)
        ready = true;
    else if (m->event == PORT_OPEN && m->port == 0)
        opened = ready;
    else
        ck_abort_msg("port %u is told %u", m->port, m->event);
    ck_assert_uint_eq(m->value, 1);
}

/* Tells of as many ports as there is room for. */
static void tell(void)
{
    struct fake_chain chain;
    while (listened && told < port_count && fake_now >= next_tell &&
           fake_next(&fake, CONTROL_RECEIVE, &chain)) {
        struct message m = {ports[told++], DEVICE_ADD, 0};
        memcpy((void *)chain.piece[0].addr, &m, sizeof m);
        fake_return(&fake, CONTROL_RECEIVE, &chain, sizeof m);
        if (told > FIRST_PORTS)
            next_tell = fake_now + pause_ns;
    }
}

static void device(void)
{
    struct fake_chain chain;
    if (fake_next(&fake, CONTROL_TRANSMIT, &chain)) {
        hear((const struct message *)chain.piece[0].addr);
        tell();
        fake_return(&fake, CONTROL_TRANSMIT, &chain, 0);
    }
    tell();
    if (fake_next(&fake, TRANSMIT, &chain)) {
        ck_assert_uint_lt(strlen(output) + chain.piece[0].len, sizeof output);
        strncat(output, (const char *)chain.piece[0].addr, chain.piece[0].len);
        fake_return(&fake, TRANSMIT, &chain, 0);
    }
}

static void open(uint64_t features)
{
    fake_reset();
    fake_init(&fake, VIRTIO_TYPE_CONSOLE, FAKE_BIT(VIRTIO_F_VERSION_1) | features);
    fake.queues = features & MULTIPORT ? 4 : 2;
    fake.queue_max = 64;
    fake_at_each_look = device;
    fake_tick = 1000;
    console_device(&fake.dev);
}

START_TEST(without_ports)
{
    open(0);
    ck_assert(console_write("Hello", 5));
    ck_assert_str_eq(output, "Hello");
}
END_TEST

static void finds_first_port(void)
{
    open(MULTIPORT);
    ck_assert(ready && opened);
    ck_assert(console_write("Hello", 5));
    ck_assert_str_eq(output, "Hello");
}

START_TEST(first_port)
{
    ports[port_count++] = 0;
    finds_first_port();
}
END_TEST

/* After more than there are messages for, of numbers that no table has. */
START_TEST(first_port_last)
{
    for (unsigned i = 0; i < 70; i++)
        ports[port_count++] = i % 2 ? 1000000 + i : 31 + i;
    ports[port_count++] = 0;
    finds_first_port();
}
END_TEST

START_TEST(no_first_port)
{
    for (unsigned i = 0; i < 70; i++)
        ports[port_count++] = i + 1;
    open(MULTIPORT);
    ck_assert(!ready && !opened);
    ck_assert(!console_write("Hello", 5));
    ck_assert_str_eq(output, "");
    ck_assert_uint_eq(fake.resets, 1);
}
END_TEST

/* One that goes on and on is not listened to for longer than one that says nothing. */
START_TEST(many_ports_slowly)
{
    for (unsigned i = 0; i < 70; i++)
        ports[port_count++] = i + 1;
    pause_ns = SECOND_NS / 2;
    open(MULTIPORT);
    ck_assert(!ready && !opened);
    ck_assert_uint_lt(fake_now, 3 * SECOND_NS);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_console");
    TCase *tc = tcase_create("console");
    tcase_add_test(tc, without_ports);
    tcase_add_test(tc, first_port);
    tcase_add_test(tc, first_port_last);
    tcase_add_test(tc, no_first_port);
    tcase_add_test(tc, many_ports_slowly);
    suite_add_tcase(suite, tc);
    return suite;
}
