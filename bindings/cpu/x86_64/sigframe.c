/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The way of a trap to trap_handle where the host delivers it as a signal: the handler named in the
 * image's EXT1 note. Linux puts the processor's own vector, error code and CR2 into the context.
 */
#include "bindings.h"

#include "arch.h"

/* The part of Linux's ucontext_t that is read here (asm/sigcontext.h, struct sigcontext_64). */
struct signal_context {
    uint64_t flags, link, stack[3];
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, vector, old_mask, cr2;
};
_Static_assert(offsetof(struct signal_context, r8) == 40, "linux/uapi, struct ucontext");
_Static_assert(offsetof(struct signal_context, cr2) == 216, "linux/uapi, struct sigcontext_64");

void trap_signal(int signo, const void *info,
                 const struct signal_context *c) __asm__("arch_trap_entry")
    __attribute__((noreturn));

void trap_signal(int signo, const void *info, const struct signal_context *c)
{
    (void)signo;
    (void)info;
    const struct hvt_trap_frame_x86_64 regs = {
        .cr2 = c->cr2,
        .r15 = c->r15,
        .r14 = c->r14,
        .r13 = c->r13,
        .r12 = c->r12,
        .r11 = c->r11,
        .r10 = c->r10,
        .r9 = c->r9,
        .r8 = c->r8,
        .rbp = c->rbp,
        .rdi = c->rdi,
        .rsi = c->rsi,
        .rdx = c->rdx,
        .rcx = c->rcx,
        .rbx = c->rbx,
        .rax = c->rax,
        .vector = c->vector,
        .error = c->error,
        .rip = c->rip,
        .cs = c->cs,
        .rflags = c->eflags,
        .rsp = c->rsp,
        .ss = c->ss,
    };
    const struct trap_frame frame = {regs};
    trap_handle(&frame);
}
