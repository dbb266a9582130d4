/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A hostile guest for hvt: hypercalls with values that no guest of good will
 * makes, one a run, named by the first word of the command line. The tender must
 * end the guest, or answer with the result that the contract has for it.
 */
#include <hvt_abi.h>

#include "test.h"

#define STORAGE       1 /* handles, in the manifest's order */
#define SERVICE       2
#define BLOCK         512
#define DISK          0x20000         /* bytes */
#define FAR           0x7ffffff000ULL /* above any guest's memory */
#define DEVICE        0xc0000000ULL
#define LARGE_PAGE    0x200000ULL
#define PAGE_RW       0x3
#define PAGE_RW_LARGE 0x83
#define ODD           0x100003 /* in memory, not aligned */

static uint64_t top; /* the first address after memory */
static uint8_t buffer[4096] __attribute__((aligned(4096)));

#define BUFFER ((uint64_t)buffer)

static void call(unsigned number, uint64_t argument)
{
    __asm__ volatile("outl %0, %w1"
                     :
                     : "a"((uint32_t)argument), "Nd"((uint16_t)(HVT_HYPERCALL_PIO_BASE + number))
                     : "memory");
}

static void puts_of(uint64_t data, uint64_t len)
{
    struct hvt_hc_puts arguments = {.data = data, .len = len};
    call(HVT_HYPERCALL_PUTS, (uint64_t)&arguments);
}

static void block(unsigned number, uint64_t handle, uint64_t offset, uint64_t data, uint64_t len)
{
    struct hvt_hc_block arguments = {
        .handle = handle, .offset = offset, .data = data, .len = len, .ret = -1};

    call(number, (uint64_t)&arguments);
    EXPECT(arguments.ret != -1);
    say("result ");
    say_number((uint64_t)arguments.ret);
    say("\n");
}

static void net(unsigned number, uint64_t handle, uint64_t data, uint64_t len)
{
    struct hvt_hc_net arguments = {.handle = handle, .data = data, .len = len, .ret = -1};

    call(number, (uint64_t)&arguments);
    EXPECT(arguments.ret != -1);
    say("result ");
    say_number((uint64_t)arguments.ret);
    say("\n");
}

static void guard(uint64_t addr, uint64_t len)
{
    struct hvt_hc_guard arguments = {.addr = addr, .len = len, .ret = -1};

    call(HVT_HYPERCALL_GUARD, (uint64_t)&arguments);
    say("result ");
    say_number((uint64_t)arguments.ret);
    say("\n");
}

static void halt(uint64_t cookie, int32_t status)
{
    struct hvt_hc_halt arguments = {.cookie = cookie, .exit_status = status};
    call(HVT_HYPERCALL_HALT, (uint64_t)&arguments);
}

/* Page tables of the guest's own: one GiB as it was, but for its last 2 MiB, which are made to
 * reach physical memory that is not there. Returns their address. */
static volatile uint64_t *map_device(void)
{
    static uint64_t tables[3][512] __attribute__((aligned(4096)));

    tables[0][0] = (uint64_t)tables[1] | PAGE_RW;
    tables[1][0] = (uint64_t)tables[2] | PAGE_RW;
    for (uint64_t i = 0; i < 511; i++) {
        tables[2][i] = i * LARGE_PAGE | PAGE_RW_LARGE;
    }
    tables[2][511] = DEVICE | PAGE_RW_LARGE;
    __asm__ volatile("movq %0, %%cr3" : : "r"(tables[0]) : "memory");
    return (volatile uint64_t *)(511 * LARGE_PAGE);
}

/* What no hypercall is made of. */
static bool other(const char *name)
{
    uint32_t value = (uint32_t)BUFFER;
    uint16_t puts_port = HVT_HYPERCALL_PIO_BASE + HVT_HYPERCALL_PUTS;
    const void *at = buffer;
    uint64_t count = 3;

    if (after_word(name, "byte-out")) {
        __asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(puts_port) : "memory");
    } else if (after_word(name, "word-out")) {
        __asm__ volatile("outw %w0, %w1" : : "a"(value), "Nd"(puts_port) : "memory");
    } else if (after_word(name, "in")) {
        __asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(puts_port) : "memory");
    } else if (after_word(name, "string-out")) {
        __asm__ volatile("rep outsl" : "+S"(at), "+c"(count) : "d"(puts_port) : "memory");
    } else if (after_word(name, "wild-port")) {
        __asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"((uint16_t)0x80) : "memory");
    } else if (after_word(name, "triple-fault")) {
        struct __attribute__((packed)) {
            uint16_t limit;
            uint64_t base;
        } none = {0, 0};
        __asm__ volatile("lidt %0; int3" : : "m"(none));
    } else if (after_word(name, "mmio-read")) {
        EXPECT(*map_device() == 0);
    } else if (after_word(name, "mmio-write")) {
        *map_device() = 0x1122334455667788;
    } else if (after_word(name, "page-tables-write")) {
        uint64_t cr3;
        __asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
        *(volatile uint64_t *)(cr3 & ~0xfffULL) = 0;
    } else {
        return false;
    }
    return true;
}

static const struct {
    const char *name;
    unsigned number;
    uint64_t argument;
} raw_calls[] = {
    {"number-0", 0, 0x100000},
    {"number-after-last", HVT_HYPERCALL_MAX, 0x100000},
    {"number-255", 255, 0x100000},
    {"walltime-null", HVT_HYPERCALL_WALLTIME, 0},
    {"walltime-boot-info", HVT_HYPERCALL_WALLTIME, HVT_BOOT_INFO_BASE},
    {"walltime-text", HVT_HYPERCALL_WALLTIME, 0x100000},
    {"walltime-far", HVT_HYPERCALL_WALLTIME, 0xfffffff0},
    {"puts-far", HVT_HYPERCALL_PUTS, 0xfffffff0},
    {"poll-far", HVT_HYPERCALL_POLL, 0xfffffff8},
    {"block-write-far", HVT_HYPERCALL_BLOCK_WRITE, 0xffffffff},
    {"block-read-far", HVT_HYPERCALL_BLOCK_READ, 0xf0000000},
    {"net-write-far", HVT_HYPERCALL_NET_WRITE, 0xf0000000},
    {"net-read-far", HVT_HYPERCALL_NET_READ, 0xf0000000},
    {"halt-far", HVT_HYPERCALL_HALT, 0xfffffffc},
    {"guard-far", HVT_HYPERCALL_GUARD, 0xfffffffc},
};

static bool bad_data(const char *name)
{
    if (after_word(name, "puts-data-far")) {
        puts_of(FAR, 5);
    } else if (after_word(name, "puts-len-huge")) {
        puts_of(BUFFER, top - BUFFER + 1);
    } else if (after_word(name, "puts-len-wraps")) {
        puts_of(BUFFER, UINT64_MAX - BUFFER + 2);
    } else if (after_word(name, "puts-at-top")) {
        puts_of(top - 4, 5);
    } else if (after_word(name, "walltime-at-top")) {
        call(HVT_HYPERCALL_WALLTIME, top - 4);
    } else if (after_word(name, "block-read-data-far")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0, FAR, BLOCK);
    } else if (after_word(name, "block-read-data-wraps")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0, UINT64_MAX - 100, BLOCK);
    } else if (after_word(name, "block-read-into-text")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0, 0x100000, BLOCK);
    } else if (after_word(name, "net-read-into-boot-info")) {
        net(HVT_HYPERCALL_NET_READ, SERVICE, HVT_BOOT_INFO_BASE, 1514);
    } else if (after_word(name, "block-write-data-null")) {
        block(HVT_HYPERCALL_BLOCK_WRITE, STORAGE, 0, 0, BLOCK);
    } else if (after_word(name, "block-write-data-at-top")) {
        block(HVT_HYPERCALL_BLOCK_WRITE, STORAGE, 0, top - BLOCK + 1, BLOCK);
    } else if (after_word(name, "block-write-len-wraps")) {
        block(HVT_HYPERCALL_BLOCK_WRITE, STORAGE, 0, BUFFER, 0 - (uint64_t)BLOCK);
    } else if (after_word(name, "net-write-data-far")) {
        net(HVT_HYPERCALL_NET_WRITE, SERVICE, FAR, 60);
    } else if (after_word(name, "net-read-data-far")) {
        net(HVT_HYPERCALL_NET_READ, SERVICE, FAR, 1514);
    } else if (after_word(name, "net-read-len-wraps")) {
        net(HVT_HYPERCALL_NET_READ, SERVICE, BUFFER, UINT64_MAX);
    } else if (after_word(name, "halt-cookie-far")) {
        halt(FAR, 0);
    } else {
        return false;
    }
    return true;
}

static bool bad_handle(const char *name)
{
    if (after_word(name, "block-handle-0")) {
        block(HVT_HYPERCALL_BLOCK_READ, 0, 0, BUFFER, BLOCK);
    } else if (after_word(name, "block-handle-wild")) {
        block(HVT_HYPERCALL_BLOCK_WRITE, 0x1234567887654321, 0, BUFFER, BLOCK);
    } else if (after_word(name, "block-handle-of-net")) {
        block(HVT_HYPERCALL_BLOCK_READ, SERVICE, 0, BUFFER, BLOCK);
    } else if (after_word(name, "net-handle-of-block")) {
        net(HVT_HYPERCALL_NET_READ, STORAGE, BUFFER, 1514);
    } else if (after_word(name, "net-handle-3")) {
        net(HVT_HYPERCALL_NET_WRITE, 3, BUFFER, 60);
    } else if (after_word(name, "net-handle-64")) {
        net(HVT_HYPERCALL_NET_WRITE, 64, BUFFER, 60);
    } else {
        return false;
    }
    return true;
}

/* Arguments for which the contract has a result. */
static bool refused(const char *name)
{
    if (after_word(name, "block-offset-after-end")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0x100000, BUFFER, BLOCK);
    } else if (after_word(name, "block-offset-wraps")) {
        block(HVT_HYPERCALL_BLOCK_WRITE, STORAGE, 0 - (uint64_t)BLOCK, BUFFER, 2 * BLOCK);
    } else if (after_word(name, "block-offset-odd")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 1, BUFFER, BLOCK);
    } else if (after_word(name, "block-len-odd")) {
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0, BUFFER, BLOCK + 1);
    } else if (after_word(name, "net-write-short")) {
        net(HVT_HYPERCALL_NET_WRITE, SERVICE, BUFFER, 13);
    } else if (after_word(name, "net-write-long")) {
        net(HVT_HYPERCALL_NET_WRITE, SERVICE, BUFFER, 1515);
    } else if (after_word(name, "guard-odd")) {
        guard(ODD, 4096);
    } else if (after_word(name, "guard-wraps")) {
        guard(0x200000, 0 - (uint64_t)0x200000);
    } else if (after_word(name, "guard-tender")) {
        guard(0x2000, 4096);
    } else if (after_word(name, "guard-after-end")) {
        guard(top, 4096);
    } else {
        return false;
    }
    return true;
}

/* What is unusual and yet right. */
static bool legal(const char *name)
{
    if (after_word(name, "puts-nothing")) {
        puts_of(BUFFER, 0);
        puts_of(top, 0);
    } else if (after_word(name, "puts-to-the-top")) {
        /* The stack is there, and holds what it holds. */
        puts_of(top - 1, 1);
    } else if (after_word(name, "poll-past")) {
        struct hvt_hc_poll arguments = {.timeout_nsecs = 0, .ready_set = UINT64_MAX, .ret = -1};
        call(HVT_HYPERCALL_POLL, (uint64_t)&arguments);
        /* The host's own frames may be there. */
        EXPECT((arguments.ready_set & ~(uint64_t)(1 << SERVICE)) == 0);
        EXPECT(arguments.ret == (arguments.ready_set ? 1 : 0));
    } else if (after_word(name, "block-whole")) {
        /* All of the disk, and all but its first block: longer than any request of the bindings. */
        block(HVT_HYPERCALL_BLOCK_READ, STORAGE, 0, LARGE_PAGE, DISK);
        block(HVT_HYPERCALL_BLOCK_WRITE, STORAGE, BLOCK, LARGE_PAGE, DISK - BLOCK);
    } else if (after_word(name, "halt-cookie")) {
        halt(BUFFER, 7);
    } else if (after_word(name, "halt-negative")) {
        halt(0, -1);
    } else if (after_word(name, "halt-300")) {
        halt(0, 300);
    } else {
        return false;
    }
    return true;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    const char *name = info->cmdline;

    top = info->heap_start + info->heap_size;
    if (legal(name) || refused(name)) {
        return test_success();
    }
    say("about to call\n");
    for (size_t i = 0; i < sizeof raw_calls / sizeof raw_calls[0]; i++) {
        if (after_word(name, raw_calls[i].name)) {
            call(raw_calls[i].number, raw_calls[i].argument);
        }
    }
    if (bad_data(name) || bad_handle(name) || other(name)) {
        say("still alive\n");
    }
    say("FAILED: no such call, or it was taken\n");
    return TEST_FAILED;
}
