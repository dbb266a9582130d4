/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of manifests in JSON. What is accepted must be a valid manifest, and must
 * be the same after it has been printed and read again; what is refused must have
 * a reason and a place in the text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "generate.h"
#include "manifest_json.h"

static void check_round_trip(const struct mft *mft)
{
    struct fault fault;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct mft *again;

    FUZZ_CHECK(out != NULL);
    generate_manifest_json(out, mft);
    FUZZ_CHECK(fclose(out) == 0);
    again = manifest_json_parse(text, len, &fault);
    FUZZ_CHECK(again != NULL);
    FUZZ_CHECK(memcmp(mft, again, mft_size(MFT_MAX_ENTRIES)) == 0);
    free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct fault fault = {0};
    const char *reason;
    struct mft *mft;

    FUZZ_CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    mft = manifest_json_parse(text, size, &fault);
    if (mft != NULL) {
        FUZZ_CHECK(mft_validate(mft, mft_size(mft->entries), &reason) == 0);
        check_round_trip(mft);
    } else {
        FUZZ_CHECK(fault.line > 0 && fault.column > 0 && fault.text[0] != '\0');
        FUZZ_CHECK(strpbrk(fault.text, "\n\033") == NULL);
    }
    free(mft);
    free(text);
    return 0;
}
