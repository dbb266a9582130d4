/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whether KVM works: see kvm_usable.h. A guest in long mode computes with SSE, hands the result out
 * through a port, then reads an address that is not mapped, which must end in a triple fault. Some
 * emulations answer the whole interface of KVM and fail in one or the other.
 */
#include "kvm_usable.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY_SIZE   0x200000
#define PML4          0x2000
#define PDPT          0x3000
#define PD            0x4000
#define CODE          0x10000
#define PORT          0x501
#define PAGE_RW       0x3  /* present, writable */
#define PAGE_RW_LARGE 0x83 /* and of 2 MiB */

#define CR0_PE_MP_ET_NE_WP_PG 0x80010033
#define CR4_PAE_OSFXSR        0x620 /* and OSXMMEXCPT */
#define EFER_LME_LMA          0x500

static const uint8_t guest_code[] = {
    0x66, 0x48, 0x0f,        0x6e,      0xc0,             /* movq %rax, %xmm0 */
    0x66, 0x0f, 0xd4,        0xc0,                        /* paddq %xmm0, %xmm0 */
    0x66, 0x48, 0x0f,        0x7e,      0xc0,             /* movq %xmm0, %rax */
    0x66, 0xba, PORT & 0xff, PORT >> 8, 0xef,             /* mov $PORT, %dx; out %eax, %dx */
    0x48, 0x8b, 0x04,        0x25,      0,    0, 0, 0x40, /* mov 0x40000000, %rax */
    0xf4,                                                 /* hlt */
};

static void load_guest(uint8_t *memory)
{
    static const uint64_t tables[][2] = {
        {PML4, PDPT | PAGE_RW},
        {PDPT, PD | PAGE_RW},
        {PD, PAGE_RW_LARGE},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        memcpy(memory + tables[i][0], &tables[i][1], sizeof tables[i][1]);
    }
    memcpy(memory + CODE, guest_code, sizeof guest_code);
}

/* Returns false when KVM refuses. */
static bool start_in_long_mode(int vcpu)
{
    struct kvm_segment flat = {.limit = 0xffffffff, .selector = 8, .type = 11, .present = 1};
    struct kvm_regs regs = {.rip = CODE, .rax = 21, .rflags = 2};
    struct kvm_sregs sregs;

    if (ioctl(vcpu, KVM_GET_SREGS, &sregs) != 0)
        return false;
    sregs.cr0 = CR0_PE_MP_ET_NE_WP_PG;
    sregs.cr3 = PML4;
    sregs.cr4 = CR4_PAE_OSFXSR;
    sregs.efer = EFER_LME_LMA;
    flat.s = flat.l = flat.g = 1;
    sregs.cs = flat;
    flat.selector = 16;
    flat.type = 3;
    flat.l = 0;
    flat.db = 1;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = flat;
    return ioctl(vcpu, KVM_SET_SREGS, &sregs) == 0 && ioctl(vcpu, KVM_SET_REGS, &regs) == 0;
}

static const char *run(int vcpu, struct kvm_run *state)
{
    uint32_t result;

    if (!start_in_long_mode(vcpu) || ioctl(vcpu, KVM_RUN, NULL) != 0)
        return "a guest does not start";
    if (state->exit_reason != KVM_EXIT_IO || state->io.port != PORT)
        return "a guest cannot use SSE";
    memcpy(&result, (uint8_t *)state + state->io.data_offset, sizeof result);
    if (result != 42)
        return "a guest computes wrongly with SSE";
    if (ioctl(vcpu, KVM_RUN, NULL) != 0 || state->exit_reason != KVM_EXIT_SHUTDOWN)
        return "a guest's fault does not reach the guest";
    return NULL;
}

static const char *try_vm(int kvm, int vm, uint8_t *memory)
{
    struct kvm_userspace_memory_region region = {.memory_size = MEMORY_SIZE,
                                                 .userspace_addr = (uintptr_t)memory};
    int vcpu, state_len = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);
    const char *reason = "its shared page cannot be mapped";
    struct kvm_run *state;

    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) != 0 || state_len < 0)
        return "it takes no memory";
    load_guest(memory);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, NULL);
    if (vcpu < 0)
        return "it makes no processor";
    state = mmap(NULL, (size_t)state_len, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (state != MAP_FAILED) {
        reason = run(vcpu, state);
        munmap(state, (size_t)state_len);
    }
    close(vcpu);
    return reason;
}

const char *kvm_unusable(void)
{
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, NULL);
    const char *reason = kvm < 0 ? "it cannot be opened" : "it makes no machine";
    uint8_t *memory;

    if (vm >= 0) {
        memory =
            mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        reason = memory == MAP_FAILED ? "no memory for a guest" : try_vm(kvm, vm, memory);
        if (memory != MAP_FAILED)
            munmap(memory, MEMORY_SIZE);
        close(vm);
    }
    if (kvm >= 0)
        close(kvm);
    return reason;
}
