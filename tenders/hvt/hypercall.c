/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The hypercalls of hvt_abi.h. Of each the guest's argument block is copied once, the copy is
 * checked and acted on, and its results are written back. What the guest got wrong in a way that
 * the ABI has a result for gets that; anything else ends it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "range.h"
#include "solo5_io.h"
#include "vm.h"

#define NS_PER_S UINT64_C(1000000000)

/* A call in progress. */
struct call {
    struct vm *vm;
    const char *name;
};

static unsigned long long ull(uint64_t value)
{
    return value;
}

/* The host's view of what the guest gives, for one system call. */
static const void *buffer(const struct call *call, uint64_t addr, uint64_t len)
{
    const void *at = gmem_at(&call->vm->gmem, addr, len);

    if (at == NULL)
        guest_kill(call->vm, "%s: buffer 0x%llx of %llu bytes is not in its memory", call->name,
                   ull(addr), ull(len));
    return at;
}

/* The same of what the guest is to be given: not where it may not write itself. */
static void *writable_buffer(const struct call *call, uint64_t addr, uint64_t len)
{
    void *at = gmem_at(&call->vm->gmem, addr, len);

    if (at == NULL || addr < HVT_GUEST_MIN_BASE || !image_writable(&call->vm->image, addr, len))
        guest_kill(call->vm, "%s: buffer 0x%llx of %llu bytes is not in its writable memory",
                   call->name, ull(addr), ull(len));
    return at;
}

static const struct device *device(const struct call *call, uint64_t handle, enum mft_type type)
{
    const struct device *device = devices_get(&call->vm->devices, handle, type);

    if (device == NULL)
        guest_kill(call->vm, "%s: handle %llu is not a %s", call->name, ull(handle),
                   type == MFT_DEV_BLOCK_BASIC ? "block device" : "network");
    return device;
}

static void do_walltime(const struct call *call, void *block)
{
    struct hvt_hc_walltime *walltime = block;
    struct timespec now;

    (void)call;
    clock_gettime(CLOCK_REALTIME, &now);
    walltime->nsecs = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* What the host has no room for is lost: a guest's output does not stop it. */
static void do_puts(const struct call *call, void *block)
{
    const struct hvt_hc_puts *puts = block;
    const uint8_t *from = buffer(call, puts->data, puts->len);
    uint64_t left = puts->len;

    while (left != 0) {
        ssize_t done = write(STDOUT_FILENO, from, left);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        from += done;
        left -= (uint64_t)done;
    }
}

static void do_poll(const struct call *call, void *block)
{
    struct hvt_hc_poll *poll = block;
    struct vm *vm = call->vm;
    struct timespec timeout = {(time_t)(poll->timeout_nsecs / NS_PER_S),
                               (long)(poll->timeout_nsecs % NS_PER_S)};
    long count = ppoll(vm->poll, vm->poll_count, &timeout, NULL);

    poll->ready_set = 0;
    poll->ret = 0;
    for (unsigned i = 0; count > 0 && i < vm->poll_count; i++) {
        if (vm->poll[i].revents == 0)
            continue;
        if (vm->poll_handle[i] == 0) {
            rings_woken(vm);
            continue;
        }
        poll->ready_set |= UINT64_C(1) << vm->poll_handle[i];
        poll->ret++;
    }
}

static void block_request(const struct call *call, struct hvt_hc_block *block, bool writing)
{
    const struct device *disk = device(call, block->handle, MFT_DEV_BLOCK_BASIC);
    /* Only read when writing to the disk. */
    uint8_t *at = writing ? (uint8_t *)buffer(call, block->data, block->len)
                          : writable_buffer(call, block->data, block->len);

    if (block->len == 0 || block->len % disk->block_size != 0 ||
        block->offset % disk->block_size != 0 ||
        !range_ok(block->offset, block->len, disk->capacity))
        block->ret = SOLO5_R_EINVAL;
    else if (devices_block_move(disk, block->offset, at, block->len, call->vm->multi, writing))
        block->ret = SOLO5_R_OK;
    else
        block->ret = SOLO5_R_EUNSPEC;
}

static void do_block_write(const struct call *call, void *block)
{
    block_request(call, block, true);
}

static void do_block_read(const struct call *call, void *block)
{
    block_request(call, block, false);
}

/* The device's side has headers where there is offload; the guest's has none. */
static ssize_t write_frame(const struct device *nic, const void *from, uint64_t len)
{
    uint8_t head[HVT_RING_NET_HEAD] = {0};
    const struct iovec pieces[] = {{head, sizeof head}, {(void *)from, len}};

    return nic->offload ? writev(nic->fd, pieces, 2) : write(nic->fd, from, len);
}

_Static_assert(sizeof(struct solo5_net_hdr) == HVT_RING_NET_HEAD, "hvt_abi.h");

/* Returns 0 when there was none for the guest. */
static ssize_t read_frame(const struct device *nic, void *to, uint64_t len)
{
    struct solo5_net_hdr head = {0};
    const struct iovec pieces[] = {{&head, sizeof head}, {to, len}};
    ssize_t got;

    if (!nic->offload)
        return read(nic->fd, to, len);
    got = readv(nic->fd, pieces, 2);
    if (got < 0)
        return got;
    /* One that cannot do without its header, or was cut, is lost. */
    if (got <= (ssize_t)sizeof head || head.gso_type != SOLO5_NET_GSO_NONE ||
        (head.flags & SOLO5_NET_HDR_NEEDS_CSUM))
        return 0;
    return got - (ssize_t)sizeof head;
}

/* A frame for which the host has no room is dropped, as on any network. */
static void do_net_write(const struct call *call, void *block)
{
    struct hvt_hc_net *net = block;
    const struct device *nic = device(call, net->handle, MFT_DEV_NET_BASIC);
    const void *from = buffer(call, net->data, net->len);

    if (net->len < SOLO5_NET_HLEN || net->len > (uint64_t)nic->mtu + SOLO5_NET_HLEN)
        net->ret = SOLO5_R_EINVAL;
    else if (write_frame(nic, from, net->len) >= 0 || errno == EAGAIN || errno == ENOBUFS)
        net->ret = SOLO5_R_OK;
    else
        net->ret = SOLO5_R_EUNSPEC;
}

void hypercall_no_poll(struct vm *vm, uint64_t handle)
{
    for (unsigned i = 0; i < vm->poll_count; i++)
        if (vm->poll_handle[i] == handle)
            /* The worker may say so while the other thread waits. */
            __atomic_store_n(&vm->poll[i].fd, -1, __ATOMIC_RELAXED);
}

bool hypercall_polls(const struct vm *vm)
{
    for (unsigned i = 0; i < vm->poll_count; i++)
        if (vm->poll_handle[i] != 0 && vm->poll[i].fd >= 0)
            return true;
    return false;
}

static void do_net_read(const struct call *call, void *block)
{
    struct hvt_hc_net *net = block;
    const struct device *nic = device(call, net->handle, MFT_DEV_NET_BASIC);
    void *to = writable_buffer(call, net->data, net->len);
    ssize_t got;

    if (net->len < (uint64_t)nic->mtu + SOLO5_NET_HLEN) {
        net->ret = SOLO5_R_EINVAL;
        return;
    }
    got = read_frame(nic, to, net->len);
    if (got > 0) {
        net->len = (uint64_t)got;
        net->ret = SOLO5_R_OK;
    } else if (got == 0 || devices_net_empty(errno)) {
        net->ret = SOLO5_R_AGAIN;
    } else {
        /* It has failed for good: never ready again, so that the guest does not spin. */
        hypercall_no_poll(call->vm, net->handle);
        rings_choose_tell(call->vm);
        net->ret = SOLO5_R_EUNSPEC;
    }
}

static void do_halt(const struct call *call, void *block)
{
    const struct hvt_hc_halt *halt = block;

    if (halt->cookie != 0)
        buffer(call, halt->cookie, HVT_HALT_COOKIE_MAX);
    vm_end(call->vm, halt->exit_status, halt->cookie);
}

/* Solo5 has no such call: only a guest that was offered it makes it. */
static void do_guard(const struct call *call, void *block)
{
    struct hvt_hc_guard *guard = block;
    struct vm *vm = call->vm;

    if (!vm->guard)
        guest_kill(vm, "%s: it has not asked for this call", call->name);
    guard->ret = SOLO5_R_EINVAL;
    if (!page_aligned(guard->addr) || !page_aligned(guard->len) || guard->len == 0 ||
        guard->addr < vm->image.end || !range_ok(guard->addr, guard->len, vm->gmem.end))
        return;
    cpu_tables_guard(&vm->tables, &vm->gmem, guard->addr, guard->len);
    guard->ret = SOLO5_R_OK;
}

static void do_ring_setup(const struct call *call, void *block)
{
    struct hvt_hc_ring_setup *setup = block;

    if (call->vm->rings.wake < 0 || call->vm->rings.solo5)
        guest_kill(call->vm, "%s: it has not asked for this call", call->name);
    setup->ret = rings_setup(call->vm, setup);
}

/* A copy of an argument block. */
union block {
    struct hvt_hc_walltime walltime;
    struct hvt_hc_puts puts;
    struct hvt_hc_poll poll;
    struct hvt_hc_block block;
    struct hvt_hc_net net;
    struct hvt_hc_halt halt;
    struct hvt_hc_guard guard;
    struct hvt_hc_ring_setup ring_setup;
    uint8_t bytes[sizeof(struct hvt_hc_block)];
};
_Static_assert(sizeof(union block) == sizeof(struct hvt_hc_block), "no argument block is larger");

/* Of a type that is in the union. */
#define BLOCK(type)         sizeof(((union block *)NULL)->type)
#define RESULTS(type, from) offsetof(struct hvt_hc_##type, from)

static const struct {
    const char *name;
    size_t size;    /* of the argument block */
    size_t results; /* where in it the results begin; they go up to its end */
    void (*handle)(const struct call *call, void *block);
} calls[HVT_HYPERCALL_MAX] = {
    [HVT_HYPERCALL_WALLTIME] = {"WALLTIME", BLOCK(walltime), 0, do_walltime},
    [HVT_HYPERCALL_PUTS] = {"PUTS", BLOCK(puts), BLOCK(puts), do_puts},
    [HVT_HYPERCALL_POLL] = {"POLL", BLOCK(poll), RESULTS(poll, ready_set), do_poll},
    [HVT_HYPERCALL_BLOCK_WRITE] = {"BLOCK_WRITE", BLOCK(block), RESULTS(block, ret),
                                   do_block_write},
    [HVT_HYPERCALL_BLOCK_READ] = {"BLOCK_READ", BLOCK(block), RESULTS(block, len), do_block_read},
    [HVT_HYPERCALL_NET_WRITE] = {"NET_WRITE", BLOCK(net), RESULTS(net, ret), do_net_write},
    [HVT_HYPERCALL_NET_READ] = {"NET_READ", BLOCK(net), RESULTS(net, len), do_net_read},
    [HVT_HYPERCALL_HALT] = {"HALT", BLOCK(halt), BLOCK(halt), do_halt},
    [HVT_HYPERCALL_GUARD] = {"GUARD", BLOCK(guard), RESULTS(guard, ret), do_guard},
    [HVT_HYPERCALL_RING_SETUP] = {"RING_SETUP", BLOCK(ring_setup), RESULTS(ring_setup, ret),
                                  do_ring_setup},
};

void hypercall(struct vm *vm, uint64_t nr, uint64_t block)
{
    union block copy;
    struct call call = {.vm = vm};
    size_t size, results;
    void *out;

    if (nr >= HVT_HYPERCALL_MAX || calls[nr].handle == NULL)
        guest_kill(vm, "hypercall %llu does not exist", ull(nr));
    size = calls[nr].size;
    results = calls[nr].results;
    call.name = calls[nr].name;
    if (gmem_read(&vm->gmem, block, copy.bytes, size) != 0)
        guest_kill(vm, "%s: argument block 0x%llx is not in its memory", call.name, ull(block));
    out = results != size ? writable_buffer(&call, block + results, size - results) : NULL;
    calls[nr].handle(&call, copy.bytes);
    if (out != NULL)
        memcpy(out, copy.bytes + results, size - results);
}

void hypercall_init(struct vm *vm)
{
    if (vm->rings.wake >= 0)
        vm->poll[vm->poll_count++] = (struct pollfd){vm->rings.wake, POLLIN, 0};
    for (unsigned i = 1; i < vm->devices.count; i++) {
        if (vm->devices.device[i].type != MFT_DEV_NET_BASIC)
            continue;
        vm->poll[vm->poll_count] = (struct pollfd){vm->devices.device[i].fd, POLLIN, 0};
        vm->poll_handle[vm->poll_count++] = (uint8_t)i;
    }
}
