/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-usernet: runs a tender with networks that need no rights. The order matters: the command
 * line is checked whole, then everything is opened, then the tender is started, then rights are
 * given up, and only then is a frame of the guest looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "child.h"
#include "loop.h"
#include "net.h"
#include "options.h"
#include "pcap.h"
#include "report.h"
#include "sandbox.h"

#define LOG_LINES_MAX 10u

/* libslirp's own warnings: about the host, mostly, but a guest can provoke some, so they are few.
 */
static void slirp_log(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    unsigned *lines = data;

    (void)domain;
    if ((level & G_LOG_LEVEL_DEBUG) == 0 && (*lines)++ < LOG_LINES_MAX)
        report("libslirp: %s", message);
}

static int listen_failed(const struct forward *forward, int error)
{
    char addr[ADDR_TEXT_SIZE];

    addr_format(forward->host_addr, addr);
    switch (error) {
    case EADDRINUSE:
        report("-p %s: %s:%u is in use by another program; choose another port", forward->text,
               addr, forward->host_port);
        break;
    case EACCES:
        report("-p %s: port %u is for root; choose one from 1024 on", forward->text,
               forward->host_port);
        break;
    case EADDRNOTAVAIL:
        report("-p %s: this machine has no address %s; see: ip address", forward->text, addr);
        break;
    default:
        report("-p %s: cannot listen on %s:%u: %s", forward->text, addr, forward->host_port,
               strerror(error));
    }
    return -1;
}

/* Opens all networks and starts to listen. (guest_fds) become the tender's ends. */
static int open_nets(const struct options *options, struct net *nets, struct pcap *pcap,
                     int *guest_fds)
{
    for (unsigned i = 0; i < options->net_count; i++) {
        const struct net_config config = {
            .cidr = options->nets[i].cidr,
            .dns = options->dns,
            .restrict_guest = options->restrict_guest,
            .pcap = pcap,
        };

        if (net_open(&nets[i], &config, &guest_fds[i]) != 0) {
            report("network %s: %s", options->nets[i].name, strerror(errno));
            return -1;
        }
    }
    for (unsigned i = 0; i < options->forward_count; i++) {
        const struct forward *forward = &options->forwards[i];

        if (net_forward(&nets[forward->net_index], forward) != 0)
            return listen_failed(forward, errno);
    }
    for (unsigned i = 0; i < options->net_count; i++)
        net_start(&nets[i]);
    return 0;
}

/* Writes each descriptor's number into its word of the tender's command line. */
static int fill_words(const struct options *options, const int *guest_fds)
{
    for (unsigned i = 0; i < options->net_count; i++) {
        char *word;

        if (asprintf(&word, "--net:%s=@%d", options->nets[i].name, guest_fds[i]) < 0) {
            report("%s", strerror(ENOMEM));
            return -1;
        }
        *options->nets[i].word = word;
    }
    return 0;
}

static int run(const struct options *options)
{
    struct sandbox_needs needs = {
        .opens_outside = !options->restrict_guest,
        .reads_resolv = !options->restrict_guest && options->dns == 0,
        .captures = options->pcap_path != NULL,
    };
    struct net *nets = calloc(options->net_count, sizeof *nets);
    int guest_fds[OPTIONS_NETS_MAX];
    struct pcap pcap;
    struct child child;
    unsigned log_lines = 0;
    const char *what;

    if (nets == NULL) {
        report("%s", strerror(ENOMEM));
        return 1;
    }
    g_log_set_default_handler(slirp_log, &log_lines);
    if (open_nets(options, nets, needs.captures ? &pcap : NULL, guest_fds) != 0 ||
        fill_words(options, guest_fds) != 0)
        return 1;
    if (needs.captures && pcap_open(&pcap, options->pcap_path) != 0) {
        report("--pcap=%s: %s", options->pcap_path, strerror(errno));
        return 1;
    }
    if (child_start(&child, options->tender, guest_fds, options->net_count) != 0) {
        report("%s: cannot be started: %s", options->tender[0], strerror(errno));
        return 1;
    }
    for (unsigned i = 0; i < options->net_count; i++)
        close(guest_fds[i]);
    needs.tender = child.pid;
    if (sandbox_enter(&needs, &what) != 0) {
        report("sandbox: %s: %s", what, strerror(errno));
        return 1; /* which ends the tender as well */
    }
    return loop_run(nets, options->net_count, &child);
}

int main(int argc, char **argv)
{
    struct options *options = malloc(sizeof *options);

    (void)argc;
    if (options == NULL)
        return 1;
    if (options_parse(options, argv) != 0) {
        report("%s", options->error.text);
        return 1;
    }
    if (options->help) {
        options_help(stdout);
        return 0;
    }
    if (options->version) {
        puts("solo5-usernet " QUINTET_VERSION);
        return 0;
    }
    return run(options);
}
