/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See args.h.
 */
#include "start/args.h"

#include <stdbool.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies one word from (*line) to (*text) and moves both on. */
static const char *copy_word(const char **line, char **text)
{
    const char *in = *line;
    char *out = *text;
    char quote = '\0';

    for (; *in != '\0' && (quote != '\0' || !is_space(*in)); in++) {
        if (quote == '\0' && (*in == '\'' || *in == '"')) {
            quote = *in;
        } else if (quote != '\0' && *in == quote) {
            quote = '\0';
        } else if (*in == '\\' && quote == '\0') {
            if (*++in == '\0')
                return "it ends in a backslash; write \\\\ for one";
            *out++ = *in;
        } else if (*in == '\\' && quote == '"' && (in[1] == '"' || in[1] == '\\')) {
            *out++ = *++in;
        } else {
            *out++ = *in;
        }
    }
    if (quote != '\0')
        return quote == '"' ? "a \" has no end" : "a ' has no end";
    *out++ = '\0';
    *line = in;
    *text = out;
    return NULL;
}

const char *args_split(const char *line, char *text, char **words, size_t *count)
{
    *count = 0;
    for (;;) {
        while (is_space(*line))
            line++;
        if (*line == '\0')
            return NULL;
        words[(*count)++] = text;
        const char *wrong = copy_word(&line, &text);
        if (wrong != NULL)
            return wrong;
    }
}
