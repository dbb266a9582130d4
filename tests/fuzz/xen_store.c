/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The client of xenstore against a daemon that says what the input says. Every call ends: with a
 * result that is within what was given for it, or with a lie that was found.
 */
#include "fuzz.h"

#include "fake.h"

#include <string.h>
#include <xen/io/xs_wire.h>

#include "machine.h"

#define CALLS 8

const char solo5_wants_net_offload[1];

static const uint8_t *input;
static size_t input_len;
static struct xenstore_domain_interface *page;

static uint8_t take(void)
{
    if (input_len == 0)
        return 0;
    input_len--;
    return *input++;
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
    return page;
}

static void say(const void *data, size_t size)
{
    const uint8_t *from = data;
    while (size-- != 0 && page->rsp_prod - page->rsp_cons < XENSTORE_RING_SIZE)
        page->rsp[MASK_XENSTORE_IDX(page->rsp_prod++)] = (char)*from++;
}

/* A header that is nearly right, a payload that is anything, an index that may be nonsense. */
static void daemon_turn(uint32_t port)
{
    static uint32_t id;
    struct xsd_sockmsg header;
    (void)port;
    uint8_t kind = take();
    if (page->req_prod != page->req_cons && page->req_prod - page->req_cons >= sizeof header) {
        for (size_t i = 0; i < sizeof header; i++)
            ((char *)&header)[i] = page->req[MASK_XENSTORE_IDX(page->req_cons + i)];
        id = header.req_id;
        page->req_cons = page->req_prod;
        header.len = take() & 31;
        if (kind & 1)
            header.len = take() * 32u;
        if (kind & 2)
            header.type = kind & 4 ? XS_WATCH_EVENT : XS_ERROR;
        if (kind == 0xff)
            header.req_id = id + take();
        say(&header, sizeof header);
        for (uint32_t i = 0; i < header.len && i < XENSTORE_RING_SIZE; i++) {
            uint8_t byte = take();
            say(&byte, 1);
        }
    } else if (kind > 250) {
        page->rsp_prod += take();
    } else if (kind > 245) {
        page->req_cons -= take();
    } else {
        for (unsigned i = kind & 15; i != 0; i--) {
            uint8_t byte = take();
            say(&byte, 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[24], names[64], path[STORE_PATH_MAX];
    uint64_t number;

    input = data, input_len = size;
    fake_reset();
    page = fake_memory(XEN_PAGE);
    memset(page, 0, sizeof *page);
    fake_notified = daemon_turn;
    if (setjmp(fake_end) != 0)
        return 0;
    store_init();
    for (unsigned i = 0; i < CALLS && input_len != 0; i++) {
        switch (take() % 6) {
        case 0:
            FUZZ_CHECK(!store_read("a", text, sizeof text) || strlen(text) < sizeof text);
            break;
        case 1:
            store_read_number("device/vif/0/mtu", &number);
            break;
        case 2:
            store_write("b", "c");
            break;
        case 3: {
            size_t len = store_list("device", names, sizeof names);
            FUZZ_CHECK(len < sizeof names && (len == 0 || names[len] == '\0'));
            break;
        }
        case 4:
            store_watch("control/shutdown", 0);
            store_changed();
            break;
        case 5:
            store_path(path, "x", "y");
            store_write_number(path, UINT64_MAX);
        }
    }
    return 0;
}
