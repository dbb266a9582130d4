/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * mmio_words.h: the words of the command line that tell of devices on virtio-mmio (virtio_abi.h).
 * They are taken out of it, so that the program does not see them.
 */
#ifndef MMIO_WORDS_H
#define MMIO_WORDS_H

#include "acpi.h"

/* Takes the words virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID] out, wherever they are; those that
 * cannot be read, or are too many, with a message. Returns how many there are in (places), in the
 * order of addresses: QEMU begins with the last. */
unsigned words_mmio(char *cmdline, struct mmio_place *places, unsigned max);

#endif
