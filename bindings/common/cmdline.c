/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The options of the bindings, which come first on the command line: --solo5:LEVEL. An option of
 * that form which is not known is named and passed over.
 */
#include "bindings.h"

static const char option_prefix[] = "--solo5:";

static const struct {
    const char *name;
    enum log_level level;
} levels[] = {
    {"quiet", LOG_QUIET}, {"error", LOG_ERROR}, {"warn", LOG_WARN},
    {"info", LOG_INFO},   {"debug", LOG_DEBUG},
};

static const char *skip_spaces(const char *s)
{
    while (*s == ' ')
        s++;
    return s;
}

static const char *parse_option(const char *value)
{
    const char *end;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        end = string_after(value, levels[i].name);
        if (end != NULL && is_word_end(*end)) {
            log_set_level(levels[i].level);
            return end;
        }
    }
    char name[32];
    size_t len = 0;
    for (end = value; !is_word_end(*end); end++) {
        if (len < sizeof name - 1)
            name[len++] = *end;
    }
    name[len] = '\0';
    log_write(LOG_WARN, "%s%s: unknown option; known are quiet, error, warn, info, debug",
              option_prefix, name);
    return end;
}

const char *cmdline_parse(const char *cmdline)
{
    const char *value;
    cmdline = skip_spaces(cmdline);
    while ((value = string_after(cmdline, option_prefix)) != NULL)
        cmdline = skip_spaces(parse_option(value));
    return cmdline;
}
