/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * xencall.h: a call of Xen (xen/include/public/arch-x86/xen-x86_64.h): number in RAX, arguments in
 * RDI, RSI, RDX; and how Xen says on this processor that it is there.
 */
#ifndef XENCALL_H
#define XENCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "processor.h"

/* Whether the processor is one that calls by VMMCALL: "AuthenticAMD", "HygonGenuine". */
static inline bool xencall_by_vmmcall(void)
{
    struct cpuid r = cpuid(0, 0);
    return (r.ebx == 0x68747541 && r.edx == 0x69746e65 && r.ecx == 0x444d4163) ||
           (r.ebx == 0x6f677948 && r.edx == 0x6e65476e && r.ecx == 0x656e6975);
}

/* Whether Xen is there: "XenVMMXenVMM" at one of the leaves where a hypervisor may be
 * (xen/include/public/arch-x86/cpuid.h). */
static inline bool xencall_is_xen(void)
{
    for (uint32_t leaf = 0x40000000; leaf < 0x40010000; leaf += 0x100) {
        struct cpuid r = cpuid(leaf, 0);
        if (r.ebx == 0x566e6558 && r.ecx == 0x65584d4d && r.edx == 0x4d4d566e)
            return true;
    }
    return false;
}

static inline long xencall(bool vmmcall, unsigned long number, unsigned long a, unsigned long b,
                           unsigned long c)
{
    long result;
    if (vmmcall)
        __asm__ volatile("vmmcall"
                         : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
                         : "a"(number)
                         : "memory");
    else
        __asm__ volatile("vmcall"
                         : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
                         : "a"(number)
                         : "memory");
    return result;
}

/* The same from 32-bit code, without the result; (b) lies below 4 GiB: xencall32.S. */
void xencall_from_32_bits(bool vmmcall, uint32_t number, uint32_t a, const void *b);

/* Nothing is to be expected any more. */
static inline void xencall_stop(void)
{
    __asm__ volatile("cli; hlt");
}

/* Copies between the program's memory and pages of our own, eight bytes at a time. */
static inline void xencall_copy(void *to, const volatile void *from, uint64_t size)
{
    uint64_t words = size / 8;
    __asm__ volatile("rep movsq\n\tmovq %3, %%rcx\n\trep movsb"
                     : "+D"(to), "+S"(from), "+&c"(words)
                     : "r"(size % 8)
                     : "memory");
}

#endif
