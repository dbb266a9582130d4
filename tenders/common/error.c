/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Messages: see error.h. No stdio stream is involved, so that nothing is allocated or buffered.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int error_set(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return -1;
}

int error_prefix(struct error *error, const char *format, ...)
{
    struct error message = *error;
    va_list arguments;
    size_t len;

    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    len = strlen(error->text);
    snprintf(error->text + len, sizeof error->text - len, ": %s", message.text);
    return -1;
}

void error_print(const char *program, const char *text)
{
    char line[1200];
    int len = snprintf(line, sizeof line, "%s: %s\n", program, text);

    if (len < 0)
        return;
    if ((size_t)len >= sizeof line) {
        len = sizeof line - 1;
        line[len - 1] = '\n';
    }
    /* A name can have any bytes: none of them is to be a command to a terminal, or a second line.
     */
    for (int i = 0; i < len - 1; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == '\x7f')
            line[i] = '?';
    /* Nobody is left to tell when this fails. */
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return;
}

void check_failed(const char *file, int line, const char *condition)
{
    struct error error = {""};

    error_set(&error, "%s:%d: internal error, please report it: CHECK(%s)", file, line, condition);
    error_print("tender", error.text);
    _exit(1);
}
