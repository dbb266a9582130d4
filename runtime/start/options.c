/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See options.h.
 */
#include "start/options.h"

#include <stdbool.h>
#include <string.h>

#include "start/env.h"
#include "start/message.h"

/* Weak, so that the table does not link the network into a program that has none. */
const char *net_option_ipv4(const char *value) __attribute__((weak));
const char *net_option_ipv4_of(const char *value) __attribute__((weak));
const char *net_option_gateway(const char *value) __attribute__((weak));
const char *net_option_gateway_of(const char *value) __attribute__((weak));
const char *net_option_dns(const char *value) __attribute__((weak));
const char *net_option_hostname(const char *value) __attribute__((weak));

static const struct rt_option options[] = {
    {"--env=", env_option},
    {"--ipv4=", net_option_ipv4},
    {"--ipv4:", net_option_ipv4_of},
    {"--ipv4-gateway=", net_option_gateway},
    {"--ipv4-gateway:", net_option_gateway_of},
    {"--ipv4-dns=", net_option_dns},
    {"--hostname=", net_option_hostname},
};

/* True when (word) was an option. */
static bool consume(const char *word)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        size_t len = strlen(options[i].prefix);
        if (options[i].set == NULL || strncmp(word, options[i].prefix, len) != 0)
            continue;
        const char *wrong = options[i].set(word + len);
        if (wrong != NULL)
            rt_fail(word, ": ", wrong, NULL);
        return true;
    }
    return false;
}

size_t options_consume(char **words, size_t count)
{
    size_t kept = 0;
    size_t i = 0;

    for (; i < count && strcmp(words[i], "--") != 0; i++)
        if (!consume(words[i]))
            words[kept++] = words[i];
    for (i++; i < count; i++)
        words[kept++] = words[i];
    return kept;
}
