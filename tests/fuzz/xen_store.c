/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The client of xenstore against a daemon that says what the input says. Every call ends: with a
 * result that is within what was given for it, or with a lie that was found.
 */
#include "fuzz.h"
#include "input.h"

#include "fake.h"

#include <string.h>
#include <xen/io/xs_wire.h>

#define CALLS 8

static struct input input;

/* A header that is nearly right, a payload that is anything, an index that may be nonsense. */
static void daemon_turn(uint32_t port)
{
    static uint32_t id;
    struct xsd_sockmsg header;
    (void)port;
    uint8_t kind = next8(&input);
    if (fake_rings->req_prod != fake_rings->req_cons &&
        fake_rings->req_prod - fake_rings->req_cons >= sizeof header) {
        for (size_t i = 0; i < sizeof header; i++)
            ((char *)&header)[i] = fake_rings->req[MASK_XENSTORE_IDX(fake_rings->req_cons + i)];
        id = header.req_id;
        fake_rings->req_cons = fake_rings->req_prod;
        header.len = next8(&input) & 31;
        if (kind & 1)
            header.len = next8(&input) * 32u;
        if (kind & 2)
            header.type = kind & 4 ? XS_WATCH_EVENT : XS_ERROR;
        if (kind == 0xff)
            header.req_id = id + next8(&input);
        fake_say(&header, sizeof header);
        for (uint32_t i = 0; i < header.len && i < XENSTORE_RING_SIZE; i++) {
            uint8_t byte = next8(&input);
            fake_say(&byte, 1);
        }
    } else if (kind > 250) {
        fake_rings->rsp_prod += next8(&input);
    } else if (kind > 245) {
        fake_rings->req_cons -= next8(&input);
    } else {
        for (unsigned i = kind & 15; i != 0; i--) {
            uint8_t byte = next8(&input);
            fake_say(&byte, 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[24], names[64], path[STORE_PATH_MAX];
    uint64_t number;

    input = (struct input){data, size};
    fake_open_store(daemon_turn);
    if (setjmp(fake_end) != 0)
        return 0;
    store_init();
    for (unsigned i = 0; i < CALLS && input.size != 0; i++) {
        switch (next8(&input) % 6) {
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
