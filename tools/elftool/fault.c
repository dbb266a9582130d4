/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Faults in words, and foreign text inside them.
 */
#include "fault.h"

#include <stdio.h>
#include <string.h>

void fault_vset_at(struct fault *fault, unsigned line, unsigned column, const char *format,
                   va_list args)
{
    fault->line = line;
    fault->column = column;
    vsnprintf(fault->text, sizeof fault->text, format, args);
}

int fault_set(struct fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fault_vset_at(fault, 0, 0, format, args);
    va_end(args);
    return -1;
}

const char *quote(struct quoted *quoted, const char *text)
{
    static const char more[] = "...";
    const size_t room = sizeof quoted->text - sizeof more;
    size_t used = 0;

    for (const char *c = text; *c != '\0'; c++) {
        char one[5] = {*c};

        if (*c < 0x20 || *c > 0x7e)
            snprintf(one, sizeof one, "\\x%02x", (unsigned char)*c);
        size_t len = strlen(one);
        if (len > room - used) {
            memcpy(quoted->text + used, more, sizeof more);
            return quoted->text;
        }
        memcpy(quoted->text + used, one, len);
        used += len;
    }
    quoted->text[used] = '\0';
    return quoted->text;
}
