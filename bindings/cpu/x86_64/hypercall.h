/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A call to the tender of a virtual machine: a 32-bit write of the argument block's address to a
 * port.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include "hvt_abi.h"

static inline void hypercall(enum hvt_hypercall number, const volatile void *arg)
{
    __asm__ volatile("outl %0, %1"
                     :
                     : "a"((uint32_t)(uintptr_t)arg),
                       "d"((uint16_t)(HVT_HYPERCALL_PIO_BASE + number))
                     : "memory");
}

/* Notifies the tender of a queue; any value does. */
static inline void ring_kick(unsigned queue)
{
    __asm__ volatile("outl %%eax, %0"
                     :
                     : "d"((uint16_t)(HVT_RING_KICK_PIO_BASE + queue))
                     : "memory");
}

#endif
