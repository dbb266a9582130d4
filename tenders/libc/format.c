/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The formatted output that the messages of a tender need: conversions d i u x c s and %, the flags
 * 0 and -, width and precision, as numbers or as *, precision with s only, lengths hh h l ll z.
 * C17, 7.21.6.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct output {
    char *to;
    size_t size;
    size_t len; /* that it has, or would have if there were room */
};

struct conversion {
    bool zero, left;
    size_t width;
    bool has_precision;
    size_t precision;
    unsigned longs; /* 0: int, 1 or more: 64 bits */
};

static void put(struct output *out, char c)
{
    if (out->len + 1 < out->size)
        out->to[out->len] = c;
    out->len++;
}

static void put_padded(struct output *out, const struct conversion *conv, const char *sign,
                       const char *text, size_t len)
{
    size_t total = len + strlen(sign);
    size_t pad = conv->width > total ? conv->width - total : 0;

    for (; !conv->left && !conv->zero && pad > 0; pad--)
        put(out, ' ');
    for (; *sign != '\0'; sign++)
        put(out, *sign);
    for (; !conv->left && pad > 0; pad--)
        put(out, '0');
    for (size_t i = 0; i < len; i++)
        put(out, text[i]);
    for (; pad > 0; pad--)
        put(out, ' ');
}

static void put_number(struct output *out, const struct conversion *conv, const char *sign,
                       uint64_t value, unsigned base)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    put_padded(out, conv, sign, digits + at, sizeof digits - at);
}

static void put_string(struct output *out, const struct conversion *conv, const char *text)
{
    size_t len = 0;

    while ((!conv->has_precision || len < conv->precision) && text[len] != '\0')
        len++;
    put_padded(out, conv, "", text, len);
}

/* A number or *; returns what follows. */
static const char *parse_size(const char *p, size_t *size, va_list *list)
{
    *size = 0;
    if (*p == '*') {
        int value = va_arg(*list, int);

        *size = value > 0 ? (size_t)value : 0;
        return p + 1;
    }
    for (; *p >= '0' && *p <= '9'; p++)
        *size = *size * 10 + (size_t)(*p - '0');
    return p;
}

static const char *parse_conversion(const char *p, struct conversion *conv, va_list *list)
{
    *conv = (struct conversion){0};
    for (; *p == '0' || *p == '-'; p++)
        *(*p == '0' ? &conv->zero : &conv->left) = true;
    p = parse_size(p, &conv->width, list);
    if (*p == '.') {
        conv->has_precision = true;
        p = parse_size(p + 1, &conv->precision, list);
    }
    for (; *p == 'h' || *p == 'l' || *p == 'z'; p++)
        conv->longs += *p != 'h';
    return p;
}

static void put_signed(struct output *out, const struct conversion *conv, va_list *list)
{
    int64_t value = conv->longs ? va_arg(*list, long) : va_arg(*list, int);

    if (value < 0)
        put_number(out, conv, "-", -(uint64_t)value, 10);
    else
        put_number(out, conv, "", (uint64_t)value, 10);
}

static void put_conversion(struct output *out, char kind, const struct conversion *conv,
                           va_list *list)
{
    switch (kind) {
    case 'd':
    case 'i':
        put_signed(out, conv, list);
        break;
    case 'u':
    case 'x':
        put_number(out, conv, "",
                   conv->longs ? va_arg(*list, unsigned long) : va_arg(*list, unsigned),
                   kind == 'x' ? 16 : 10);
        break;
    case 'c': {
        char c = (char)va_arg(*list, int);

        put_padded(out, conv, "", &c, 1);
        break;
    }
    case 's':
        put_string(out, conv, va_arg(*list, const char *));
        break;
    default:
        put(out, kind);
    }
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    struct output out = {to, size, 0};
    va_list list;

    va_copy(list, arguments);
    for (const char *p = format; *p != '\0'; p++) {
        struct conversion conv;

        if (*p != '%') {
            put(&out, *p);
            continue;
        }
        p = parse_conversion(p + 1, &conv, &list);
        if (*p == '\0')
            break;
        put_conversion(&out, *p, &conv, &list);
    }
    va_end(list);
    if (size != 0)
        to[out.len < size ? out.len : size - 1] = '\0';
    return (int)out.len;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list list;
    int len;

    va_start(list, format);
    len = vsnprintf(to, size, format, list);
    va_end(list);
    return len;
}

/* Cut at 1023 bytes. */
int dprintf(int fd, const char *format, ...)
{
    char line[1024];
    va_list list;
    int len;

    va_start(list, format);
    len = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (len >= (int)sizeof line)
        len = sizeof line - 1;
    return (int)write(fd, line, (size_t)len);
}
