/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * virtio_abi.h: what an image for virtio finds beside the machine, when solo5-virtio-run starts it,
 * and the words on its command line that it takes for itself. Self-contained.
 */
#ifndef SOLO5_VIRTIO_ABI_H
#define SOLO5_VIRTIO_ABI_H

#define VIRTIO_ABI_VERSION 1

/*
 * Console: QEMU's isa-debugcon. Reading the port gives VIRTIO_DEBUGCON_READBACK, which tells it
 * from an empty one; without it early output goes to COM1.
 */
#define VIRTIO_CONSOLE_PORT      0xe9
#define VIRTIO_DEBUGCON_READBACK 0xe9

/*
 * The exit status, 0 to 255, is written as one byte to a second isa-debugcon; then the machine is
 * switched off. One that starts images reads the byte at the other end of its character device:
 *
 *     -chardev ...,id=status -device isa-debugcon,iobase=0x5e9,chardev=status
 *
 * Without it, isa-debug-exit takes the low seven bits: QEMU exits with status * 2 + 1.
 *
 *     -device isa-debug-exit,iobase=0x501,iosize=2
 *
 * With both, the byte is written first and isa-debug-exit ends QEMU at once. Without either the
 * machine is switched off in its own way, and the status is lost.
 */
#define VIRTIO_STATUS_PORT     0x5e9
#define VIRTIO_DEBUG_EXIT_PORT 0x501

/*
 * Words for the bindings, before the program's own. Linux's word for a device on the platform bus,
 * as often as there are devices, anywhere on the command line:
 *
 *     virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID]
 *
 * Which device belongs to which name of the manifest: a network by its hardware address, a disk by
 * its serial number. A disk whose serial number is a name of the manifest needs no word. The
 * devices that are left are taken in the order in which they are found.
 *
 *     --device:NAME=XX:XX:XX:XX:XX:XX
 *     --device:NAME=SERIAL
 */
#define VIRTIO_MMIO_WORD   "virtio_mmio.device="
#define VIRTIO_DEVICE_WORD "--device:"

#endif
