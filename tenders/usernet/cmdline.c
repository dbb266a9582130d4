/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line: see cmdline.h. One table drives parsing and the text for --help.
 */
#include "cmdline.h"

#include <string.h>

struct option {
    const char *name;     /* as it is written; -p is the only short one */
    const char *argument; /* what it takes, for --help; NULL if nothing */
    int (*parse)(struct cmdline *cmdline, const char *value);
    const char *help;
};

static int parse_forward(struct cmdline *cmdline, const char *value)
{
    struct forward forward;
    const char *why;

    if (forward_parse(value, &forward, &why) != 0)
        return error_set(&cmdline->error, "-p %s: %s", value, why);
    for (unsigned i = 0; i < cmdline->forward_count; i++) {
        if (forward_clashes(&cmdline->forwards[i], &forward))
            return error_set(&cmdline->error,
                             "-p %s: the host's port %u is already forwarded by -p %s", value,
                             forward.host_port, cmdline->forwards[i].text);
    }
    if (cmdline->forward_count == CMDLINE_FORWARDS_MAX)
        return error_set(&cmdline->error, "-p %s: at most %u ports can be forwarded", value,
                         CMDLINE_FORWARDS_MAX);
    cmdline->forwards[cmdline->forward_count++] = forward;
    return 0;
}

static int parse_net(struct cmdline *cmdline, const char *value)
{
    const char *why;

    if (cidr_parse(value, &cmdline->cidr, &why) != 0)
        return error_set(&cmdline->error, "--net=%s: %s", value, why);
    return 0;
}

static int parse_dns(struct cmdline *cmdline, const char *value)
{
    if (addr_parse(value, &cmdline->dns) != 0 || !addr_is_unicast(cmdline->dns))
        return error_set(&cmdline->error,
                         "--dns=%s: not the IPv4 address of a name server that a guest can reach",
                         value);
    return 0;
}

static int parse_restrict(struct cmdline *cmdline, const char *value)
{
    (void)value;
    cmdline->restrict_guest = true;
    return 0;
}

static int parse_pcap(struct cmdline *cmdline, const char *value)
{
    if (*value == '\0')
        return error_set(&cmdline->error, "--pcap: the name of the file is missing");
    cmdline->pcap_path = value;
    return 0;
}

static int parse_help(struct cmdline *cmdline, const char *value)
{
    (void)value;
    cmdline->help = true;
    return 0;
}

static int parse_version(struct cmdline *cmdline, const char *value)
{
    (void)value;
    cmdline->version = true;
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

void cmdline_help(FILE *out)
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

/* Reads the options up to `--`. Returns the word after it, or NULL with cmdline->error. */
static char **parse_words(struct cmdline *cmdline, char **words)
{
    for (; *words != NULL; words++) {
        const struct option *option;
        const char *value;

        if (strcmp(*words, "--") == 0)
            return words + 1;
        if ((*words)[0] != '-') {
            error_set(&cmdline->error, "%s: no option; the tender's command line comes after --",
                      *words);
            return NULL;
        }
        option = find_option(*words, &value);
        if (option == NULL) {
            error_set(&cmdline->error, "%s: unknown option; see solo5-usernet --help", *words);
            return NULL;
        }
        if (option->argument == NULL && value != NULL) {
            error_set(&cmdline->error, "%s: takes no value", option->name);
            return NULL;
        }
        if (option->argument != NULL && value == NULL) {
            value = *++words;
            if (value == NULL || strcmp(value, "--") == 0) {
                error_set(&cmdline->error, "%s: %s is missing", option->name, option->argument);
                return NULL;
            }
        }
        if (option->parse(cmdline, value) != 0 || cmdline->help || cmdline->version)
            return NULL;
    }
    error_set(&cmdline->error,
              "-- and the tender's command line are missing; see solo5-usernet --help");
    return NULL;
}

static int find_nets(struct cmdline *cmdline)
{
    for (char **word = cmdline->tender; *word != NULL; word++) {
        struct cmdline_net net = {.word = word};
        int found = net_word_parse(*word, net.name);

        if (found == 0)
            continue;
        if (found < 0)
            return error_set(&cmdline->error, "%s: a network's name is 1 to %u letters and digits",
                             *word, NET_NAME_MAX);
        for (unsigned i = 0; i < cmdline->net_count; i++) {
            if (strcmp(cmdline->nets[i].name, net.name) == 0)
                return error_set(&cmdline->error, "%s: the network is named twice", *word);
        }
        if (cmdline->net_count == CMDLINE_NETS_MAX)
            return error_set(&cmdline->error, "%s: at most %u networks are possible", *word,
                             CMDLINE_NETS_MAX);
        if (cidr_nth(&cmdline->cidr, cmdline->net_count, &net.cidr) != 0)
            return error_set(&cmdline->error,
                             "%s: --net leaves no addresses for network %u; use a lower base",
                             *word, cmdline->net_count + 1);
        cmdline->nets[cmdline->net_count++] = net;
    }
    if (cmdline->net_count == 0)
        return error_set(&cmdline->error,
                         "no word --net:NAME=@FD among the tender's; without a network, start "
                         "the tender itself");
    return 0;
}

static int find_forward_nets(struct cmdline *cmdline)
{
    for (unsigned i = 0; i < cmdline->forward_count; i++) {
        struct forward *forward = &cmdline->forwards[i];
        unsigned n = 0;

        while (forward->net_name[0] != '\0' && n < cmdline->net_count &&
               strcmp(cmdline->nets[n].name, forward->net_name) != 0)
            n++;
        if (n == cmdline->net_count)
            return error_set(&cmdline->error,
                             "-p %s: there is no word --net:%s=@FD among the tender's",
                             forward->text, forward->net_name);
        forward->net_index = n;
    }
    return 0;
}

/* On a guest's own network nobody but the host could be a name server. */
static int check_dns(struct cmdline *cmdline)
{
    char text[ADDR_TEXT_SIZE];

    if (cmdline->dns == 0)
        return 0;
    addr_format(cmdline->dns, text);
    if (cmdline->restrict_guest)
        return error_set(&cmdline->error,
                         "--dns=%s: --restrict lets a guest reach no name server; give one of "
                         "the two",
                         text);
    for (unsigned i = 0; i < cmdline->net_count; i++) {
        const struct cidr *cidr = &cmdline->nets[i].cidr;
        bool is_only_host = cmdline->net_count == 1 && cmdline->dns == cidr->base + CIDR_HOST;

        if ((cmdline->dns & cidr->mask) == cidr->base && !is_only_host)
            return error_set(&cmdline->error,
                             "--dns=%s: lies in the network of %s; use an address outside of it",
                             text, cmdline->nets[i].name);
    }
    return 0;
}

int cmdline_parse(struct cmdline *cmdline, char **argv)
{
    static const struct cidr first = {.base = 0x0a000200, .mask = 0xffffff00, .prefix_len = 24};

    *cmdline = (struct cmdline){.cidr = first};
    cmdline->tender = parse_words(cmdline, argv + 1);
    if (cmdline->help || cmdline->version)
        return 0;
    if (cmdline->tender == NULL)
        return -1;
    if (*cmdline->tender == NULL)
        return error_set(&cmdline->error, "the tender's command line is missing after --");
    if (find_nets(cmdline) != 0 || find_forward_nets(cmdline) != 0)
        return -1;
    return check_dns(cmdline);
}
