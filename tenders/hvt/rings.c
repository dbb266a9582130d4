/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The queues of a virtual machine: making them, and the worker's loop. See rings.h.
 */
#include "rings.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "range.h"
#include "sandbox.h"
#include "solo5_io.h"
#include "vhost.h"
#include "vm.h"

#define BLOCK_OPS                                                              \
    (1 << SOLO5_BLOCK_READ | 1 << SOLO5_BLOCK_WRITE | 1 << SOLO5_BLOCK_FLUSH | \
     1 << SOLO5_BLOCK_DISCARD | 1 << SOLO5_BLOCK_WRITE_ZEROES)

static void take_event(int fd)
{
    uint64_t count;

    /* It does not block; when nothing was there, nothing is taken. */
    if (read(fd, &count, sizeof count) < 0)
        return;
}

static void give_event(int fd)
{
    const uint64_t one = 1;

    /* It fails when the count is at its end: then the other side is being woken anyway. */
    if (write(fd, &one, sizeof one) < 0)
        return;
}

static void wait_for_event(int fd)
{
    struct pollfd event = {fd, POLLIN, 0};

    while (ppoll(&event, 1, NULL, NULL) <= 0)
        ;
}

/* ---- Making them */

/* What the host does not do is said once, and the slower way taken. */
static void refuse(struct vm *vm, const char *what, const char *instead)
{
    struct error error;

    error_set(&error, "warning: rings: cannot make %s: %s; %s", what, strerror(errno), instead);
    error_print(vm->tender->name, error.text);
}

/* The guest's write to (port) arrives in `kick` and goes no further. */
static bool open_queue(struct vm *vm, const struct queue_kind *kind, unsigned port)
{
    struct rings *rings = &vm->rings;
    struct kvm_ioeventfd event = {
        .addr = port, .len = sizeof(uint32_t), .flags = KVM_IOEVENTFD_FLAG_PIO};
    struct queue *queue = &rings->queue[rings->count];

    *queue = (struct queue){
        .kind = kind,
        .kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .vhost = -1,
    };
    event.fd = queue->kick;
    if (queue->kick < 0 || ioctl(vm->fd, KVM_IOEVENTFD, &event) != 0) {
        refuse(vm, "a queue", "what has none goes by calls of the guest");
        rings->refused = true;
        return false;
    }
    rings->count++;
    return true;
}

static bool add_queue(struct vm *vm, unsigned handle, const struct queue_kind *kind)
{
    struct queue *queue = &vm->rings.queue[vm->rings.count];

    if (!open_queue(vm, kind, HVT_RING_KICK_PIO_BASE + vm->rings.count))
        return false;
    queue->device = &vm->devices.device[handle];
    queue->handle = (uint8_t)handle;
    return true;
}

/* It lies behind the memory that the guest was asked to be given. */
static void add_solo5_queue(struct vm *vm)
{
    struct queue *queue = &vm->rings.queue[0];

    vm->rings.solo5 = open_queue(vm, &queue_solo5, HVT_NET_RING_KICK_PIO_BASE);
    if (!vm->rings.solo5)
        return;
    queue->solo5.shared = gmem_at(&vm->gmem, vm->options.mem_size, SOLO5_RING_BYTES);
    CHECK(queue->solo5.shared != NULL);
    queue->ready = true;
    /* For the worker to look, and find that it has to ask for kicks. */
    give_event(queue->kick);
}

static void warn(const struct vm *vm, const char *name, const char *text)
{
    struct error error;

    error_set(&error, "warning: --net-backend:%s=vhost: %s; the tender does it", name, text);
    error_print(vm->tender->name, error.text);
}

/* Of a network; its queues, if it has some, are the last two. */
static void choose_backend(struct vm *vm, unsigned handle, bool has_queues)
{
    const char *name = image_mft(&vm->image)->e[handle].name;
    const char *backend = options_device(&vm->options, OPTION_NET_BACKEND, name);
    struct error error;

    if (backend == NULL || strcmp(backend, "vhost") != 0)
        return;
    if (!has_queues)
        warn(vm, name, "the network has no rings");
    else if (vhost_open(vm, &vm->rings.queue[vm->rings.count - 2], &error) != 0)
        warn(vm, name, error.text);
}

/* Then there is nowhere to put frames that are larger than the MTU. */
static void without_queues(struct vm *vm, unsigned handle)
{
    const struct device *device = &vm->devices.device[handle];

    if (device->type != MFT_DEV_NET_BASIC)
        return;
    if (device->offload)
        ioctl(device->fd, TUNSETOFFLOAD, 0UL);
    choose_backend(vm, handle, false);
}

/* All queues of a device, or none. */
static bool add_device(struct vm *vm, unsigned handle)
{
    unsigned first = vm->rings.count;

    if (vm->devices.device[handle].type == MFT_DEV_BLOCK_BASIC)
        return add_queue(vm, handle, &queue_block);
    if (!add_queue(vm, handle, &queue_receive) || !add_queue(vm, handle, &queue_send)) {
        vm->rings.count = first;
        return false;
    }
    choose_backend(vm, handle, true);
    return true;
}

/* What comes in on the descriptor goes to the processor, and there no further than KVM. */
static void make_interrupt(struct vm *vm)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct kvm_irqfd irqfd = {.fd = (uint32_t)fd};

    if (fd >= 0 && ioctl(vm->fd, KVM_IRQFD, &irqfd) == 0)
        vm->rings.interrupt = fd;
    else
        refuse(vm, "an interrupt", "the guest waits by calls");
}

void rings_make(struct vm *vm)
{
    struct rings *rings = &vm->rings;
    bool want = rings->wake >= 0 && !rings->solo5;

    memset(rings->first, HVT_RING_NONE, sizeof rings->first);
    rings->memory = (struct ring_memory){&vm->gmem, &vm->image};
    for (unsigned i = 1; i < vm->devices.count; i++) {
        unsigned needed = vm->devices.device[i].type == MFT_DEV_BLOCK_BASIC ? 1 : 2;

        unsigned first = rings->count;

        if (want && !rings->refused && first + needed <= HVT_RING_QUEUES && add_device(vm, i))
            rings->first[i] = (uint8_t)first;
        else
            without_queues(vm, i);
    }
    if (vm->interrupts)
        make_interrupt(vm);
    if (rings->solo5)
        add_solo5_queue(vm);
}

bool rings_want_interrupts(const struct vm *vm)
{
    return vm->rings.wake >= 0 && !vm->rings.solo5 &&
           EXT1_HAS(vm->image.ext1.knows, EXT1_INTERRUPT);
}

uint64_t rings_memory(const struct vm *vm)
{
    return vm->rings.solo5 ? SOLO5_RING_BYTES : 0;
}

void rings_boot_info(const struct vm *vm, struct hvt_boot_info *info)
{
    if (!vm->rings.solo5)
        return;
    info->host_features = 1 << HVT_HOST_NET_RING;
    info->net_ring = vm->options.mem_size;
}

void rings_offer(const struct vm *vm, struct hvt_ring_offer *offer)
{
    memset(offer, 0, sizeof *offer);
    offer->block_ops = BLOCK_OPS;
    memcpy(offer->queue, vm->rings.first, sizeof offer->queue);
}

unsigned rings_fds(const struct vm *vm, int *fds)
{
    unsigned count = 0;

    if (vm->rings.wake < 0)
        return 0;
    fds[count++] = vm->rings.wake;
    fds[count++] = vm->rings.start;
    if (vm->rings.interrupt >= 0)
        fds[count++] = vm->rings.interrupt;
    for (unsigned i = 0; i < vm->rings.count; i++) {
        const struct queue *queue = &vm->rings.queue[i];

        fds[count++] = queue->kick;
        if (queue->vhost >= 0 && queue->kind == &queue_receive)
            fds[count++] = queue->vhost;
    }
    return count;
}

void rings_filter(struct vm *vm)
{
    const struct rings *rings = &vm->rings;

    if (rings->wake < 0)
        return;
    filter_add_fd(&vm->filter, SYS_read, rings->wake);
    filter_add_fd(&vm->filter, SYS_write, rings->wake);
    if (rings->interrupt >= 0)
        filter_add_fd(&vm->filter, SYS_write, rings->interrupt);
    for (unsigned i = 0; i < rings->count; i++) {
        filter_add_fd(&vm->filter, SYS_read, rings->queue[i].kick);
        filter_add_fd(&vm->filter, SYS_write, rings->queue[i].kick);
        /* To start queues, which are only known then. */
        if (rings->queue[i].vhost >= 0)
            filter_add_fd(&vm->filter, SYS_ioctl, rings->queue[i].vhost);
        if (rings->queue[i].kind == &queue_receive)
            filter_add_fd(&vm->filter, SYS_readv, rings->queue[i].device->fd);
        if (rings->queue[i].kind == &queue_send)
            filter_add_fd(&vm->filter, SYS_writev, rings->queue[i].device->fd);
    }
    if (!rings->solo5)
        filter_add_sync(&vm->filter, &vm->devices);
}

/* ---- RING_SETUP */

void rings_choose_tell(struct vm *vm)
{
    struct rings *rings = &vm->rings;

    if (rings->interrupt < 0 || rings->tell == rings->interrupt || hypercall_polls(vm))
        return;
    __atomic_store_n(&rings->tell, rings->interrupt, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < rings->count; i++)
        if (rings->queue[i].vhost >= 0)
            vhost_set_call(&rings->queue[i], rings->interrupt);
    /* For what the other has been told meanwhile. */
    give_event(rings->interrupt);
}

/* Whether the kernel serves it; otherwise it is the worker's. */
static bool start_vhost(struct vm *vm, struct queue *queue)
{
    const char *name = image_mft(&vm->image)->e[queue->handle].name;
    struct error error;

    if (vhost_start(queue)) {
        __atomic_store_n(&queue->kernel, true, __ATOMIC_RELAXED);
        return true;
    }
    error_set(&error, "/dev/vhost-net: cannot start: %s", strerror(errno));
    if (!vm->rings.told)
        warn(vm, name, error.text);
    vm->rings.told = true;
    return false;
}

int32_t rings_setup(struct vm *vm, const struct hvt_hc_ring_setup *setup)
{
    struct rings *rings = &vm->rings;
    struct ring_fault fault;
    struct queue *queue;

    if (setup->queue >= rings->count)
        guest_kill(vm, "RING_SETUP: there is no queue %u", setup->queue);
    queue = &rings->queue[setup->queue];
    if (queue->taken)
        guest_kill(vm, "RING_SETUP: queue %u has been set up before", setup->queue);
    if (!ring_init(&queue->ring, &rings->memory, setup, &fault))
        guest_kill(vm, "RING_SETUP: queue %u: %s: 0x%llx", setup->queue, fault.text,
                   (unsigned long long)fault.value);
    queue->taken = true;
    if (queue->kind == &queue_receive) {
        hypercall_no_poll(vm, queue->handle);
        rings_choose_tell(vm);
    }
    if (queue->vhost >= 0 && start_vhost(vm, queue))
        return SOLO5_R_OK;
    __atomic_store_n(&queue->ready, true, __ATOMIC_RELEASE);
    give_event(queue->kick);
    return SOLO5_R_OK;
}

void rings_woken(const struct vm *vm)
{
    take_event(vm->rings.wake);
}

/* ---- The worker */

/* Ends the tender: the guest's processor is running, so where it is cannot be known. */
static void broken(struct vm *vm, const struct queue *queue)
{
    unsigned long long value = queue->fault.value;
    struct error error;

    if (queue->device == NULL)
        error_set(&error, "guest ended: %s ring: %s: 0x%llx", queue->kind->name, queue->fault.text,
                  value);
    else
        error_set(&error, "guest ended: %s queue %u of device %u: %s: 0x%llx", queue->kind->name,
                  (unsigned)(queue - vm->rings.queue), queue->handle, queue->fault.text, value);
    error_print(vm->tender->name, error.text);
    vm_end_now(vm, 1);
}

static void serve(struct vm *vm, struct queue *queue)
{
    queue->turn = queue->kind->serve(vm, queue);
    if (queue->turn == TURN_BROKEN)
        broken(vm, queue);
    if (!ring_tell(&queue->ring))
        return;
    vm->rings.stats.calls++;
    give_event(__atomic_load_n(&vm->rings.tell, __ATOMIC_RELAXED));
}

/* Two descriptors a queue: that it is kicked, and that its device is ready. */
static void wait_for_queues(struct rings *rings, struct pollfd *fds)
{
    const struct timespec none = {0};
    bool more = false;

    for (unsigned i = 0; i < rings->count; i++) {
        const struct queue *queue = &rings->queue[i];
        bool device = queue->turn == TURN_DEVICE;

        /* Before RING_SETUP nobody knows who will serve it. */
        bool kernel = __atomic_load_n(&queue->kernel, __ATOMIC_RELAXED);

        fds[2 * i] = (struct pollfd){kernel ? -1 : queue->kick, POLLIN, 0};
        fds[2 * i + 1] =
            (struct pollfd){device ? queue->device->fd : -1, queue->kind->device_events, 0};
        more |= queue->turn == TURN_MORE;
    }
    if (ppoll(fds, 2 * rings->count, more ? &none : NULL, NULL) < 0)
        memset(fds, 0, 2 * rings->count * sizeof *fds);
    rings->stats.wakeups++;
}

static void *work(void *arg)
{
    struct vm *vm = arg;
    struct rings *rings = &vm->rings;
    struct pollfd fds[2 * HVT_RING_QUEUES];

    sandbox_prepare();
    give_event(rings->wake);
    wait_for_event(rings->start);
    for (;;) {
        wait_for_queues(rings, fds);
        for (unsigned i = 0; i < rings->count; i++) {
            struct queue *queue = &rings->queue[i];

            if (fds[2 * i].revents != 0)
                take_event(queue->kick);
            else if (fds[2 * i + 1].revents == 0 && queue->turn != TURN_MORE)
                continue;
            if (__atomic_load_n(&queue->ready, __ATOMIC_ACQUIRE))
                serve(vm, queue);
        }
    }
    return NULL;
}

/* Signals are for the thread that runs the guest. Returns 0, or what is wrong. */
static int make_worker(struct vm *vm)
{
    sigset_t all, before;
    pthread_t thread;
    int why;

    memset(&all, 0xff, sizeof all);
    sigprocmask(SIG_SETMASK, &all, &before);
    why = pthread_create(&thread, NULL, work, vm);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return why;
}

/* The image has a network, and may know Solo5's ring: one of ours has a note, and knows better. */
static bool wants_solo5(struct vm *vm)
{
    const struct mft *mft = image_mft(&vm->image);
    bool has_network = false;

    for (unsigned i = 1; i < mft->entries; i++)
        has_network |= mft->e[i].type == MFT_DEV_NET_BASIC;
    return has_network && !vm->image.has_ext1 &&
           range_ok(vm->options.mem_size, SOLO5_RING_BYTES, vm->tender->mem_max_mb << 20);
}

static bool wants_rings(struct vm *vm)
{
    return image_mft(&vm->image)->entries > 1 && vm->image.has_ext1 &&
           EXT1_HAS(vm->image.ext1.knows, EXT1_RING);
}

/* Debugging aids stop the processor, which another thread would not see. */
static bool may_have_rings(const struct vm *vm)
{
    return !vm->options.no_rings && vm->hooks->prepare == NULL;
}

bool rings_open(struct vm *vm)
{
    struct rings *rings = &vm->rings;
    struct error error;
    int why;

    rings->wake = rings->interrupt = -1;
    if (!may_have_rings(vm) || !(wants_rings(vm) || wants_solo5(vm)))
        return false;
    rings->start = eventfd(0, EFD_CLOEXEC);
    rings->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    why = rings->start < 0 || rings->wake < 0 ? errno : make_worker(vm);
    if (why == 0) {
        rings->tell = rings->wake;
        rings->solo5 = wants_solo5(vm);
        return true;
    }
    error_set(&error, "warning: no rings: %s; frames and blocks go by calls of the guest",
              strerror(why));
    error_print(vm->tender->name, error.text);
    rings->wake = -1;
    return false;
}

void rings_start(const struct vm *vm)
{
    if (vm->rings.wake < 0)
        return;
    /* It has given up its rights; from now on it needs no call that the filter does not allow. */
    wait_for_event(vm->rings.wake);
    take_event(vm->rings.wake);
    give_event(vm->rings.start);
}
