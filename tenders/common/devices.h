/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The one table of devices: what the options have attached to what the image's manifest declares,
 * by its index there, which is the guest's handle. It owns the descriptors, which stay open as long
 * as the tender runs.
 */
#ifndef TENDERS_COMMON_DEVICES_H
#define TENDERS_COMMON_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "mft_abi.h"
#include "options.h"

/* Most that a guest may move in one request, with EXT1_BLOCK_MULTI (elf_abi.h). */
#define DEVICES_BLOCK_MAX (UINT64_C(1) << 20)

struct device {
    uint32_t type; /* enum mft_type; MFT_RESERVED_FIRST in entry 0 */
    int fd;
    /* Of a network. */
    uint8_t mac[6];
    uint16_t mtu;
    uint32_t offload; /* set of SOLO5_NET_* bits (solo5_io.h); when not 0, frames have headers */
    /* Of a disk. */
    uint16_t block_size; /* bytes, a power of two from 512 */
    uint64_t capacity;   /* bytes, a multiple of block_size, not 0 */
};

struct devices {
    unsigned count;   /* entries of the manifest */
    bool can_offload; /* EXT1_NET_OFFLOAD may be offered; set before devices_attach */
    struct device device[MFT_MAX_ENTRIES];
};

/* The descriptors that the options name are open, each named once. To be asked before anything is
 * opened that could have such a number. Returns 0, or -1 with (error). */
int devices_check_descriptors(const struct options *options, struct error *error);

/* Every option names a device that the image declares, of the option's kind. Returns 0, or -1 with
 * (error). */
int devices_check_options(struct mft *mft, const struct options *options, struct error *error);

/* Every device of the manifest has an option that attaches it, and every option such a device;
 * opens nothing. Returns 0, or -1 with (error). */
int devices_check(struct mft *mft, const struct options *options, struct error *error);

/*
 * Opens all devices of the manifest and fills in its properties, `attached`, and with (hostfds)
 * the descriptors; without it they stay 0. Returns 0, or -1 with (error).
 */
int devices_attach(struct devices *devices, struct mft *mft, const struct options *options,
                   bool hostfds, struct error *error);

/* The device (handle) if it is of that type, else NULL. Any value is allowed. */
const struct device *devices_get(const struct devices *devices, uint64_t handle,
                                 enum mft_type type);

/* Whether reading from a network failed, with errno (why), only because there is nothing now. */
bool devices_net_empty(int why);

/* The most that a request for that disk may move; (multi): whether EXT1_BLOCK_MULTI was offered. */
uint64_t devices_block_limit(const struct device *device, bool multi);

/* What of a request for (len) bytes at (offset), which are whole blocks of the disk, may be moved
 * at once: see EXT1_BLOCK_MULTI in elf_abi.h. */
uint64_t devices_block_piece(const struct device *device, uint64_t offset, uint64_t len,
                             bool multi);

/* Moves such a request between (at) and the disk, in such pieces. Returns whether all of it was. */
bool devices_block_move(const struct device *device, uint64_t offset, uint8_t *at, uint64_t len,
                        bool multi, bool writing);

#endif
