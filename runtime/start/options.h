/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The words of the command line that the runtime takes for itself.
 *
 * A word that begins as an option of the table is consumed wherever it stands before `--`, which is
 * consumed too; everything else is the program's. A part of the runtime that a program does not use
 * is not linked into it, and then its options are not the runtime's: they reach the program.
 */
#ifndef RUNTIME_START_OPTIONS_H
#define RUNTIME_START_OPTIONS_H

#include <stddef.h>

struct rt_option {
    const char *prefix; /* "--name=" */
    /* Takes the text after the prefix, which stays where it is for as long as the program runs.
     * Returns NULL, or what is wrong with it and what to write. Constructors have not run. */
    const char *(*set)(const char *value);
};

/* Takes the options out of (words), of which there are (count), and closes the gaps.
 * Returns how many words are left. Ends the program with a message when a value is wrong. */
size_t options_consume(char **words, size_t count);

#endif
