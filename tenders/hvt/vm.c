/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The virtual machine: making it, running it, and what to say when it stops other than by a
 * hypercall. Documentation/virt/kvm/api.rst of Linux.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int explain_kvm(struct error *error)
{
    switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return error_set(error,
                         "/dev/kvm: %s; this machine has no KVM, or its module is not "
                         "loaded: modprobe kvm_intel or kvm_amd; an image linked for spt "
                         "runs without, under solo5-spt",
                         strerror(errno));
    case EACCES:
    case EPERM:
        return error_set(error, "/dev/kvm: permission denied; add yourself to group kvm: usermod "
                                "-aG kvm $USER, and log in again");
    default:
        return error_set(error, "/dev/kvm: %s", strerror(errno));
    }
}

static int open_kvm(struct vm *vm, struct error *error)
{
    int version;

    vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (vm->kvm < 0)
        return explain_kvm(error);
    version = ioctl(vm->kvm, KVM_GET_API_VERSION, 0);
    if (version != KVM_API_VERSION)
        return error_set(error, "/dev/kvm: has version %d of its interface, not %d", version,
                         KVM_API_VERSION);
    vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
    if (vm->fd < 0)
        return error_set(error, "/dev/kvm: cannot make a virtual machine: %s%s", strerror(errno),
                         errno == EBUSY ? "; another hypervisor has the processor" : "");
    return 0;
}

static int create_cpu(struct vm *vm, struct error *error)
{
    int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

    vm->cpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
    if (vm->cpu < 0 || size < (int)sizeof *vm->run)
        return error_set(error, "/dev/kvm: cannot make a processor: %s", strerror(errno));
    vm->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->cpu, 0);
    if (vm->run == MAP_FAILED)
        return error_set(error, "/dev/kvm: cannot map the processor: %s", strerror(errno));
    return 0;
}

int vm_create(struct vm *vm, struct error *error)
{
    struct kvm_userspace_memory_region region = {
        .memory_size = vm->gmem.end + cpu_tables_size(vm->gmem.end),
        .userspace_addr = (uint64_t)(uintptr_t)gmem_at(&vm->gmem, 0, 0),
    };

    if (open_kvm(vm, error) != 0)
        return -1;
    vm->interrupts = rings_want_interrupts(vm) && cpu_give_interrupts(vm);
    if (create_cpu(vm, error) != 0)
        return -1;
    if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) != 0)
        return error_set(error, "/dev/kvm: cannot give the guest its memory: %s", strerror(errno));
    return cpu_init(vm, error);
}

void vm_end_now(struct vm *vm, int status)
{
    if (vm->options.stats)
        stats_print(&vm->stats, vm->rings.wake >= 0 ? &vm->rings.stats : NULL, vm->tender->name);
    _exit(status & 0xff);
}

static struct vm *signalled;

/* What is called is safe in a handler: it has all that it needs on its stack. */
static void end_by_signal(int signal)
{
    vm_end_now(signalled, 128 + signal);
}

void vm_stats_at_signals(struct vm *vm)
{
    static const int ends[] = {SIGTERM, SIGINT};
    const struct sigaction action = {.sa_handler = end_by_signal, .sa_flags = SA_ONSTACK};

    signalled = vm;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sigaction(ends[i], &action, NULL);
}

/* (status) as vm_hooks has it. */
static void end(struct vm *vm, int status, uint64_t cookie) __attribute__((noreturn));
static void end(struct vm *vm, int status, uint64_t cookie)
{
    if (vm->hooks->ended != NULL)
        vm->hooks->ended(vm, status, cookie);
    vm_end_now(vm, status == VM_KILLED ? 1 : status);
}

void vm_end(struct vm *vm, int status, uint64_t cookie)
{
    end(vm, status & 0xff, cookie);
}

void guest_kill(struct vm *vm, const char *format, ...)
{
    struct error why = {""}, whole = {""};
    uint64_t pc;
    va_list list;

    va_start(list, format);
    vsnprintf(why.text, sizeof why.text, format, list);
    va_end(list);
    /* After a triple fault KVM has reset the processor, and where it was is not known. */
    if (vm->run->exit_reason != KVM_EXIT_SHUTDOWN && cpu_pc(vm, &pc))
        error_set(&whole, "guest ended: %s (at 0x%llx)", why.text, (unsigned long long)pc);
    else
        error_set(&whole, "guest ended: %s", why.text);
    error_print(vm->tender->name, whole.text);
    end(vm, VM_KILLED, 0);
}

static void exit_mmio(struct vm *vm)
{
    guest_kill(vm, "it %s %u bytes at address 0x%llx, where it has no memory",
               vm->run->mmio.is_write ? "wrote" : "read or fetched", vm->run->mmio.len,
               (unsigned long long)vm->run->mmio.phys_addr);
}

static void exit_io(struct vm *vm)
{
    guest_kill(vm, "it %s %u bytes %s I/O port 0x%x, which is no hypercall",
               vm->run->io.direction == KVM_EXIT_IO_OUT ? "wrote" : "read",
               vm->run->io.size * vm->run->io.count,
               vm->run->io.direction == KVM_EXIT_IO_OUT ? "to" : "from", vm->run->io.port);
}

static void exit_hlt(struct vm *vm)
{
    guest_kill(vm, "it halted the processor, which nothing would wake");
}

static void exit_shutdown(struct vm *vm)
{
    guest_kill(vm, "triple fault: an exception came while it could handle none");
}

static void exit_fail_entry(struct vm *vm)
{
    guest_kill(vm, "the processor cannot enter it: reason 0x%llx",
               (unsigned long long)vm->run->fail_entry.hardware_entry_failure_reason);
}

/* A processor that was reset, or interrupted into another mode, is below every image. */
static bool is_in_image(struct vm *vm)
{
    uint64_t pc;

    return cpu_pc(vm, &pc) && pc >= HVT_GUEST_MIN_BASE && pc < vm->image.end;
}

static void exit_internal_error(struct vm *vm)
{
    static const char *const suberrors[] = {
        [KVM_INTERNAL_ERROR_EMULATION] = "an instruction that this machine's KVM cannot run; "
                                         "link it with -z solo5-abi=spt for solo5-spt",
        [KVM_INTERNAL_ERROR_SIMUL_EX] = "two exceptions at once",
        [KVM_INTERNAL_ERROR_DELIVERY_EV] = "an exception that KVM cannot deliver",
        [KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "an exit that KVM does not know",
    };
    uint32_t suberror = vm->run->internal.suberror;
    const char *text = suberror < sizeof suberrors / sizeof suberrors[0] ? suberrors[suberror] : 0;

    if (suberror == KVM_INTERNAL_ERROR_EMULATION && !is_in_image(vm))
        guest_kill(vm, "it runs where it has no code, as after a reset of its processor");
    guest_kill(vm, "KVM gave up: internal error %u, %s", suberror, text ? text : "unknown");
}

static void exit_system_event(struct vm *vm)
{
    guest_kill(vm, "it asked for system event %u, which is no hypercall",
               vm->run->system_event.type);
}

static void exit_exception(struct vm *vm)
{
    guest_kill(vm, "exception %u, error code 0x%x", vm->run->ex.exception, vm->run->ex.error_code);
}

static void exit_debug(struct vm *vm)
{
    guest_kill(vm, "it hit a breakpoint, and no debugger is there");
}

static const struct {
    uint32_t reason;
    void (*handle)(struct vm *vm);
} exits[] = {
    {KVM_EXIT_IO, exit_io},
    {KVM_EXIT_MMIO, exit_mmio},
    {KVM_EXIT_HLT, exit_hlt},
    {KVM_EXIT_SHUTDOWN, exit_shutdown},
    {KVM_EXIT_FAIL_ENTRY, exit_fail_entry},
    {KVM_EXIT_INTERNAL_ERROR, exit_internal_error},
    {KVM_EXIT_SYSTEM_EVENT, exit_system_event},
    {KVM_EXIT_EXCEPTION, exit_exception},
    {KVM_EXIT_DEBUG, exit_debug},
};

/* The processor has left the guest for a reason that the interface between them does not have. */
static void exit_other(struct vm *vm)
{
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
        if (exits[i].reason == vm->run->exit_reason)
            exits[i].handle(vm);
    guest_kill(vm, "the processor left it for reason %u, which the tender does not know",
               vm->run->exit_reason);
}

void vm_run(struct vm *vm)
{
    for (;;) {
        uint64_t nr, block;

        if (ioctl(vm->cpu, KVM_RUN, 0) != 0) {
            if (errno == EINTR || errno == EAGAIN) {
                vm->run->exit_reason = KVM_EXIT_INTR;
                if (vm->hooks->exited != NULL)
                    vm->hooks->exited(vm);
                continue;
            }
            guest_kill(vm, "KVM cannot run it: %s%s", strerror(errno),
                       errno == EFAULT ? "; the host has no memory left, or the image was changed"
                                       : "");
        }
        vm->stats.calls++;
        if (cpu_hypercall(vm, &nr, &block))
            hypercall(vm, nr, block);
        else if (vm->hooks->exited == NULL || !vm->hooks->exited(vm))
            exit_other(vm);
    }
}
