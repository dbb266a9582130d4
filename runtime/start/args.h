/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line, a single string on this platform, as words.
 */
#ifndef RUNTIME_START_ARGS_H
#define RUNTIME_START_ARGS_H

#include <stddef.h>

/* The most words that a line of (len) characters can have. */
#define ARGS_MAX_WORDS(len) ((len) / 2 + 1)

/* Splits (line) into words at spaces, tabs and newlines. As in a shell, '...' is taken as it is, in
 * "..." a backslash takes away the meaning of " and \, elsewhere that of any character; quoted and
 * unquoted pieces that touch are one word, and '' is an empty one.
 *
 * (text) gets the words, each ended by a zero: room for strlen(line) + 1 characters. (words) gets
 * their addresses: room for ARGS_MAX_WORDS. (*count) says how many there are.
 * Returns NULL, or what is wrong with the line. */
const char *args_split(const char *line, char *text, char **words, size_t *count);

#endif
