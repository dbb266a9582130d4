/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * match.h: which of the machine's devices is which of the manifest's. A device is known by an
 * address: what it is the target says, such as a hardware address, a serial number, the
 * hypervisor's name for it. First go the words --device:, then disks whose address is a name of the
 * manifest, then the order in which devices were found.
 */
#ifndef MATCH_H
#define MATCH_H

#include "solo5.h"
#include "words.h"

/* A serial number holds so many characters of a name. */
#define MATCH_SERIAL_SIZE 20

/* A device of the machine. */
struct match_device {
    char address[WORDS_ADDRESS_SIZE]; /* as in struct device_word; empty: it has none */
    bool taken;
    solo5_handle_t handle; /* with `taken` */
};

/* Gives every device of (type) in the manifest one of (devices), all of that type. Devices that are
 * left are not taken: that is no fault when each name has one. False, with one line on the
 * console for each fault, when it cannot be done. */
bool match_devices(const struct mft *mft, enum mft_type type, struct match_device *devices,
                   unsigned count, const struct device_word *words, unsigned word_count);

/* Writes a hardware address as words have it. */
void match_mac_text(const uint8_t mac[6], char text[WORDS_ADDRESS_SIZE]);

#endif
