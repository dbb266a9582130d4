/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the client of xenstore says of a daemon that lies, lie by lie; and that one which does not
 * is understood.
 */
#include <check.h>
#include <string.h>

#include "fake.h"

#include <xen/io/xs_wire.h>

#include "unit.h"

/* What the daemon says to the next request: in the header, what is to be other than it should. */
static struct {
    uint32_t type; /* 0: that of the request */
    uint32_t id;   /* added to the request's */
    uint32_t len;  /* added to the payload's */
    const char *payload;
    uint32_t payload_len;
    bool event_first, silent;
    uint32_t produced; /* added to the index */
} plan;

static char asked[64]; /* payload of the request */

static void say_event(const char *path, const char *token)
{
    char text[64];
    size_t len = strlen(path) + 1 + strlen(token) + 1;
    memcpy(text, path, strlen(path) + 1);
    memcpy(text + strlen(path) + 1, token, strlen(token) + 1);
    struct xsd_sockmsg header = {.type = XS_WATCH_EVENT, .len = (uint32_t)len};
    fake_say(&header, sizeof header);
    fake_say(text, len);
}

static void daemon_turn(uint32_t port)
{
    struct xsd_sockmsg header;
    (void)port;
    if (plan.silent || fake_rings->req_prod == fake_rings->req_cons)
        return;
    for (size_t i = 0; i < sizeof header; i++)
        ((char *)&header)[i] = fake_rings->req[MASK_XENSTORE_IDX(fake_rings->req_cons++)];
    ck_assert_uint_eq(header.len, fake_rings->req_prod - fake_rings->req_cons);
    ck_assert_uint_lt(header.len, sizeof asked);
    for (uint32_t i = 0; i < header.len; i++)
        asked[i] = fake_rings->req[MASK_XENSTORE_IDX(fake_rings->req_cons++)];
    asked[header.len] = '\0';
    if (plan.event_first)
        say_event("device/vif/0", "5");
    header.type = plan.type != 0 ? plan.type : header.type;
    header.req_id += plan.id;
    header.len = plan.payload_len + plan.len;
    fake_say(&header, sizeof header);
    fake_say(plan.payload, plan.payload_len);
    fake_rings->rsp_prod += plan.produced;
}

static void open_store(const char *answer)
{
    fake_open_store(daemon_turn);
    memset(&plan, 0, sizeof plan);
    plan.payload = answer;
    plan.payload_len = (uint32_t)strlen(answer);
    store_init();
}

static const char *read_says(void)
{
    char text[16];
    if (setjmp(fake_end) == 0)
        store_read("path", text, sizeof text);
    return fake_lie;
}

START_TEST(test_reads)
{
    char text[8];
    uint64_t number;
    open_store("1234567");
    ck_assert(store_read("path", text, sizeof text));
    ck_assert_str_eq(text, "1234567");
    ck_assert_str_eq(asked, "path");
    ck_assert(store_read_number("path", &number));
    ck_assert_uint_eq(number, 1234567);
    plan.payload = "12345678", plan.payload_len = 8;
    ck_assert(!store_read("path", text, sizeof text)); /* does not fit */
    plan.payload = "18446744073709551616", plan.payload_len = 20;
    ck_assert(!store_read_number("path", &number));
    plan.type = XS_ERROR, plan.payload = "ENOENT", plan.payload_len = 7;
    ck_assert(!store_read("path", text, sizeof text));
    ck_assert(!store_write("path", "x"));
    ck_assert_uint_eq(store_list("path", text, sizeof text), 0);
    ck_assert_str_eq(fake_lie, "");
}
END_TEST

START_TEST(test_events)
{
    char text[8];
    open_store("x");
    plan.event_first = true;
    ck_assert(store_read("path", text, sizeof text));
    ck_assert_str_eq(text, "x");
    say_event("device/vif/1", "9");
    say_event("device/vif/1", "64");    /* no token of ours, */
    say_event("device/vif/1", "what?"); /* nor these */
    say_event("", "");
    ck_assert_uint_eq(store_changed(), 1 << 5 | 1 << 9);
    ck_assert_uint_eq(store_changed(), 0);
}
END_TEST

START_TEST(test_lies)
{
    open_store("x");
    plan.id = 1;
    ck_assert_str_eq(read_says(), "xenstore answers what was not asked");
    open_store("x");
    plan.type = XS_WRITE;
    ck_assert_str_eq(read_says(), "xenstore answers what was not asked");
    open_store("x");
    plan.len = XENSTORE_PAYLOAD_MAX;
    ck_assert_str_eq(read_says(), "xenstore sends a message longer than any may be");
    open_store("x");
    plan.len = UINT32_MAX;
    plan.payload_len = 0;
    ck_assert_str_eq(read_says(), "xenstore sends a message longer than any may be");
    open_store("x");
    plan.len = 1; /* the last byte does not come */
    ck_assert_str_eq(read_says(), "xenstore does not answer");
    open_store("x");
    plan.silent = true;
    ck_assert_str_eq(read_says(), "xenstore does not answer");
    open_store("x");
    plan.produced = XENSTORE_RING_SIZE;
    ck_assert_str_eq(read_says(), "xenstore has more in its ring than fits");
    open_store("x");
    ck_assert_str_eq(read_says(), "");
    fake_rings->req_cons++;
    ck_assert_str_eq(read_says(), "xenstore has taken more than there was");
}
END_TEST

START_TEST(test_unasked)
{
    struct xsd_sockmsg header = {.type = XS_READ};
    open_store("x");
    fake_say(&header, sizeof header);
    if (setjmp(fake_end) == 0)
        store_changed();
    ck_assert_str_eq(fake_lie, "xenstore answers what was not asked");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("xen_store_lies");
    TCase *tests = tcase_create("xen_store_lies");
    tcase_add_test(tests, test_reads);
    tcase_add_test(tests, test_events);
    tcase_add_test(tests, test_lies);
    tcase_add_test(tests, test_unasked);
    suite_add_tcase(suite, tests);
    return suite;
}
