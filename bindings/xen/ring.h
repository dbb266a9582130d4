/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * ring.h: the two moments at which the halves of a ring might miss one another (xen/io/ring.h):
 * each writes first and looks afterwards, so that at least one of them sees the other.
 */
#ifndef RING_H
#define RING_H

#include "xen.h"

/* Lets the backend see what was added since (old), and tells it, if it wants to know. */
static inline void ring_tell(const struct xen_device *dev, uint32_t *produced,
                             const uint32_t *event, uint32_t old, uint32_t now)
{
    if (old == now)
        return;
    __atomic_store_n(produced, now, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (now - __atomic_load_n(event, __ATOMIC_RELAXED) < now - old)
        hyper_notify(dev->port);
}

/* Asks to be told of the answer after those that were (taken). True: it is there already. */
static inline bool ring_ask(const uint32_t *produced, uint32_t *event, uint32_t taken)
{
    __atomic_store_n(event, taken + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(produced, __ATOMIC_ACQUIRE) != taken;
}

#endif
