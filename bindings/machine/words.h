/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * words.h: words of the command line that are the bindings' own. They are taken out of it, so that
 * the program does not see them.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>

#include "mft_abi.h"

/* Returns the end of the word at (word): a space, or the end of the line. */
char *word_end(char *word);

/* Takes the word at (word) out of the line that begins at (line), and one of the spaces beside it.
 * Returns where to go on. */
char *word_take_out(char *line, char *word);

/* Which device is to be which of the manifest: --device:NAME=ADDRESS. */
#define DEVICE_WORD        "--device:"
#define WORDS_ADDRESS_SIZE 24 /* with the terminator */

struct device_word {
    char name[MFT_NAME_SIZE];
    char address[WORDS_ADDRESS_SIZE];
};

/* Takes the words --device:NAME=ADDRESS out that come before the program's own, and sets (count) to
 * how many there are in (words). False, with a line on the console, when one of them cannot be read
 * or there are too many: whoever goes on without it may give the program another device. */
bool words_devices(char *cmdline, struct device_word *words, unsigned max, unsigned *count);

#endif
