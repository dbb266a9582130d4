/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio_abi.h: what a virtio image and whoever starts it agree upon beyond the boot protocols and
 * virtio 1.2. Self-contained: C11 headers only. An image has to run on machines that have none of
 * this: each part is found out by asking.
 */
#ifndef SOLO5_VIRTIO_ABI_H
#define SOLO5_VIRTIO_ABI_H

#include <stdint.h>

#define VIRTIO_ABI_VERSION 1

/* Lowest address at which an image may be loaded. */
#define VIRTIO_GUEST_MIN_BASE 0x100000

/* What a machine takes of its memory, in KiB: firmware, which uses the end of it before an image
 * starts, tables and stack; and the queues of each network and each disk. */
#define VIRTIO_MACHINE_KIB 1024
#define VIRTIO_NET_KIB     704
#define VIRTIO_BLOCK_KIB   128

/* Most characters of the command line, with the 0 that ends it; boot protocols take no more. */
#define VIRTIO_CMDLINE_SIZE 2048

/*
 * The exit status. isa-debug-exit brings back seven bits, ACPI none, so the status has a port of
 * its own: a read of 8 bits that gives VIRTIO_STATUS_MAGIC says that somebody listens, and the last
 * byte written before the machine is off is the status, 0 to 255. Where nobody listens the read
 * gives something else: 0xff on most machines, 0 by monitors that leave such a read alone. (QEMU:
 * -device isa-debugcon with this iobase and readback.) Writing it does not end the machine; after
 * it comes the quickest end that there is: if VIRTIO_STATUS_MAGIC was read, 32 bits of 0 to
 * VIRTIO_EXIT_PORT (QEMU: isa-debug-exit) end it at once, else ACPI and the like.
 */
#define VIRTIO_STATUS_PORT  0x5f4
#define VIRTIO_STATUS_MAGIC 0x51
#define VIRTIO_EXIT_PORT    0xf4

/*
 * The order of devices. solo5-virtio-run adds them in the order of the manifest: on PCI in
 * ascending slots of bus 0, on virtio-mmio at ascending addresses. Networks and disks are counted
 * apart. A disk's serial number is the first VIRTIO_SERIAL_SIZE characters of its name, and goes
 * before the order. No other network or disk is added.
 */
#define VIRTIO_SERIAL_SIZE 20

/*
 * The disk that the machine was started from, as solo5-virtio-mkimage makes it, has these eight
 * bytes at this offset. It is none of the manifest's, and is not counted.
 */
#define VIRTIO_BOOT_MARK        "QUINTET" /* with the 0 at its end */
#define VIRTIO_BOOT_MARK_OFFSET 3

/*
 * Words for the bindings, which the program does not see. Linux's word for a device on virtio-mmio,
 * as often as there are devices, anywhere on the command line:
 *
 *     virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID]
 *
 * and, before the program's own words, which network or disk belongs to a name of the manifest, by
 * its hardware address or its serial number; goes before everything else:
 *
 *     --device:NAME=XX:XX:XX:XX:XX:XX
 *     --device:NAME=SERIAL
 */
#define VIRTIO_MMIO_WORD "virtio_mmio.device="

/* QEMU's isa-debugcon, where early output goes: reading it gives the port itself. Without it, and
 * without virtio-console, output goes to COM1. */
#define VIRTIO_DEBUGCON_PORT 0xe9

#endif
