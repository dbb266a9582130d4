/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line of a tender: see options.h.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mft.h"
#include "parse.h"

#define MEM_DEFAULT_MB 512

static int parse_mem(struct options *options, const char *value, struct error *error)
{
    uint64_t max = options->tender->mem_max_mb;
    uint64_t mb;

    if (options->mem_given)
        return error_set(error, "--mem=%s: --mem is given twice", value);
    if (parse_u64(value, 1, max, &mb) != 0)
        return error_set(error, "--mem=%s: must be a number of megabytes from 1 to %llu", value,
                         (unsigned long long)max);
    options->mem_size = mb << 20;
    options->mem_given = true;
    return 0;
}

static bool same_name(const struct device_option *option, const char *name, size_t len)
{
    return option->name_len == len && memcmp(option->name, name, len) == 0;
}

/* (text) is NAME=VALUE. */
int options_add_device(struct options *options, enum device_option_kind kind, const char *text,
                       struct error *error)
{
    const char *prefix = options_prefix(kind);
    struct device_option *device = &options->device[options->device_count];
    size_t len = 0;

    while (mft_name_char(text[len]))
        len++;
    if (len == 0 || text[len] != '=')
        return error_set(error,
                         "%s%s: must be %sNAME=VALUE, NAME being the letters and digits that the "
                         "image's manifest has",
                         prefix, text, prefix);
    if (len > MFT_NAME_MAX)
        return error_set(error, "%s%s: a device's name has at most %d characters", prefix, text,
                         MFT_NAME_MAX);
    if (text[len + 1] == '\0')
        return error_set(error, "%s%s: nothing follows the =", prefix, text);
    for (unsigned i = 0; i < options->device_count; i++)
        if (options->device[i].kind == kind && same_name(&options->device[i], text, len))
            return error_set(error, "%s%.*s is given twice", prefix, (int)len, text);
    if (options->device_count == DEVICE_OPTIONS_MAX)
        return error_set(error, "%s%s: more devices than a manifest can declare", prefix, text);
    *device = (struct device_option){kind, (unsigned)len, text, text + len + 1};
    options->device_count++;
    return 0;
}

static int parse_net(struct options *options, const char *value, struct error *error)
{
    return options_add_device(options, OPTION_NET, value, error);
}

static int parse_net_mac(struct options *options, const char *value, struct error *error)
{
    return options_add_device(options, OPTION_NET_MAC, value, error);
}

static int parse_block(struct options *options, const char *value, struct error *error)
{
    return options_add_device(options, OPTION_BLOCK, value, error);
}

static int parse_sector_size(struct options *options, const char *value, struct error *error)
{
    return options_add_device(options, OPTION_BLOCK_SECTOR_SIZE, value, error);
}

/* The first are in the order of enum device_option_kind. */
static const struct option common_options[] = {
    {"--net:", "NAME=IFACE|@FD", "attach the tap IFACE, or the open descriptor FD, as network NAME",
     parse_net},
    {"--net-mac:", "NAME=MAC", "give network NAME this address (default: a random one)",
     parse_net_mac},
    {"--block:", "NAME=PATH", "attach the file or block device PATH as disk NAME", parse_block},
    {"--block-sector-size:", "NAME=BYTES", "size of a block of disk NAME (default: 512)",
     parse_sector_size},
    {"--mem=", "MB", "megabytes of memory for the guest (default: 512)", parse_mem},
    {"--help", NULL, "show this and exit", NULL},
    {"--version", NULL, "show the versions and exit", NULL},
    {NULL, NULL, NULL, NULL},
};

#define DEVICE_OPTION_COUNT (OPTION_BLOCK_SECTOR_SIZE + 1)

const char *options_prefix(enum device_option_kind kind)
{
    return kind == OPTION_NET_BACKEND ? "--net-backend:" : common_options[kind].prefix;
}

/* The option in the words of the tender. */
static struct option_text text_of(const struct tender *tender, const struct option *option)
{
    for (const struct option_text *own = tender->texts; own != NULL && own->prefix; own++)
        if (strcmp(own->prefix, option->prefix) == 0)
            return *own;
    return (struct option_text){option->prefix, option->argument, option->help};
}

static bool is_short(const struct option *option)
{
    return strlen(option->prefix) == 2;
}

/* Whether its value may also be the next word. */
static bool is_apart(const struct option *option)
{
    char last = option->prefix[strlen(option->prefix) - 1];

    return option->argument != NULL && last != '=' && last != ':';
}

/* What comes between its name and its value. */
static const char *between(const struct option *option)
{
    return !is_apart(option) ? "" : is_short(option) ? " " : "=";
}

static bool matches(const struct option *option, const char *text)
{
    size_t len = strlen(option->prefix);

    if (option->argument == NULL)
        return strcmp(text, option->prefix) == 0;
    return strncmp(text, option->prefix, len) == 0 &&
           (!is_apart(option) || is_short(option) || text[len] == '=' || text[len] == '\0');
}

/* Whether the tender has it: those that it can do without come first in their table. */
static bool has(const struct tender *tender, const struct option *option)
{
    for (unsigned kind = 0; kind < DEVICE_OPTION_COUNT; kind++)
        if (option == &common_options[kind])
            return !(tender->without >> kind & 1);
    return true;
}

static const struct option *find(const struct options *options, const char *text)
{
    const struct option *const tables[] = {common_options, options->tender->options};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct option *option = tables[i]; option->prefix; option++)
            if (has(options->tender, option) && matches(option, text))
                return option;
    return NULL;
}

/* The option that is (text) but for what follows its name, as in "--mem" and "--net=". */
static const struct option *find_misspelt(const struct options *options, const char *text)
{
    const struct option *const tables[] = {common_options, options->tender->options};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct option *option = tables[i]; option->prefix; option++) {
            size_t len = strlen(option->prefix) - 1;

            if (has(options->tender, option) && option->argument && !is_apart(option) &&
                strncmp(text, option->prefix, len) == 0 &&
                (text[len] == '\0' || text[len] == '=' || text[len] == ':'))
                return option;
        }
    return NULL;
}

static int explain_unknown(const struct options *options, const char *word, struct error *error)
{
    const struct option *option = find_misspelt(options, word);

    if (option != NULL)
        return error_set(error, "%s: must be %s%s", word, option->prefix,
                         text_of(options->tender, option).argument);
    return error_set(error, "%s: unknown option; see %s --help", word, options->tender->name);
}

/* One word that begins with a dash; (next) follows it or is NULL, and is taken when (*taken). */
static enum options_result parse_word(struct options *options, const char *word, const char *next,
                                      bool *taken, struct error *error)
{
    const struct option *option = find(options, word);
    const char *value;

    *taken = false;

    if (strcmp(word, "--help") == 0)
        return OPTIONS_HELP;
    if (strcmp(word, "--version") == 0)
        return OPTIONS_VERSION;
    if (option == NULL) {
        explain_unknown(options, word, error);
        return OPTIONS_BAD;
    }
    value = word + strlen(option->prefix);
    if (is_apart(option) && *value == '\0') {
        if (next == NULL) {
            error_set(error, "%s: %s must follow", word, option->argument);
            return OPTIONS_BAD;
        }
        value = next;
        *taken = true;
    } else if (is_apart(option) && !is_short(option)) {
        value++; /* the = */
    }
    return option->parse(options, value, error) != 0 ? OPTIONS_BAD : OPTIONS_RUN;
}

enum options_result options_parse(struct options *options, int argc, char *const *argv,
                                  struct error *error)
{
    int i = 1;

    options->mem_size = (uint64_t)MEM_DEFAULT_MB << 20;
    for (; i < argc && argv[i][0] == '-'; i++) {
        enum options_result result;
        bool taken;

        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        result = parse_word(options, argv[i], argv[i + 1], &taken, error);
        if (result != OPTIONS_RUN)
            return result;
        i += taken;
    }
    if (i >= argc) {
        error_set(error, "no image is given; see %s --help", options->tender->name);
        return OPTIONS_BAD;
    }
    options->image = argv[i];
    options->args = argv + i + 1;
    return OPTIONS_RUN;
}

static int help_table(const struct tender *tender, const struct option *option,
                      const struct option *end)
{
    for (; option != end && option->prefix; option++) {
        struct option_text text = text_of(tender, option);

        if (has(tender, option) &&
            dprintf(STDOUT_FILENO, "  %s%s%s\n        %s\n", text.prefix, between(option),
                    text.argument ? text.argument : "", text.help) < 0)
            return -1;
    }
    return 0;
}

static int help(const struct tender *tender)
{
    if (dprintf(STDOUT_FILENO, "usage: %s [OPTION]... [--] %s\n%s\n\n", tender->name,
                tender->words ? tender->words : "IMAGE [ARGUMENT]...", tender->synopsis) < 0)
        return -1;
    /* The tender's own beside those of devices, which most of them are about. */
    if (help_table(tender, common_options, common_options + DEVICE_OPTION_COUNT) != 0 ||
        help_table(tender, tender->options, NULL) != 0)
        return -1;
    return help_table(tender, common_options + DEVICE_OPTION_COUNT, NULL);
}

static int version(const struct tender *tender)
{
    return dprintf(STDOUT_FILENO, "%s (Quintet) " QUINTET_VERSION "\nABI version %u\n",
                   tender->name, tender->abi_version) < 0
               ? -1
               : 0;
}

bool options_begin(struct options *options, int argc, char *const *argv, int *status)
{
    enum options_result result;
    struct error error;

    result = options_parse(options, argc, argv, &error);
    if (result == OPTIONS_RUN)
        return true;
    if ((result == OPTIONS_HELP && help(options->tender) != 0) ||
        (result == OPTIONS_VERSION && version(options->tender) != 0)) {
        error_set(&error, "standard output: %s", strerror(errno));
        result = OPTIONS_BAD;
    }
    if (result == OPTIONS_BAD)
        error_print(options->tender->name, error.text);
    *status = result == OPTIONS_BAD;
    return false;
}

int options_cmdline(const struct options *options, char *to, size_t size, struct error *error)
{
    size_t used = 0;

    for (char *const *arg = options->args; *arg != NULL; arg++) {
        size_t len = strlen(*arg);

        /* With the space before it or the 0 after it. */
        if (len >= size - used)
            return error_set(error, "the guest's arguments are longer than %zu characters",
                             size - 1);
        if (arg != options->args)
            to[used - 1] = ' ';
        memcpy(to + used, *arg, len + 1);
        used += len + 1;
    }
    if (used == 0)
        to[used++] = '\0';
    return (int)used;
}

const char *options_device(const struct options *options, enum device_option_kind kind,
                           const char *name)
{
    size_t len = strlen(name);

    for (unsigned i = 0; i < options->device_count; i++)
        if (options->device[i].kind == kind && same_name(&options->device[i], name, len))
            return options->device[i].value;
    return NULL;
}
