/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the words of the command line that are the bindings' own: what is taken out is gone,
 * and what is read has a meaning.
 */
#include "mmio_words.h"

#include <string.h>

#include "fake.h"
#include "fuzz.h"
#include "virtio_abi.h"
#include "words.h"

#define MAX 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mmio_place places[MAX];
    static struct device_word words[MAX];
    char *line = malloc(size + 1), *word;

    FUZZ_CHECK(line != NULL);
    memcpy(line, data, size);
    line[size] = '\0';
    fake_reset();
    unsigned count;
    bool read = words_devices(line, words, MAX, &count);
    FUZZ_CHECK(count <= MAX);
    FUZZ_CHECK(read == (strstr(fake.said, "cannot be read") == NULL));
    for (unsigned i = 0; i < count; i++) {
        FUZZ_CHECK(words[i].name[0] != '\0' && strlen(words[i].name) < MFT_NAME_SIZE);
        FUZZ_CHECK(words[i].address[0] != '\0' && strlen(words[i].address) < WORDS_ADDRESS_SIZE);
    }
    count = words_mmio(line, places, MAX);
    FUZZ_CHECK(count <= MAX);
    for (unsigned i = 0; i < count; i++)
        FUZZ_CHECK(places[i].size != 0 && places[i].base + (places[i].size - 1) >= places[i].base);
    for (word = line; (word = strstr(word, VIRTIO_MMIO_WORD)) != NULL; word++)
        FUZZ_CHECK(word != line && word[-1] != ' ');
    free(line);
    return 0;
}
