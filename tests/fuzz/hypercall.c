/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the hvt tender's hypercalls (tenders/hvt/hypercall.c), over a machine without a
 * processor. An input is a list of calls: number, where the argument block is, the block. Whatever
 * they are, what the guest cannot write itself stays as it was.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "range.h"
#include "vm.h"

#define MEM_SIZE  UINT64_C(0x600000)
#define TEXT      UINT64_C(0x100000)
#define DATA      UINT64_C(0x102000)
#define IMAGE_END UINT64_C(0x104000)
#define DISK_SIZE 0x10000
#define CALLS_MAX 64

struct input_call {
    uint64_t nr;
    uint64_t block;
    uint8_t bytes[sizeof(struct hvt_hc_block)];
};

static struct vm vm;
static int peer, null, console;
static jmp_buf ended;

/* In the place of vm.c: a guest's end is the end of the input. */
void guest_kill(struct vm *machine, const char *format, ...)
{
    char text[1024];
    va_list list;

    FUZZ_CHECK(machine == &vm);
    va_start(list, format);
    FUZZ_CHECK(vsnprintf(text, sizeof text, format, list) > 0);
    va_end(list);
    longjmp(ended, 1);
}

void vm_end(struct vm *machine, int status, uint64_t cookie)
{
    (void)status;
    FUZZ_CHECK(cookie == 0 || gmem_at(&machine->gmem, cookie, HVT_HALT_COOKIE_MAX) != NULL);
    longjmp(ended, 1);
}

/* In the place of rings.c: this guest was offered none. */
void rings_woken(const struct vm *machine)
{
    (void)machine;
    FUZZ_CHECK(false);
}

void rings_choose_tell(struct vm *machine)
{
    FUZZ_CHECK(machine == &vm);
}

int32_t rings_setup(struct vm *machine, const struct hvt_hc_ring_setup *setup)
{
    (void)machine;
    (void)setup;
    FUZZ_CHECK(false);
    return 0;
}

static void make_devices(void)
{
    int fds[2];

    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds) == 0);
    peer = fds[1];
    vm.devices.count = 3;
    vm.devices.device[1] = (struct device){.type = MFT_DEV_NET_BASIC, .fd = fds[0], .mtu = 1500};
    vm.devices.device[2] = (struct device){.type = MFT_DEV_BLOCK_BASIC,
                                           .fd = memfd_create("disk", 0),
                                           .block_size = 512,
                                           .capacity = DISK_SIZE};
    FUZZ_CHECK(ftruncate(vm.devices.device[2].fd, DISK_SIZE) == 0);
}

static void make_machine(void)
{
    struct error error;

    make_devices();
    vm.image.end = IMAGE_END;
    vm.image.segment_count = 2;
    vm.image.segment[0] = (struct image_segment){
        .addr = TEXT, .size = DATA - TEXT, .protection = PROT_READ | PROT_EXEC};
    vm.image.segment[1] = (struct image_segment){
        .addr = DATA, .size = IMAGE_END - DATA, .protection = PROT_READ | PROT_WRITE};
    vm.guard = vm.multi = true;
    vm.rings.wake = -1;
    FUZZ_CHECK(gmem_map(&vm.gmem, 0, MEM_SIZE, cpu_tables_size(MEM_SIZE), false, &error) == 0);
    gmem_seal(&vm.gmem, HVT_BOOT_INFO_BASE);
    hypercall_init(&vm);
    null = open("/dev/null", O_WRONLY);
    console = dup(STDOUT_FILENO);
    FUZZ_CHECK(null >= 0 && console >= 0);
}

/* There is always a frame, so that no call waits, and always room for one. */
static void move_frames(void)
{
    static uint8_t frame[2048];

    while (recv(peer, frame, sizeof frame, MSG_DONTWAIT) >= 0)
        ;
    memset(frame, 0xee, 60);
    send(peer, frame, 60, MSG_DONTWAIT);
}

/* What is not writable for the guest is zero, as it was made. */
static void check_protected(void)
{
    static const uint8_t zero[PAGE_SIZE];

    for (uint64_t addr = HVT_BOOT_INFO_BASE; addr < DATA; addr += PAGE_SIZE)
        FUZZ_CHECK(memcmp(gmem_at(&vm.gmem, addr, PAGE_SIZE), zero, PAGE_SIZE) == 0);
    FUZZ_CHECK(lseek(vm.devices.device[2].fd, 0, SEEK_END) == DISK_SIZE);
}

/* One call; false when the guest has ended. */
static bool serve(const struct input_call *call)
{
    if (call->block >= HVT_GUEST_MIN_BASE &&
        image_writable(&vm.image, call->block, sizeof call->bytes))
        gmem_write(&vm.gmem, call->block, call->bytes, sizeof call->bytes);
    move_frames();
    if (setjmp(ended) != 0)
        return false;
    hypercall(&vm, call->nr, call->block);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_call call;

    if (vm.gmem.end == 0)
        make_machine();
    cpu_tables_init(&vm.tables, &vm.gmem, &vm.image);
    /* What the guest prints goes nowhere. */
    dup2(null, STDOUT_FILENO);
    for (unsigned i = 0; i < CALLS_MAX && size / sizeof call > i; i++) {
        memcpy(&call, data + i * sizeof call, sizeof call);
        if (!serve(&call))
            break;
    }
    dup2(console, STDOUT_FILENO);
    check_protected();
    return 0;
}
