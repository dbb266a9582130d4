/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * irq.h: interrupts, which do nothing but end a sleep. They are off but for the moment of irq_wait:
 * what comes before stays pending at the interrupt controller and ends the next sleep at once, so
 * that no wake-up is lost between the last look at the rings and the sleep. The handler, one for
 * all vectors, acknowledges at the controller and returns with interrupts off again; a device that
 * holds its line (level) must be acknowledged by its driver before the next sleep, which ends at
 * once otherwise.
 */
#ifndef IRQ_H
#define IRQ_H

#include "bindings.h"

/* Sets the local APIC up and masks the old controllers and its own two pins. Lines of the I/O APIC
 * stay as the loader left them: one that is not masked can only end sleeps. To be called once
 * before anything below. Returns false when the processor has no local APIC: irq_wait then polls.
 */
bool irq_init(void);

/* The message of a device: what is written into an MSI capability or an MSI-X table. It may be the
 * same for all, since nobody asks which it was. */
void irq_message(uint64_t *addr, uint32_t *data);

enum irq_trigger { IRQ_LEVEL_HIGH, IRQ_LEVEL_LOW };

/* Connects the line (gsi) of the I/O APIC. Returns false when there is no such line. */
bool irq_connect(unsigned gsi, enum irq_trigger trigger);

/* Sleeps until an interrupt has come since the last call, or until (deadline), a time of
 * machine_clock_monotonic. It may return early: the caller looks at its devices and the clock, and
 * calls again. */
void irq_wait(solo5_time_t deadline);

#endif
