/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A walk through valid JSON without recursion: a value is left by counting
 * brackets outside strings. The end of the text ends every loop, so that text
 * which is not valid gives a wrong place, never a wrong access.
 */
#include "json_place.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_space(const char *c)
{
    return c + strspn(c, " \t\r\n");
}

/* `c` is at the opening quote; returns what follows the closing one. */
static const char *skip_string(const char *c)
{
    for (c++; *c != '\0' && *c != '"'; c++)
        if (*c == '\\' && c[1] != '\0')
            c++;
    return *c == '"' ? c + 1 : c;
}

/* Returns what follows the value at `c`, white space left out. */
static const char *skip_value(const char *c)
{
    size_t depth = 0;

    do {
        if (*c == '"') {
            c = skip_string(c);
        } else if (*c == '[' || *c == '{') {
            depth++;
            c++;
        } else if (depth > 0 && (*c == ']' || *c == '}')) {
            depth--;
            c++;
        } else if (depth > 0) {
            c += strcspn(c, "\"[]{}");
        } else {
            c += strcspn(c, " \t\r\n,]}");
        }
    } while (depth > 0 && *c != '\0');
    return skip_space(c);
}

static bool is_key(const char *c, const char *key)
{
    size_t len = strlen(key);

    return *c == '"' && strncmp(c + 1, key, len) == 0 && c[1 + len] == '"';
}

static const char *value_of_key(const char *c)
{
    c = skip_space(skip_string(c));
    return *c == ':' ? skip_space(c + 1) : c;
}

const char *json_place_root(const char *text)
{
    return skip_space(text);
}

const char *json_place_member(const char *object, const char *key)
{
    const char *c = object;

    while (*c == '{' || *c == ',') {
        c = skip_space(c + 1);
        if (is_key(c, key))
            return c;
        if (*c != '"')
            break;
        c = skip_value(value_of_key(c));
    }
    return object;
}

const char *json_place_value(const char *object, const char *key)
{
    const char *member = json_place_member(object, key);

    return member == object ? object : value_of_key(member);
}

const char *json_place_element(const char *array, size_t index)
{
    const char *c = array;

    while (*c == '[' || *c == ',') {
        c = skip_space(c + 1);
        if (index == 0)
            return c;
        index--;
        c = skip_value(c);
    }
    return array;
}

void json_place_count(const char *text, const char *place, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (const char *c = text; c < place; c++) {
        if (*c == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            ++*column;
        }
    }
}
