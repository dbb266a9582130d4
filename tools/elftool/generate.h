/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the tool writes. Each function prints to `out` all that there is to say of
 * the struct at `data`, and leaves it to the caller to look for errors of `out`.
 */
#ifndef TOOLS_ELFTOOL_GENERATE_H
#define TOOLS_ELFTOOL_GENERATE_H

#include <stdio.h>

/* C that defines the manifest (struct mft), to be compiled and linked in. */
void generate_manifest(FILE *out, const void *data);

/* A C header with one typed constant for each device of the manifest (struct mft). */
void generate_header(FILE *out, const void *data);

/* The manifest (struct mft) as JSON. */
void generate_manifest_json(FILE *out, const void *data);

/* The ABI (struct abi1_info, of a known target) as JSON. */
void generate_abi_json(FILE *out, const void *data);

#endif
