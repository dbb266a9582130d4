/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the common code of the tenders must know of the processor: x86_64.
 */
#ifndef TENDERS_COMMON_MACHINE_H
#define TENDERS_COMMON_MACHINE_H

#include <elf.h>
#include <linux/audit.h>

#define MACHINE_ELF   EM_X86_64
#define MACHINE_AUDIT AUDIT_ARCH_X86_64

/* In a loop that waits for another processor: SDM vol. 2, PAUSE. */
static inline void machine_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

#endif
