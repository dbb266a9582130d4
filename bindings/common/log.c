/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Messages of the bindings. Each is put together on the stack and written at once, since a write
 * to the console costs an exit to the host.
 */
#include "bindings.h"

#include <stdarg.h>

static enum log_level threshold = LOG_WARN;

struct message {
    size_t len;
    char text[248];
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

static void put(struct message *m, char c)
{
    if (m->len < sizeof m->text - 1)
        m->text[m->len++] = c;
}

static void put_string(struct message *m, const char *s)
{
    while (*s)
        put(m, *s++);
}

static void put_number(struct message *m, uint64_t value, unsigned base)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0)
        put(m, digits[--count]);
}

static const char *put_conversion(struct message *m, const char *format, va_list *args)
{
    bool wide = format[0] == 'l' && format[1] == 'l';
    if (wide)
        format += 2;
    if (*format == 's') {
        put_string(m, va_arg(*args, const char *));
    } else {
        uint64_t value = wide ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned);
        put_number(m, value, *format == 'x' ? 16 : 10);
    }
    return format + 1;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (level > threshold)
        return;
    struct message m = {.len = 0};
    put_string(&m, "solo5: ");
    va_list args;
    va_start(args, format);
    while (*format) {
        if (*format == '%')
            format = put_conversion(&m, format + 1, &args);
        else
            put(&m, *format++);
    }
    va_end(args);
    m.text[m.len++] = '\n';
    target_console_write(m.text, m.len);
}
