/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * words.h: the words of the command line that are the bindings' own (virtio_abi.h). They are taken
 * out of it, so that the program does not see them.
 */
#ifndef WORDS_H
#define WORDS_H

#include "acpi.h"
#include "mft_abi.h"

#define WORDS_ADDRESS_SIZE 24 /* of a MAC or a serial number, with the terminator */

/* --device:NAME=ADDRESS */
struct device_word {
    char name[MFT_NAME_SIZE];
    char address[WORDS_ADDRESS_SIZE];
};

/* Takes the words virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID] out, wherever they are; those that
 * cannot be read, or are too many, with a message. Returns how many there are in (places), in the
 * order of addresses: QEMU begins with the last. */
unsigned words_mmio(char *cmdline, struct mmio_place *places, unsigned max);

/* Takes the words --device:NAME=ADDRESS out that come before the program's own, and sets (count) to
 * how many there are in (words). False, with a line on the console, when one of them cannot be read
 * or there are too many: whoever goes on without it may give the program another device. */
bool words_devices(char *cmdline, struct device_word *words, unsigned max, unsigned *count);

#endif
