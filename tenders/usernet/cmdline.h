/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line: read and checked whole before anything is opened or started.
 */
#ifndef QUINTET_TENDERS_USERNET_CMDLINE_H
#define QUINTET_TENDERS_USERNET_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cidr.h"
#include "error.h"
#include "forward.h"

#define CMDLINE_NETS_MAX     63u /* the devices of a manifest */
#define CMDLINE_FORWARDS_MAX 64u

struct cmdline_net {
    char name[NET_NAME_MAX + 1];
    struct cidr cidr;
    char **word; /* its place on the tender's command line */
};

struct cmdline {
    bool help;
    bool version;
    struct forward forwards[CMDLINE_FORWARDS_MAX];
    unsigned forward_count;
    struct cidr cidr; /* of the first network */
    uint32_t dns;     /* 0 when not given */
    bool restrict_guest;
    const char *pcap_path; /* NULL when not given */
    char **tender;         /* its command line, which ends with NULL */
    struct cmdline_net nets[CMDLINE_NETS_MAX];
    unsigned net_count;
    struct error error; /* why cmdline_parse() returned -1 */
};

/* Reads the command line, of which pointers are kept. Returns 0, or -1 with one line for the person
 * in cmdline->error. After --help or --version nothing else is looked at.
 */
int cmdline_parse(struct cmdline *cmdline, char **argv);

/* Writes the text for --help. */
void cmdline_help(FILE *out);

#endif
