/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line: see options.h. One table drives parsing and the text for --help.
 */
#include "options.h"

#include <string.h>

struct option {
    const char *name;     /* as it is written; -p is the only short one */
    const char *argument; /* what it takes, for --help; NULL if nothing */
    int (*parse)(struct options *options, const char *value);
    const char *help;
};

static int parse_forward(struct options *options, const char *value)
{
    struct forward forward;
    const char *why;

    if (forward_parse(value, &forward, &why) != 0)
        return error_set(&options->error, "-p %s: %s", value, why);
    for (unsigned i = 0; i < options->forward_count; i++) {
        if (forward_clashes(&options->forwards[i], &forward))
            return error_set(&options->error,
                             "-p %s: the host's port %u is already forwarded by -p %s", value,
                             forward.host_port, options->forwards[i].text);
    }
    if (options->forward_count == OPTIONS_FORWARDS_MAX)
        return error_set(&options->error, "-p %s: at most %u ports can be forwarded", value,
                         OPTIONS_FORWARDS_MAX);
    options->forwards[options->forward_count++] = forward;
    return 0;
}

static int parse_net(struct options *options, const char *value)
{
    const char *why;

    if (cidr_parse(value, &options->cidr, &why) != 0)
        return error_set(&options->error, "--net=%s: %s", value, why);
    return 0;
}

static int parse_dns(struct options *options, const char *value)
{
    if (addr_parse(value, &options->dns) != 0 || !addr_is_unicast(options->dns))
        return error_set(&options->error,
                         "--dns=%s: not the IPv4 address of a name server that a guest can reach",
                         value);
    return 0;
}

static int parse_restrict(struct options *options, const char *value)
{
    (void)value;
    options->restrict_guest = true;
    return 0;
}

static int parse_pcap(struct options *options, const char *value)
{
    if (*value == '\0')
        return error_set(&options->error, "--pcap: the name of the file is missing");
    options->pcap_path = value;
    return 0;
}

static int parse_help(struct options *options, const char *value)
{
    (void)value;
    options->help = true;
    return 0;
}

static int parse_version(struct options *options, const char *value)
{
    (void)value;
    options->version = true;
    return 0;
}

static const struct option table[] = {
    {"-p", "[NAME=][ADDR:]HOST:GUEST[/udp]", parse_forward,
     "forward the host's port HOST on ADDR (127.0.0.1) to the guest's port GUEST"},
    {"--net", "CIDR", parse_net, "the first network's addresses (10.0.2.0/24); others follow it"},
    {"--dns", "ADDR", parse_dns, "the name server that guests are told (default: the host's)"},
    {"--restrict", NULL, parse_restrict, "let nothing out but answers on forwarded ports"},
    {"--pcap", "FILE", parse_pcap, "write all frames to FILE"},
    {"--help", NULL, parse_help, "print this and exit"},
    {"--version", NULL, parse_version, "print the version and exit"},
};
#define TABLE_LEN (sizeof table / sizeof table[0])

void options_help(FILE *out)
{
    fputs("usage: solo5-usernet [OPTION]... -- TENDER [WORD | --net:NAME=@FD]...\n\n"
          "Starts TENDER with a network that needs no rights for each word --net:NAME=@FD.\n\n",
          out);
    for (size_t i = 0; i < TABLE_LEN; i++) {
        bool is_short = table[i].name[1] != '-';

        fprintf(out, "  %s%s%s\n      %s\n", table[i].name,
                table[i].argument == NULL ? ""
                : is_short                ? " "
                                          : "=",
                table[i].argument == NULL ? "" : table[i].argument, table[i].help);
    }
}

/* Finds the option that (word) starts with, and where its value starts in (word): NULL when it has
 * none there.
 */
static const struct option *find_option(const char *word, const char **value)
{
    for (size_t i = 0; i < TABLE_LEN; i++) {
        size_t len = strlen(table[i].name);
        bool is_short = table[i].name[1] != '-';

        if (strncmp(word, table[i].name, len) != 0)
            continue;
        *value = NULL;
        if (word[len] == '\0')
            return &table[i];
        if (is_short || word[len] == '=') {
            *value = word + len + (is_short ? 0 : 1);
            return &table[i];
        }
    }
    return NULL;
}

/* Reads the options up to `--`. Returns the word after it, or NULL with options->error. */
static char **parse_words(struct options *options, char **words)
{
    for (; *words != NULL; words++) {
        const struct option *option;
        const char *value;

        if (strcmp(*words, "--") == 0)
            return words + 1;
        if ((*words)[0] != '-') {
            error_set(&options->error, "%s: no option; the tender's command line comes after --",
                      *words);
            return NULL;
        }
        option = find_option(*words, &value);
        if (option == NULL) {
            error_set(&options->error, "%s: unknown option; see solo5-usernet --help", *words);
            return NULL;
        }
        if (option->argument == NULL && value != NULL) {
            error_set(&options->error, "%s: takes no value", option->name);
            return NULL;
        }
        if (option->argument != NULL && value == NULL) {
            value = *++words;
            if (value == NULL || strcmp(value, "--") == 0) {
                error_set(&options->error, "%s: %s is missing", option->name, option->argument);
                return NULL;
            }
        }
        if (option->parse(options, value) != 0 || options->help || options->version)
            return NULL;
    }
    error_set(&options->error,
              "-- and the tender's command line are missing; see solo5-usernet --help");
    return NULL;
}

static int find_nets(struct options *options)
{
    for (char **word = options->tender; *word != NULL; word++) {
        struct option_net net = {.word = word};
        int found = net_word_parse(*word, net.name);

        if (found == 0)
            continue;
        if (found < 0)
            return error_set(&options->error, "%s: a network's name is 1 to %u letters and digits",
                             *word, NET_NAME_MAX);
        for (unsigned i = 0; i < options->net_count; i++) {
            if (strcmp(options->nets[i].name, net.name) == 0)
                return error_set(&options->error, "%s: the network is named twice", *word);
        }
        if (options->net_count == OPTIONS_NETS_MAX)
            return error_set(&options->error, "%s: at most %u networks are possible", *word,
                             OPTIONS_NETS_MAX);
        if (cidr_nth(&options->cidr, options->net_count, &net.cidr) != 0)
            return error_set(&options->error,
                             "%s: --net leaves no addresses for network %u; use a lower base",
                             *word, options->net_count + 1);
        options->nets[options->net_count++] = net;
    }
    if (options->net_count == 0)
        return error_set(&options->error,
                         "no word --net:NAME=@FD among the tender's; without a network, start "
                         "the tender itself");
    return 0;
}

static int find_forward_nets(struct options *options)
{
    for (unsigned i = 0; i < options->forward_count; i++) {
        struct forward *forward = &options->forwards[i];
        unsigned n = 0;

        while (forward->net_name[0] != '\0' && n < options->net_count &&
               strcmp(options->nets[n].name, forward->net_name) != 0)
            n++;
        if (n == options->net_count)
            return error_set(&options->error,
                             "-p %s: there is no word --net:%s=@FD among the tender's",
                             forward->text, forward->net_name);
        forward->net_index = n;
    }
    return 0;
}

/* On a guest's own network nobody but the host could be a name server. */
static int check_dns(struct options *options)
{
    char text[ADDR_TEXT_SIZE];

    if (options->dns == 0)
        return 0;
    addr_format(options->dns, text);
    if (options->restrict_guest)
        return error_set(&options->error,
                         "--dns=%s: --restrict lets a guest reach no name server; give one of "
                         "the two",
                         text);
    for (unsigned i = 0; i < options->net_count; i++) {
        const struct cidr *cidr = &options->nets[i].cidr;
        bool is_only_host = options->net_count == 1 && options->dns == cidr->base + CIDR_HOST;

        if ((options->dns & cidr->mask) == cidr->base && !is_only_host)
            return error_set(&options->error,
                             "--dns=%s: lies in the network of %s; use an address outside of it",
                             text, options->nets[i].name);
    }
    return 0;
}

int options_parse(struct options *options, char **argv)
{
    static const struct cidr first = {.base = 0x0a000200, .mask = 0xffffff00, .prefix_len = 24};

    *options = (struct options){.cidr = first};
    options->tender = parse_words(options, argv + 1);
    if (options->help || options->version)
        return 0;
    if (options->tender == NULL)
        return -1;
    if (*options->tender == NULL)
        return error_set(&options->error, "the tender's command line is missing after --");
    if (find_nets(options) != 0 || find_forward_nets(options) != 0)
        return -1;
    return check_dns(options);
}
