/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See message.h.
 */
#include "start/message.h"

#include <stdarg.h>
#include <stddef.h>

#include "solo5.h"

#define LINE_SIZE 512

static void write_line(const char *part, va_list parts)
{
    char line[LINE_SIZE];
    size_t len = 0;

    for (const char *p = "runtime: "; *p != '\0'; p++)
        line[len++] = *p;
    for (; part != NULL; part = va_arg(parts, const char *))
        for (const char *p = part; *p != '\0' && len < LINE_SIZE - 1; p++)
            line[len++] = *p;
    line[len++] = '\n';
    solo5_console_write(line, len);
}

void rt_message(const char *part, ...)
{
    va_list parts;

    va_start(parts, part);
    write_line(part, parts);
    va_end(parts);
}

void rt_fail(const char *part, ...)
{
    va_list parts;

    va_start(parts, part);
    write_line(part, parts);
    va_end(parts);
    solo5_exit(SOLO5_EXIT_FAILURE);
}

void rt_panic(const char *part, ...)
{
    va_list parts;

    va_start(parts, part);
    write_line(part, parts);
    va_end(parts);
    solo5_abort();
}

char *rt_hex(char buf[RT_HEX_SIZE], unsigned long value)
{
    char *p = buf + RT_HEX_SIZE - 1;

    *p = '\0';
    do {
        *--p = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value != 0);
    *--p = 'x';
    *--p = '0';
    return p;
}
