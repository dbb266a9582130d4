/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the notes of a unikernel's image say of it. The image is hostile: libelf
 * reads the file's structure, and here everything that it hands out is checked.
 */
#ifndef TOOLS_ELFTOOL_ELF_NOTES_H
#define TOOLS_ELFTOOL_ELF_NOTES_H

#include <libelf.h>

#include "elf_abi.h"
#include "fault.h"
#include "mft.h"

/*
 * Returns the manifest in the image, valid as mft_validate() has it, which the
 * caller frees; or NULL, and then `*fault` says why.
 */
struct mft *elf_notes_manifest(Elf *elf, struct fault *fault);

/*
 * Sets `*abi` to the ABI that the image is linked for, and returns 0; its target is
 * one that elf_notes_target_name() knows. On failure returns -1 and sets `*fault`.
 */
int elf_notes_abi(Elf *elf, struct abi1_info *abi, struct fault *fault);

/*
 * The name of a target, such as "hvt"; NULL if there is none of that number.
 */
const char *elf_notes_target_name(uint32_t target);

#endif
