/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the drivers of bindings/xen find beneath them in a test: memory of which every page has a
 * number, a table of grants, a store that is an array, and a clock that goes on when one waits.
 */
#ifndef TESTS_XEN_FAKE_H
#define TESTS_XEN_FAKE_H

#include <setjmp.h>

#include "xen.h"

extern jmp_buf fake_end;    /* where the program's end leads */
extern char fake_lie[160];  /* what xen_lie said last, or nothing, */
extern char fake_lost[160]; /* and why bus_lose was called */
extern void (*fake_notified)(uint32_t port);
extern void (*fake_while_waiting)(void);
extern uint64_t fake_now;

/* All as it was before the first test; what was given out is free. */
void fake_reset(void);

/* (size) bytes that can be granted; a byte before or behind them is a finding of the sanitizer. */
void *fake_memory(size_t size);

/* The page that is granted by (ref) to domain 0, (writable) or not; NULL: none is. */
uint8_t *fake_granted(uint32_t ref, bool writable);

/* What hyper_parameter and machine_map tell of a page that the machine has, whichever is asked for;
 * after fake_reset 1, and NULL: it cannot be had. */
extern uint64_t fake_parameter;
extern void *fake_mapped;

/* Marks a grant as in use by the other domain. */
void fake_use_grant(uint32_t ref);

/* And as done with. */
void fake_end_use(uint32_t ref);

/* A node of the backend or of ours; NULL: it is gone. */
void fake_node(const char *path, const char *value);

/* What was written to ours. */
uint64_t fake_written(const char *key);

/* fake_net.c: the buffer that all packets are received into; NULL: none is posted. */
extern const struct net_buffer *fake_posted;

/* fake_daemon.c: the store's rings, in the place of fake_store.c: all is as fake_reset leaves it,
 * and (turn) is called when the daemon is to look. What it says goes as far as there is room. */
struct xenstore_domain_interface;
extern struct xenstore_domain_interface *fake_rings;
void fake_open_store(void (*turn)(uint32_t port));
void fake_say(const void *data, size_t size);

/* The one device there is, handle 1. */
extern struct xen_device fake_device;

#endif
