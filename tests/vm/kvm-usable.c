/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Decides whether this machine's /dev/kvm runs guests as a processor would: a
 * guest in long mode computes with SSE, hands the result out through a port,
 * then reads an address that is not mapped, which must end in a triple fault.
 * Some emulations answer the whole interface of KVM and fail in one or the
 * other. Status 0: usable. 1: not, with the reason on standard output.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
#define PATIENCE_SEC  5
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

__attribute__((noreturn)) static void unusable(const char *reason)
{
    printf("/dev/kvm is not usable: %s\n", reason);
    exit(1);
}

static int checked_ioctl(int fd, unsigned long request, void *argument, const char *name)
{
    int result = ioctl(fd, request, argument);
    if (result < 0) {
        unusable(name);
    }
    return result;
}

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

static void start_in_long_mode(int vcpu)
{
    struct kvm_sregs sregs;
    checked_ioctl(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS fails");
    sregs.cr0 = CR0_PE_MP_ET_NE_WP_PG;
    sregs.cr3 = PML4;
    sregs.cr4 = CR4_PAE_OSFXSR;
    sregs.efer = EFER_LME_LMA;
    struct kvm_segment flat = {.limit = 0xffffffff, .selector = 8, .type = 11, .present = 1};
    flat.s = flat.l = flat.g = 1;
    sregs.cs = flat;
    flat.selector = 16;
    flat.type = 3;
    flat.l = 0;
    flat.db = 1;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = flat;
    checked_ioctl(vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS fails");
    struct kvm_regs regs = {.rip = CODE, .rax = 21, .rflags = 2};
    checked_ioctl(vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS fails");
}

int main(void)
{
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm == -1) {
        unusable("cannot be opened");
    }
    alarm(PATIENCE_SEC);
    int vm = checked_ioctl(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM fails");
    uint8_t *memory =
        mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        unusable("no memory for a guest");
    }
    struct kvm_userspace_memory_region region = {.memory_size = MEMORY_SIZE,
                                                 .userspace_addr = (uintptr_t)memory};
    checked_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION fails");
    load_guest(memory);

    int vcpu = checked_ioctl(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU fails");
    size_t run_len = (size_t)checked_ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "no shared page");
    struct kvm_run *run = mmap(NULL, run_len, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED) {
        unusable("its shared page cannot be mapped");
    }
    start_in_long_mode(vcpu);

    checked_ioctl(vcpu, KVM_RUN, NULL, "KVM_RUN fails");
    if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT) {
        unusable("a guest cannot use SSE");
    }
    uint32_t result;
    memcpy(&result, (uint8_t *)run + run->io.data_offset, sizeof result);
    if (result != 42) {
        unusable("a guest computes wrongly with SSE");
    }
    checked_ioctl(vcpu, KVM_RUN, NULL, "KVM_RUN fails");
    if (run->exit_reason != KVM_EXIT_SHUTDOWN) {
        unusable("a guest's fault does not reach the guest");
    }
    return 0;
}
