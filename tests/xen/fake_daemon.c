/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The other side of the store's rings, for bindings/xen/store.c: what it says is the test's.
 */
#include <string.h>

#include "fake.h"

#include <xen/io/xs_wire.h>

struct xenstore_domain_interface *fake_rings;

void fake_open_store(void (*turn)(uint32_t port))
{
    fake_reset();
    fake_mapped = fake_rings = fake_memory(XEN_PAGE);
    memset(fake_rings, 0, sizeof *fake_rings);
    fake_notified = turn;
}

void fake_say(const void *data, size_t size)
{
    const char *from = data;
    struct xenstore_domain_interface *rings = fake_rings;
    while (size-- != 0 && rings->rsp_prod - rings->rsp_cons < XENSTORE_RING_SIZE)
        rings->rsp[MASK_XENSTORE_IDX(rings->rsp_prod++)] = *from++;
}
