/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-hvt: runs a unikernel in a virtual machine of its own, by KVM. All that the guest is given
 * is opened and made here; then this program gives up its rights, and does nothing any more but
 * enter the guest and serve its hypercalls.
 */
#include "hvt.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot.h"
#include "sandbox.h"
#include "signals.h"

#include "filter_code.h"

int hvt_parse_stats(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->stats = true;
    return 0;
}

int hvt_parse_net_backend(struct options *options, const char *value, struct error *error)
{
    const char *backend = strchr(value, '=');

    if (backend != NULL && backend[1] != '\0' && strcmp(backend + 1, "vhost") != 0 &&
        strcmp(backend + 1, "tender") != 0)
        return error_set(error, "--net-backend:%s: must be vhost or tender", value);
    return options_add_device(options, OPTION_NET_BACKEND, value, error);
}

int hvt_parse_no_rings(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->no_rings = true;
    return 0;
}

_Static_assert(BOOT_CMDLINE_SIZE == HVT_CMDLINE_SIZE, "hvt_abi.h");

static struct boot layout(struct vm *vm)
{
    return boot_layout(HVT_BOOT_INFO_BASE, sizeof(struct hvt_boot_info), &vm->image);
}

static int write_boot_info(struct vm *vm, struct error *error)
{
    const struct boot boot = layout(vm);
    struct hvt_boot_info info = {
        .mem_size = vm->options.mem_size,
        .kernel_end = vm->image.end,
        .cpu_cycle_freq = vm->cycle_freq,
        .mft = boot.mft,
        .cmdline = boot.cmdline,
    };

    CHECK(boot.more <= HVT_GUEST_MIN_BASE);
    rings_boot_info(vm, &info);
    gmem_write(&vm->gmem, HVT_BOOT_INFO_BASE, &info, sizeof info);
    return boot_write(&boot, &vm->gmem, &vm->image, &vm->options, error);
}

/* Where the guest finds what it needs to know of rings. */
static uint64_t write_ring_offer(struct vm *vm)
{
    uint64_t at = layout(vm).more;
    struct hvt_ring_offer offer;

    CHECK(at + sizeof offer <= HVT_GUEST_MIN_BASE);
    rings_offer(vm, &offer);
    gmem_write(&vm->gmem, at, &offer, sizeof offer);
    return at;
}

/* What the guest asks for by its EXT1 note (elf_abi.h). */
static void offer_extensions(struct vm *vm)
{
    struct ext1_offer offer = {0};

    if (!vm->image.has_ext1)
        return;
    if (vm->rings.wake >= 0) {
        offer.features |= 1 << EXT1_RING;
        offer.ring = write_ring_offer(vm);
        if (vm->rings.interrupt >= 0)
            offer.features |= 1 << EXT1_INTERRUPT;
    }
    if (vm->devices.can_offload)
        offer.features |= 1 << EXT1_NET_OFFLOAD;
    for (unsigned i = 1; i < vm->devices.count; i++)
        if (vm->rings.first[i] != HVT_RING_NONE)
            offer.net[i] = vm->devices.device[i].offload;
    boot_offer(&offer, &vm->gmem, &vm->image);
    vm->multi = EXT1_HAS(offer.features, EXT1_BLOCK_MULTI);
    vm->guard = EXT1_HAS(offer.features, EXT1_GUARD);
}

static int confine(struct vm *vm, struct error *error)
{
    int fds[3 + RINGS_FDS] = {vm->cpu};
    unsigned count = 1;
    const int slots[FILTER_FD_COUNT] = {[FILTER_FD_VCPU] = vm->cpu};

    if (vm->options.stats)
        fds[count++] = vm->stats.fd;
    /* With it closed KVM would let go of the interrupt. */
    if (vm->rings.interrupt >= 0)
        fds[count++] = vm->fd;
    count += rings_fds(vm, fds + count);
    filter_begin(&vm->filter);
    filter_add_devices(&vm->filter, &vm->devices, vm->multi);
    if (vm->options.stats)
        filter_add_fd(&vm->filter, SYS_pread64, vm->stats.fd);
    rings_filter(vm);
    filter_end(&vm->filter, filter_code, sizeof filter_code / sizeof filter_code[0], filter_slots,
               sizeof filter_slots / sizeof filter_slots[0], slots);
    sandbox_close_others(&vm->devices, fds, count);
    rings_start(vm);
    /* The guest is confined by the virtual machine; the filter is for the tender's own faults. */
    return sandbox_enter(&vm->filter, false, vm->tender->name, error);
}

static int prepare(struct vm *vm, struct error *error)
{
    const char *path = vm->options.image;
    uint64_t mem_size = vm->options.mem_size, mem_end;

    sandbox_fill_standard();
    if (devices_check_descriptors(&vm->options, error) != 0 ||
        image_open(&vm->image, path, vm->tender, mem_size, error) != 0)
        return -1;
    vm->devices.can_offload = rings_open(vm) && EXT1_HAS(vm->image.ext1.knows, EXT1_NET_OFFLOAD);
    mem_end = mem_size + rings_memory(vm);
    if (devices_attach(&vm->devices, image_mft(&vm->image), &vm->options, false, error) != 0 ||
        gmem_map(&vm->gmem, 0, mem_end, cpu_tables_size(mem_end), false, error) != 0 ||
        image_load(&vm->image, &vm->gmem, false, path, error) != 0 || vm_create(vm, error) != 0)
        return -1;
    rings_make(vm);
    if (write_boot_info(vm, error) != 0)
        return -1;
    if (vm->options.stats && stats_open(&vm->stats, vm->cpu, error) != 0)
        return -1;
    offer_extensions(vm);
    hypercall_init(vm);
    rings_choose_tell(vm);
    signals_init();
    if (vm->options.stats)
        vm_stats_at_signals(vm);
    gmem_seal(&vm->gmem, HVT_BOOT_INFO_BASE);
    return vm->hooks->prepare != NULL ? vm->hooks->prepare(vm, error) : confine(vm, error);
}

int hvt_main(const struct tender *tender, const struct vm_hooks *hooks, int argc, char **argv)
{
    static struct vm vm;
    struct error error;
    int status;

    vm.tender = vm.options.tender = tender;
    vm.hooks = hooks;
    if (!options_begin(&vm.options, argc, argv, &status))
        return status;
    if (prepare(&vm, &error) == 0)
        vm_run(&vm);
    error_print(tender->name, error.text);
    return 1;
}
