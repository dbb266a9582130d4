/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Command lines: see command.h.
 */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* At `used`, the place of the 0 that ends what is there. */
static void put(struct command *command, const char *format, va_list arguments)
{
    size_t room = sizeof command->text - command->used;
    int len = vsnprintf(command->text + command->used, room, format, arguments);

    if (len < 0 || (size_t)len >= room)
        command->overflow = true;
    else
        command->used += (size_t)len;
}

void command_add(struct command *command, const char *format, ...)
{
    va_list arguments;

    /* One word ends with a 0, and so the next begins after it; the last byte stays free. */
    if (command->count == COMMAND_WORDS_MAX || command->used + 2 >= sizeof command->text) {
        command->overflow = true;
        return;
    }
    if (command->count != 0)
        command->used++;
    command->word[command->count++] = command->text + command->used;
    va_start(arguments, format);
    put(command, format, arguments);
    va_end(arguments);
}

void command_append(struct command *command, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put(command, format, arguments);
    va_end(arguments);
}

void command_append_value(struct command *command, const char *value)
{
    for (; *value != '\0'; value++)
        command_append(command, *value == ',' ? ",%c" : "%c", *value);
}

static int print_word(const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-_=+,./:@%";

    if (*word != '\0' && word[strspn(word, plain)] == '\0')
        return fputs(word, stdout);
    if (putchar('\'') < 0)
        return EOF;
    for (; *word != '\0'; word++)
        if ((*word == '\'' ? fputs("'\\''", stdout) : putchar(*word)) == EOF)
            return EOF;
    return putchar('\'');
}

int command_print(const struct command *command)
{
    for (unsigned i = 0; i < command->count; i++)
        if (print_word(command->word[i]) == EOF ||
            putchar(i + 1 < command->count ? ' ' : '\n') == EOF)
            return -1;
    return fflush(stdout) == EOF ? -1 : 0;
}
