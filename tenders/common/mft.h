/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The manifest of a unikernel: checks a copy of it that came out of a file, and
 * finds devices in it. Needs nothing but string.h and allocates nothing, so that
 * tenders, tools and fuzzers use the same code.
 */
#ifndef TENDERS_COMMON_MFT_H
#define TENDERS_COMMON_MFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mft_abi.h"

/*
 * Bytes of a manifest with `entries` entries, the reserved one included.
 */
size_t mft_size(unsigned entries);

/*
 * Checks the `size` bytes at `mft`, of which nothing is known but that they are
 * readable and aligned for a struct mft. Returns 0 if they are a manifest as a
 * unikernel carries it in its file: version 1, exactly as long as its entries
 * say, entry 0 reserved and unnamed, every other one a device of a known type
 * with a valid name, no two devices of one type with one name, none attached.
 * Otherwise returns -1 and sets `*reason` to a constant sentence without a full
 * stop. What is in `u` and `b` of an entry is not looked at: whoever attaches
 * the device sets them.
 */
int mft_validate(const struct mft *mft, size_t size, const char **reason);

/*
 * Looks up a device in a manifest that mft_validate() accepted. Returns its entry
 * and sets `*index`, which may be NULL, to its handle; NULL if there is no such
 * device.
 */
struct mft_entry *mft_find(struct mft *mft, const char *name, enum mft_type type, unsigned *index);

/*
 * The name of a device type as manifest.json spells it, such as "NET_BASIC"; NULL
 * for a number that is no device type.
 */
const char *mft_type_name(uint32_t type);

/*
 * The reverse: 0 if `name` is no device type.
 */
uint32_t mft_type_by_name(const char *name);

/*
 * True if `c` may stand in a device's name: A to Z, a to z, 0 to 9, in any locale.
 */
bool mft_name_char(char c);

#endif
