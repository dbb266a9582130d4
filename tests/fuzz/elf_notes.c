/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of images, as far as solo5-elftool reads them. What is accepted must be
 * valid; what is refused must have a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "elf_notes.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);
    struct fault fault = {0};
    struct abi1_info abi;
    const char *reason;
    struct mft *mft;
    Elf *elf;

    FUZZ_CHECK(bytes != NULL);
    memcpy(bytes, data, size);
    FUZZ_CHECK(elf_version(EV_CURRENT) != EV_NONE);
    elf = elf_memory(bytes, size);
    if (elf != NULL) {
        mft = elf_notes_manifest(elf, &fault);
        if (mft != NULL)
            FUZZ_CHECK(mft_validate(mft, mft_size(mft->entries), &reason) == 0);
        else
            FUZZ_CHECK(fault.text[0] != '\0');
        free(mft);
        if (elf_notes_abi(elf, &abi, &fault) == 0)
            FUZZ_CHECK(elf_notes_target_name(abi.abi_target) != NULL);
        elf_end(elf);
    }
    free(bytes);
    return 0;
}
