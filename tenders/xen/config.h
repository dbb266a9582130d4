/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The configuration of a domain, as xl.cfg(5) has it.
 */
#ifndef TENDERS_XEN_CONFIG_H
#define TENDERS_XEN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "mft_abi.h"
#include "options.h"

#define CONFIG_CMDLINE_SIZE 8192 /* bytes, with the terminator */

struct config {
    const struct options *options;
    const struct mft *mft;
    const char *name;   /* of the domain */
    const char *kernel; /* absolute path of the image */
    const char *cmdline;
    bool kept; /* the domain is left as it is when it ends, for whoever wants its status */
    const char *target[MFT_MAX_ENTRIES]; /* of a disk: absolute path of a file or block device */
    bool has_mac[MFT_MAX_ENTRIES];
    uint8_t mac[MFT_MAX_ENTRIES][6];
    bool bridge[MFT_MAX_ENTRIES]; /* of a network: the option names a bridge */
};

/* Returns the text, which is the caller's to free, or NULL with (error). */
char *config_text(const struct config *config, struct error *error);

/* Name of disk number (index), such as xvda; "" when there is none. */
void config_disk_name(char name[8], unsigned index);

#endif
