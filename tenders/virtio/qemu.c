/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * QEMU's command line: see qemu.h.
 */
#include "qemu.h"

#include <string.h>
#include <sys/stat.h>

#include "cidr.h"
#include "mft.h"
#include "virtio_abi.h"

/* Of virtio-mmio: what microvm has. */
#define MMIO_SLOTS 24

/* On pc and q35: the host bridge and, on pc, the ISA bridge take the first; q35's own are last. */
#define PCI_FIRST_SLOT 3
#define PCI_LAST_SLOT  0x1d
#define PCI_SLOTS      (PCI_LAST_SLOT - PCI_FIRST_SLOT + 1)
#define PCI_FUNCTIONS  8

static bool is_microvm(const struct qemu *qemu)
{
    return strcmp(qemu->own->machine, "microvm") == 0;
}

static void add_machine(const struct qemu *qemu, struct command *command)
{
    static const char *const always[] = {
        "-nodefaults", "-no-user-config", "-no-reboot",       "-display",
        "none",        "-chardev",        "stdio,id=console", "-device"};
    const char *accel = qemu->own->accel;
    bool kvm = strcmp(accel, "kvm") == 0;

    command_add(command, "-machine");
    command_add(command, "%s,accel=%s", qemu->own->machine, accel);
    if (is_microvm(qemu))
        command_append(command, ",acpi=off,auto-kernel-cmdline=on,rtc=on,ioapic2=on");
    command_add(command, "-cpu");
    command_add(command, "%s", kvm ? "host,migratable=no" : "max");
    command_add(command, "-smp");
    /* QEMU 7.2 emulates no memory barriers where there can be but one processor, although devices
     * run beside it: now and then one is not told of a request that it waits for. */
    command_add(command, kvm ? "1" : "1,maxcpus=2");
    command_add(command, "-m");
    command_add(command, "%llu", (unsigned long long)(qemu->options->mem_size >> 20));
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        command_add(command, "%s", always[i]);
    command_add(command, "isa-debugcon,iobase=0x%x,chardev=console", VIRTIO_DEBUGCON_PORT);
    if (!qemu->own->no_sandbox) {
        command_add(command, "-sandbox");
        command_add(command, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                             "resourcecontrol=deny");
    }
}

static void add_status(const struct qemu *qemu, struct command *command)
{
    if (qemu->status_fd < 0)
        return;
    command_add(command, "-device");
    command_add(command, "isa-debug-exit,iobase=0x%x,iosize=4", VIRTIO_EXIT_PORT);
    command_add(command, "-chardev");
    command_add(command, "file,id=status,path=/proc/self/fd/%d", qemu->status_fd);
    command_add(command, "-device");
    command_add(command, "isa-debugcon,iobase=0x%x,readback=0x%x,chardev=status",
                VIRTIO_STATUS_PORT, VIRTIO_STATUS_MAGIC);
}

/* A device of that type, as the (index)th of (count): its transport and its place. */
static void add_device(const struct qemu *qemu, struct command *command, const char *type,
                       unsigned index, unsigned count)
{
    command_add(command, "-device");
    if (is_microvm(qemu)) {
        command_add(command, "virtio-%s-device,bus=virtio-mmio-bus.%u", type, index);
        return;
    }
    command_add(command, "virtio-%s-pci", type);
    if (count <= PCI_SLOTS)
        command_append(command, ",addr=%x", PCI_FIRST_SLOT + index);
    else
        command_append(command, ",addr=%x.%x%s", PCI_FIRST_SLOT + index / PCI_FUNCTIONS,
                       index % PCI_FUNCTIONS,
                       index % PCI_FUNCTIONS == 0 ? ",multifunction=on" : "");
    if (qemu->own->interface == INTERFACE_MODERN)
        command_append(command, ",disable-legacy=on,disable-modern=off");
    else if (qemu->own->interface == INTERFACE_LEGACY)
        command_append(command, ",disable-legacy=off,disable-modern=on");
}

static void append_forwards(const struct qemu *qemu, struct command *command, const char *name,
                            bool is_first)
{
    for (unsigned i = 0; i < qemu->own->publish_count; i++) {
        const struct forward *forward = &qemu->own->publish[i];
        char address[ADDR_TEXT_SIZE];

        if (forward->net_name[0] == '\0' ? !is_first : strcmp(forward->net_name, name) != 0)
            continue;
        command_append(command, ",hostfwd=%s:%s:%u-:%u", forward->is_udp ? "udp" : "tcp",
                       addr_format(forward->host_addr, address), forward->host_port,
                       forward->guest_port);
    }
}

/* (user): how many of QEMU's own networks come before it. */
static void add_net(const struct qemu *qemu, struct command *command, unsigned index, unsigned user)
{
    const struct device *device = &qemu->devices.device[index];
    const char *name = qemu->mft->e[index].name;

    command_add(command, "-netdev");
    switch (qemu->backend[index]) {
    case BACKEND_TAP_NAME:
        command_add(command, "tap,id=net-%s,script=no,downscript=no,ifname=", name);
        command_append_value(command, options_device(qemu->options, OPTION_NET, name));
        break;
    case BACKEND_TAP:
        command_add(command, "tap,id=net-%s,fd=%d", name, device->fd);
        break;
    case BACKEND_SOCKET:
        command_add(command, "socket,id=net-%s,fd=%d", name, device->fd);
        break;
    case BACKEND_USER:
        command_add(command, "user,id=net-%s,net=10.0.%u.0/24", name, 2 + user);
        append_forwards(qemu, command, name, user == 0);
        break;
    }
    add_device(qemu, command, "net", index - 1, qemu->devices.count);
    command_append(command, ",netdev=net-%s", name);
    if (qemu->has_mac[index])
        command_append(command, ",mac=%02x:%02x:%02x:%02x:%02x:%02x", device->mac[0],
                       device->mac[1], device->mac[2], device->mac[3], device->mac[4],
                       device->mac[5]);
    if (device->mtu != 0)
        command_append(command, ",host_mtu=%u", device->mtu);
}

static void add_block(const struct qemu *qemu, struct command *command, unsigned index)
{
    const struct device *device = &qemu->devices.device[index];
    const char *name = qemu->mft->e[index].name;
    const char *path = options_device(qemu->options, OPTION_BLOCK, name);
    struct stat st;
    bool is_device = stat(path, &st) == 0 && S_ISBLK(st.st_mode);

    command_add(command, "-blockdev");
    command_add(command,
                "driver=raw,node-name=disk-%s,discard=unmap,file.driver=%s,file.filename=", name,
                is_device ? "host_device" : "file");
    command_append_value(command, path);
    add_device(qemu, command, "blk", index - 1, qemu->devices.count);
    command_append(command, ",drive=disk-%s,serial=%.*s", name, VIRTIO_SERIAL_SIZE, name);
    if (device->block_size > 512)
        command_append(command, ",logical_block_size=%u,physical_block_size=%u", device->block_size,
                       device->block_size);
}

/* A forward names a network that QEMU serves. */
static int check_forwards(const struct qemu *qemu, unsigned users, struct error *error)
{
    for (unsigned i = 0; i < qemu->own->publish_count; i++) {
        const struct forward *forward = &qemu->own->publish[i];
        unsigned index;

        if (forward->net_name[0] == '\0') {
            if (users != 0)
                continue;
            return error_set(error, "-p %s: no network is attached with --net:NAME=%s",
                             forward->text, TENDER_NET_USER);
        }
        if (mft_find(qemu->mft, forward->net_name, MFT_DEV_NET_BASIC, &index) == NULL ||
            qemu->backend[index] != BACKEND_USER)
            return error_set(error, "-p %s: it needs --net:%s=%s", forward->text, forward->net_name,
                             TENDER_NET_USER);
    }
    return 0;
}

int qemu_command(const struct qemu *qemu, struct command *command, struct error *error)
{
    /* And the source of entropy. */
    unsigned count = qemu->devices.count, slots = is_microvm(qemu) ? MMIO_SLOTS : UINT32_MAX;
    unsigned users = 0;

    if (count > slots)
        return error_set(error,
                         "--machine=microvm: has room for %u devices, and the image declares %u; "
                         "use --machine=q35",
                         slots - 1, count - 1);
    command_add(command, "%s", qemu->own->program);
    add_machine(qemu, command);
    add_status(qemu, command);
    for (unsigned i = 1; i < count; i++) {
        if (qemu->devices.device[i].type == MFT_DEV_BLOCK_BASIC)
            add_block(qemu, command, i);
        else
            add_net(qemu, command, i, users);
        users +=
            qemu->devices.device[i].type == MFT_DEV_NET_BASIC && qemu->backend[i] == BACKEND_USER;
    }
    add_device(qemu, command, "rng", count - 1, count);
    command_add(command, "-kernel");
    command_add(command, "%s", qemu->options->image);
    command_add(command, "-append");
    command_add(command, "%s", qemu->cmdline);
    for (unsigned i = 0; i < qemu->own->word_count; i++)
        command_add(command, "%s", qemu->own->word[i]);
    if (command->overflow)
        return error_set(error, "QEMU's command line would be too long");
    return check_forwards(qemu, users, error);
}
