/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-spt: runs a unikernel as a process behind a seccomp filter. The guest has the process for
 * itself once it is entered: this program maps its memory at the addresses it was linked for, opens
 * its devices, gives up all rights that the guest is not to have, and jumps.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "boot.h"
#include "cgroup.h"
#include "devices.h"
#include "enter.h"
#include "filter.h"
#include "image.h"
#include "leftover.h"
#include "memory.h"
#include "options.h"
#include "range.h"
#include "sandbox.h"
#include "signals.h"
#include "spt_abi.h"
#include "uring.h"

#include "filter_code.h"

static int parse_exec_heap(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->exec_heap = true;
    return 0;
}

static int parse_io_uring(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->io_uring = true, options->no_io_uring = false;
    return 0;
}

static int parse_no_io_uring(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->io_uring = false, options->no_io_uring = true;
    return 0;
}

static const struct option spt_options[] = {
    {"--io-uring", NULL, "let disks use an io_uring also where no limit of memory bounds it",
     parse_io_uring},
    {"--no-io-uring", NULL, "move the blocks of disks by plain system calls only",
     parse_no_io_uring},
    {"--x-exec-heap", NULL, "make the heap executable, for a compiler in the guest",
     parse_exec_heap},
    {NULL, NULL, NULL, NULL},
};

static const struct tender spt_tender = {
    .name = "solo5-spt",
    .synopsis = "Runs the unikernel IMAGE as a process that can do nothing but use its devices.",
    .abi_target = SPT_ABI_TARGET,
    .abi_version = SPT_ABI_VERSION,
    .image_base = SPT_GUEST_MIN_BASE,
    .mem_max_mb = UINT64_C(1) << 20,
    .options = spt_options,
};

/* All state of the tender, which the guest does not find (leftover.h). */
static struct spt {
    struct options options;
    struct image image;
    struct gmem gmem;
    struct devices devices;
    struct filter filter;
    struct leftover leftover[LEFTOVER_COUNT];
    struct uring uring;
    int epollfd, timerfd;
    uint64_t features; /* set of enum ext1_feature that is offered */
    bool has_uring;    /* EXT1_URING is offered */
} spt;

/* What a guest has in flight is the kernel's memory. Nothing in a ring bounds it, but a control
 * group does. */
static bool wants_ring(const struct options *options)
{
    return options->io_uring || (!options->no_io_uring &&
                                 cgroup_limits_memory("/proc/self/cgroup", "/proc/self/mountinfo"));
}

/* A guest that knows what to do with it, and has a disk, gets a ring. */
static void make_uring(struct spt *t)
{
    uring_none(&t->uring);
    if (!t->image.has_ext1 || !EXT1_HAS(t->image.ext1.knows, EXT1_URING))
        return;
    for (unsigned i = 1; i < t->devices.count; i++)
        t->has_uring |= t->devices.device[i].type == MFT_DEV_BLOCK_BASIC;
    if (t->has_uring && wants_ring(&t->options))
        uring_make(&t->uring, &t->devices);
}

/* Makes the set that the guest waits on. */
static int create_events(struct spt *t, struct error *error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = SPT_INTERNAL_TIMERFD};

    t->epollfd = epoll_create1(EPOLL_CLOEXEC);
    t->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (t->epollfd < 0 || t->timerfd < 0 ||
        epoll_ctl(t->epollfd, EPOLL_CTL_ADD, t->timerfd, &event) != 0)
        return error_set(error, "cannot make the guest's timer: %s", strerror(errno));
    for (unsigned i = 1; i < t->devices.count; i++) {
        event.data.u64 = i;
        if (t->devices.device[i].type == MFT_DEV_NET_BASIC &&
            epoll_ctl(t->epollfd, EPOLL_CTL_ADD, t->devices.device[i].fd, &event) != 0)
            return error_set(error, "cannot wait for the network %s: %s",
                             image_mft(&t->image)->e[i].name, strerror(errno));
    }
    event = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.u64 = SPT_INTERNAL_URING};
    if (t->uring.fd >= 0 && epoll_ctl(t->epollfd, EPOLL_CTL_ADD, t->uring.fd, &event) != 0)
        return error_set(error, "cannot wait for disks: %s; try --no-io-uring", strerror(errno));
    return 0;
}

_Static_assert(BOOT_CMDLINE_SIZE == SPT_CMDLINE_SIZE, "spt_abi.h");

static struct boot layout(struct spt *t)
{
    return boot_layout(SPT_BOOT_INFO_BASE, sizeof(struct spt_boot_info), &t->image);
}

/* Where the guest finds its ring. */
static void write_uring_info(struct spt *t)
{
    struct spt_uring info = {
        .fd = t->uring.fd,
        .refused = t->uring.refused,
        .sq_entries = t->uring.sq_entries,
        .cq_entries = t->uring.cq_entries,
        .sq_head = (uintptr_t)t->uring.sq_head,
        .sq_tail = (uintptr_t)t->uring.sq_tail,
        .cq_head = (uintptr_t)t->uring.cq_head,
        .cq_tail = (uintptr_t)t->uring.cq_tail,
        .sqes = (uintptr_t)t->uring.sqes,
        .cqes = (uintptr_t)t->uring.cqes,
    };
    uint64_t at = layout(t).more;

    CHECK(at + sizeof info <= SPT_GUEST_MIN_BASE);
    memcpy(info.file, t->uring.file, sizeof info.file);
    gmem_write(&t->gmem, at, &info, sizeof info);
}

/* The guest may only read it, from then on. */
static int write_boot_info(struct spt *t, struct error *error)
{
    const struct boot boot = layout(t);
    const struct spt_boot_info info = {
        .mem_size = t->gmem.end,
        .kernel_end = t->image.end,
        .mft = boot.mft,
        .cmdline = boot.cmdline,
        .epollfd = t->epollfd,
        .timerfd = t->timerfd,
    };

    CHECK(boot.more <= SPT_GUEST_MIN_BASE);
    gmem_write(&t->gmem, SPT_BOOT_INFO_BASE, &info, sizeof info);
    if (boot_write(&boot, &t->gmem, &t->image, &t->options, error) != 0)
        return -1;
    if (t->has_uring)
        write_uring_info(t);
    if (gmem_protect(&t->gmem, SPT_HOST_MEM_BASE, SPT_GUEST_MIN_BASE - SPT_HOST_MEM_BASE,
                     PROT_READ) != 0)
        return error_set(error, "cannot protect guest memory: %s", strerror(errno));
    return 0;
}

/* What the guest asks for by its EXT1 note (elf_abi.h). */
static void offer_extensions(struct spt *t)
{
    static const int traps[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct ext1_offer offer = {.features = 1 << EXT1_NET_OFFLOAD | 1 << EXT1_FORGET};

    if (!t->image.has_ext1)
        return;
    for (unsigned i = 1; i < t->devices.count; i++)
        offer.net[i] = t->devices.device[i].offload;
    if (t->has_uring) {
        offer.features |= 1 << EXT1_URING;
        offer.uring = layout(t).more;
    }
    boot_offer(&offer, &t->gmem, &t->image);
    t->features = offer.features;
    for (size_t i = 0; t->image.ext1.trap != 0 && i < sizeof traps / sizeof traps[0]; i++)
        signals_set_trap(traps[i],
                         (void (*)(int, siginfo_t *, void *))(uintptr_t)t->image.ext1.trap);
}

static int map_guest(struct spt *t, struct error *error)
{
    const char *path = t->options.image;
    uint64_t heap = t->image.end;

    if (gmem_map(&t->gmem, SPT_HOST_MEM_BASE, t->options.mem_size, 0, true, error) != 0 ||
        image_load(&t->image, &t->gmem, true, path, error) != 0)
        return -1;
    if (t->options.exec_heap &&
        gmem_protect(&t->gmem, heap, t->gmem.end - heap, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return error_set(error, "--x-exec-heap: %s", strerror(errno));
    return 0;
}

static int confine(struct spt *t, struct error *error)
{
    const int fds[FILTER_FD_COUNT] = {
        [FILTER_FD_POLL] = t->epollfd, [FILTER_FD_TIMER] = t->timerfd, [FILTER_FD_VCPU] = -1};
    const int kept[] = {t->epollfd, t->timerfd, t->uring.fd};

    filter_begin(&t->filter);
    if (t->uring.fd >= 0)
        filter_add_uring(&t->filter, t->uring.fd);
    if (t->has_uring)
        filter_add_sync(&t->filter, &t->devices);
    filter_add_devices(&t->filter, &t->devices, EXT1_HAS(t->features, EXT1_BLOCK_MULTI));
    if (EXT1_HAS(t->features, EXT1_GUARD))
        filter_add_guard(&t->filter, page_up(t->image.end), t->gmem.end);
    for (size_t i = 0; i < LEFTOVER_COUNT; i++)
        filter_add_unmap(&t->filter, t->leftover[i].addr, t->leftover[i].len);
    filter_end(&t->filter, filter_code, sizeof filter_code / sizeof filter_code[0], filter_slots,
               sizeof filter_slots / sizeof filter_slots[0], fds);
    sandbox_close_others(&t->devices, kept, t->uring.fd >= 0 ? 3 : 2);
    if (uring_confine(&t->uring) != 0)
        return error_set(error, "cannot limit the size of files: %s; try --no-io-uring",
                         strerror(errno));
    /* Without its filter an spt guest would be an ordinary process. */
    return sandbox_enter(&t->filter, true, spt_tender.name, error);
}

static int prepare(struct spt *t, struct error *error)
{
    sandbox_fill_standard();
    if (devices_check_descriptors(&t->options, error) != 0 ||
        image_open(&t->image, t->options.image, &spt_tender, t->options.mem_size, error) != 0)
        return -1;
    t->devices.can_offload = t->image.has_ext1 && EXT1_HAS(t->image.ext1.knows, EXT1_NET_OFFLOAD);
    if (devices_attach(&t->devices, image_mft(&t->image), &t->options, true, error) != 0)
        return -1;
    make_uring(t);
    if (map_guest(t, error) != 0 || create_events(t, error) != 0 || write_boot_info(t, error) != 0)
        return -1;
    signals_init();
    offer_extensions(t);
    gmem_seal(&t->gmem, SPT_HOST_MEM_BASE);
    return confine(t, error);
}

int main(int argc, char **argv)
{
    struct error error;
    int status;

    spt.options.tender = &spt_tender;
    if (!options_begin(&spt.options, argc, argv, &status))
        return status;
    leftover_find(spt.leftover, argv);
    leftover_clear_environment(argc, argv);
    if (prepare(&spt, &error) == 0)
        spt_enter(spt.image.entry, SPT_BOOT_INFO_BASE, spt.gmem.end - SPT_STACK_OFFSET,
                  spt.leftover);
    error_print(spt_tender.name, error.text);
    return 1;
}
