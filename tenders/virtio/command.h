/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A command line that is being put together. What does not fit marks it as overflown, to be asked
 * once at the end.
 */
#ifndef TENDERS_VIRTIO_COMMAND_H
#define TENDERS_VIRTIO_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_WORDS_MAX 1024
#define COMMAND_TEXT_MAX  (256 * 1024)

struct command {
    bool overflow;
    unsigned count;
    size_t used;
    char *word[COMMAND_WORDS_MAX + 1]; /* ends with NULL; points into text */
    char text[COMMAND_TEXT_MAX];
};

/* Adds a word, formatted. */
void command_add(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends to the last word. */
void command_append(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends to the last word a value in the syntax of QEMU's options, where a comma ends it. */
void command_append_value(struct command *command, const char *value);

/* Writes it to standard output as a shell reads it, in one line. Returns 0, or -1 with errno. */
int command_print(const struct command *command);

#endif
