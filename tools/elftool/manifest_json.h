/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The source form of a manifest, in JSON:
 *     {"type": "solo5.manifest", "version": 1,
 *      "devices": [{"name": "service", "type": "NET_BASIC"}]}
 * Whatever else the text says is refused, so that a slip of the pen cannot pass
 * for a device that is not there.
 */
#ifndef TOOLS_ELFTOOL_MANIFEST_JSON_H
#define TOOLS_ELFTOOL_MANIFEST_JSON_H

#include <stddef.h>

#include "fault.h"
#include "mft.h"

/* Bytes of the largest text that is read: 63 devices need less than 8 KiB. */
#define MANIFEST_JSON_MAX (1024 * 1024)

/*
 * Parses `len` bytes at `text`, which end with one more byte, a 0. Returns a
 * manifest that mft_validate() accepts, which the caller frees; or NULL, and then
 * `*fault` says why.
 */
struct mft *manifest_json_parse(const char *text, size_t len, struct fault *fault);

#endif
