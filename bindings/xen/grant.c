/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The grant table, version 1 (xen/grant_table.h): entries that are not in use are a stack. An entry
 * is Xen's while it is granted: only its flags say whether a domain still has the page.
 */
#include "xen.h"

#include <xen/grant_table.h>

#include "machine.h"

#define PER_PAGE (XEN_PAGE / sizeof(grant_entry_v1_t))

static grant_entry_v1_t *table;
static uint32_t *unused;
static unsigned unused_count;

void grant_init(unsigned wanted)
{
    unsigned max = hyper_grant_pages_max();
    unsigned pages = (wanted + GNTTAB_NR_RESERVED_ENTRIES + PER_PAGE - 1) / PER_PAGE;
    if (pages > max)
        pages = max;
    unsigned total = pages * PER_PAGE;
    unused_count = 0;
    table = xen_pages(pages);
    unused = xen_pages((total * sizeof *unused + XEN_PAGE - 1) / XEN_PAGE);
    for (unsigned i = 0; i < pages; i++) {
        if (!hyper_map_grants(i, (uint8_t *)table + (size_t)i * XEN_PAGE)) {
            total = i * PER_PAGE;
            break;
        }
    }
    for (unsigned i = total; i > GNTTAB_NR_RESERVED_ENTRIES; i--)
        unused[unused_count++] = i - 1;
}

uint32_t grant_page(uint16_t domain, const volatile void *addr, bool readonly)
{
    size_t size = 1;
    uint64_t frame = machine_phys(addr, &size, !readonly) / XEN_PAGE;
    if (unused_count == 0 || frame > UINT32_MAX)
        return GRANT_NONE;
    uint32_t ref = unused[--unused_count];
    table[ref].domid = domain;
    table[ref].frame = (uint32_t)frame;
    uint16_t flags = GTF_permit_access | (readonly ? GTF_readonly : 0);
    __atomic_store_n(&table[ref].flags, flags, __ATOMIC_RELEASE);
    return ref;
}

/* Returns the flags that there were, or 0: the other domain uses the page. */
static uint16_t revoke(uint32_t ref)
{
    uint16_t flags = __atomic_load_n(&table[ref].flags, __ATOMIC_RELAXED);
    do {
        if (flags & (GTF_reading | GTF_writing))
            return 0;
    } while (!__atomic_compare_exchange_n(&table[ref].flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    return flags;
}

bool grant_take_back(uint32_t ref)
{
    if (revoke(ref) == 0)
        return false;
    unused[unused_count++] = ref;
    return true;
}

void grant_end(uint32_t ref, const char *who)
{
    if (!grant_take_back(ref))
        xen_lie(who, "says that it is done with a page, and has it still");
}

bool grant_move(uint32_t ref, uint16_t domain)
{
    if (table[ref].domid == domain)
        return true;
    uint16_t flags = revoke(ref);
    if (flags == 0)
        return false;
    table[ref].domid = domain;
    __atomic_store_n(&table[ref].flags, flags, __ATOMIC_RELEASE);
    return true;
}

unsigned grant_free_count(void)
{
    return unused_count;
}
