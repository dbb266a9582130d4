/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Registers of an x86_64 guest for gdb and for core files.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/procfs.h>

#include "debug.h"

const uint8_t debug_breakpoint[] = {0xcc}; /* int3 */
const size_t debug_breakpoint_size = sizeof debug_breakpoint;

/* What the bindings of Solo5 leave at the cookie of HALT. */
struct solo5_trap_frame {
    uint64_t cr2, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

static void apply_frame(struct vm *vm, uint64_t cookie, struct user_regs_struct *r)
{
    struct solo5_trap_frame theirs;
    struct hvt_trap_frame_x86_64 f;

    if (!vm->image.has_ext1) {
        if (gmem_read(&vm->gmem, cookie, &theirs, sizeof theirs) != 0)
            return;
        r->rip = theirs.rip;
        r->eflags = theirs.rflags;
        r->rsp = theirs.rsp;
        return;
    }
    if (gmem_read(&vm->gmem, cookie, &f, sizeof f) != 0)
        return;
    *r = (struct user_regs_struct){.r15 = f.r15,
                                   .r14 = f.r14,
                                   .r13 = f.r13,
                                   .r12 = f.r12,
                                   .rbp = f.rbp,
                                   .rbx = f.rbx,
                                   .r11 = f.r11,
                                   .r10 = f.r10,
                                   .r9 = f.r9,
                                   .r8 = f.r8,
                                   .rax = f.rax,
                                   .rcx = f.rcx,
                                   .rdx = f.rdx,
                                   .rsi = f.rsi,
                                   .rdi = f.rdi,
                                   .rip = f.rip,
                                   .cs = f.cs,
                                   .rsp = f.rsp,
                                   .ss = f.ss,
                                   .eflags = f.rflags,
                                   .orig_rax = r->orig_rax};
}

size_t debug_prstatus(struct vm *vm, uint64_t cookie, int pid, void *note)
{
    struct elf_prstatus *status = note;
    struct user_regs_struct regs = {.orig_rax = UINT64_MAX};
    struct kvm_regs k;

    if (ioctl(vm->cpu, KVM_GET_REGS, &k) == 0) {
        regs.r15 = k.r15, regs.r14 = k.r14, regs.r13 = k.r13, regs.r12 = k.r12;
        regs.r11 = k.r11, regs.r10 = k.r10, regs.r9 = k.r9, regs.r8 = k.r8;
        regs.rax = k.rax, regs.rbx = k.rbx, regs.rcx = k.rcx, regs.rdx = k.rdx;
        regs.rsi = k.rsi, regs.rdi = k.rdi, regs.rbp = k.rbp, regs.rsp = k.rsp;
        regs.rip = k.rip, regs.eflags = k.rflags, regs.cs = 8, regs.ss = 16;
    }
    if (cookie != 0)
        apply_frame(vm, cookie, &regs);
    memset(status, 0, sizeof *status);
    status->pr_pid = pid;
    _Static_assert(sizeof regs == sizeof status->pr_reg, "registers of a core file");
    memcpy(&status->pr_reg, &regs, sizeof regs);
    return sizeof *status;
}

/* gdb's order; GDB manual, "Standard Target Features", org.gnu.gdb.i386.core. */
#define GENERAL_COUNT 16
static const size_t general[GENERAL_COUNT] = {
    offsetof(struct kvm_regs, rax), offsetof(struct kvm_regs, rbx), offsetof(struct kvm_regs, rcx),
    offsetof(struct kvm_regs, rdx), offsetof(struct kvm_regs, rsi), offsetof(struct kvm_regs, rdi),
    offsetof(struct kvm_regs, rbp), offsetof(struct kvm_regs, rsp), offsetof(struct kvm_regs, r8),
    offsetof(struct kvm_regs, r9),  offsetof(struct kvm_regs, r10), offsetof(struct kvm_regs, r11),
    offsetof(struct kvm_regs, r12), offsetof(struct kvm_regs, r13), offsetof(struct kvm_regs, r14),
    offsetof(struct kvm_regs, r15)};
#define RIP_AT   (GENERAL_COUNT * 8)
#define FLAGS_AT (RIP_AT + 8)
#define SIZE     (FLAGS_AT + 4 + 6 * 4) /* the flags, then six selectors */

size_t debug_get_registers(struct vm *vm, uint8_t *bytes)
{
    struct kvm_regs regs;

    if (ioctl(vm->cpu, KVM_GET_REGS, &regs) != 0)
        return 0;
    memset(bytes, 0, SIZE);
    for (unsigned i = 0; i < GENERAL_COUNT; i++)
        memcpy(bytes + 8 * i, (const uint8_t *)&regs + general[i], 8);
    memcpy(bytes + RIP_AT, &regs.rip, 8);
    memcpy(bytes + FLAGS_AT, &regs.rflags, 4);
    return SIZE;
}

int debug_set_registers(struct vm *vm, const uint8_t *bytes, size_t len)
{
    struct kvm_regs regs;

    if (len < SIZE || ioctl(vm->cpu, KVM_GET_REGS, &regs) != 0)
        return -1;
    for (unsigned i = 0; i < GENERAL_COUNT; i++)
        memcpy((uint8_t *)&regs + general[i], bytes + 8 * i, 8);
    memcpy(&regs.rip, bytes + RIP_AT, 8);
    memcpy(&regs.rflags, bytes + FLAGS_AT, 4);
    return ioctl(vm->cpu, KVM_SET_REGS, &regs);
}

int debug_enable(struct vm *vm, bool step, const uint64_t *addrs, unsigned count)
{
    struct kvm_guest_debug debug = {
        .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP |
                   (step ? KVM_GUESTDBG_SINGLESTEP : 0) | (count ? KVM_GUESTDBG_USE_HW_BP : 0),
    };

    /* SDM vol. 3, 18.2.4: enabled for all tasks, at execution. */
    for (unsigned i = 0; i < count; i++) {
        debug.arch.debugreg[i] = addrs[i];
        debug.arch.debugreg[7] |= UINT64_C(2) << (2 * i);
    }
    return ioctl(vm->cpu, KVM_SET_GUEST_DEBUG, &debug);
}

void debug_disable(struct vm *vm)
{
    const struct kvm_guest_debug none = {0};

    ioctl(vm->cpu, KVM_SET_GUEST_DEBUG, &none);
}
