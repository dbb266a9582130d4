/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-usernet: runs a tender with networks that need no rights. The order matters: the command
 * line is checked whole, then everything is opened, then the tender is started, then rights are
 * given up, and only then is a frame of the guest looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "child.h"
#include "cmdline.h"
#include "confine.h"
#include "loop.h"
#include "net.h"
#include "pcap.h"
#include "report.h"

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

static int listen_failed(const struct forward *forward, int why)
{
    struct error error;

    forward_explain(forward, why, &error);
    report("%s", error.text);
    return -1;
}

/* Opens all networks and starts to listen. (guest_fds) become the tender's ends. */
static int open_nets(const struct cmdline *cmdline, struct net *nets, struct pcap *pcap,
                     int *guest_fds)
{
    for (unsigned i = 0; i < cmdline->net_count; i++) {
        const struct net_config config = {
            .cidr = cmdline->nets[i].cidr,
            .dns = cmdline->dns,
            .restrict_guest = cmdline->restrict_guest,
            .pcap = pcap,
        };

        if (net_open(&nets[i], &config, &guest_fds[i]) != 0) {
            report("network %s: %s", cmdline->nets[i].name, strerror(errno));
            return -1;
        }
    }
    for (unsigned i = 0; i < cmdline->forward_count; i++) {
        const struct forward *forward = &cmdline->forwards[i];

        if (net_forward(&nets[forward->net_index], forward) != 0)
            return listen_failed(forward, errno);
    }
    for (unsigned i = 0; i < cmdline->net_count; i++)
        net_start(&nets[i]);
    return 0;
}

/* Writes each descriptor's number into its word of the tender's command line. */
static int fill_words(const struct cmdline *cmdline, const int *guest_fds)
{
    for (unsigned i = 0; i < cmdline->net_count; i++) {
        char *word;

        if (asprintf(&word, "--net:%s=@%d", cmdline->nets[i].name, guest_fds[i]) < 0) {
            report("%s", strerror(ENOMEM));
            return -1;
        }
        *cmdline->nets[i].word = word;
    }
    return 0;
}

static int run(const struct cmdline *cmdline)
{
    struct confine_needs needs = {
        .opens_outside = !cmdline->restrict_guest,
        .reads_resolv = !cmdline->restrict_guest && cmdline->dns == 0,
        .captures = cmdline->pcap_path != NULL,
    };
    struct net *nets = calloc(cmdline->net_count, sizeof *nets);
    int guest_fds[CMDLINE_NETS_MAX];
    struct pcap pcap;
    struct child child;
    struct loop loop;
    unsigned log_lines = 0;
    const char *what;

    if (nets == NULL) {
        report("%s", strerror(ENOMEM));
        return 1;
    }
    g_log_set_default_handler(slirp_log, &log_lines);
    if (open_nets(cmdline, nets, needs.captures ? &pcap : NULL, guest_fds) != 0 ||
        fill_words(cmdline, guest_fds) != 0)
        return 1;
    if (needs.captures && pcap_open(&pcap, cmdline->pcap_path) != 0) {
        report("--pcap=%s: %s", cmdline->pcap_path, strerror(errno));
        return 1;
    }
    if (child_start(&child, cmdline->tender, guest_fds, cmdline->net_count) != 0) {
        report("%s: cannot be started: %s", cmdline->tender[0], strerror(errno));
        return 1;
    }
    for (unsigned i = 0; i < cmdline->net_count; i++)
        close(guest_fds[i]);
    loop_init(&loop);
    needs.tender = child.pid;
    if (confine_enter(&needs, &what) != 0) {
        report("sandbox: %s: %s", what, strerror(errno));
        return 1; /* which ends the tender as well */
    }
    return loop_run(&loop, nets, cmdline->net_count, &child);
}

/* A socket must not take the place of a standard descriptor that is closed. */
static int fill_standard_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    return fd < 0 ? -1 : close(fd);
}

/* Everything has been printed; has it got there? */
static int finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    report("standard output: %s", strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    struct cmdline *cmdline = malloc(sizeof *cmdline);

    (void)argc;
    if (cmdline == NULL || fill_standard_fds() != 0)
        return 1;
    if (cmdline_parse(cmdline, argv) != 0) {
        report("%s", cmdline->error.text);
        return 1;
    }
    if (cmdline->help) {
        cmdline_help(stdout);
        return finish_output();
    }
    if (cmdline->version) {
        puts("solo5-usernet (Quintet) " QUINTET_VERSION);
        return finish_output();
    }
    return run(cmdline);
}
