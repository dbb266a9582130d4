/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What QEMU is told: the machine, its devices in the order that virtio_abi.h promises, the image.
 */
#ifndef TENDERS_VIRTIO_QEMU_H
#define TENDERS_VIRTIO_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "devices.h"
#include "error.h"
#include "forward.h"
#include "image.h"
#include "options.h"

#define QEMU_PUBLISH_MAX 32
#define QEMU_WORDS_MAX   64

enum qemu_interface {
    INTERFACE_TRANSITIONAL, /* as QEMU does by default */
    INTERFACE_MODERN,
    INTERFACE_LEGACY
};

/* The options that are solo5-virtio-run's own. */
struct qemu_options {
    const char *machine; /* pc, q35 or microvm */
    const char *accel;   /* kvm or tcg; NULL: what works */
    const char *program;
    enum qemu_interface interface;
    bool dry_run;
    bool no_sandbox;
    unsigned publish_count;
    struct forward publish[QEMU_PUBLISH_MAX];
    unsigned word_count;
    const char *word[QEMU_WORDS_MAX]; /* added at the end */
};

/* How a network reaches the host. */
enum net_backend { BACKEND_TAP_NAME, BACKEND_TAP, BACKEND_SOCKET, BACKEND_USER };

struct qemu {
    const struct qemu_options *own;
    const struct options *options;
    struct mft *mft;
    struct devices devices; /* of a network: `fd`, `mtu`, 0 for QEMU's default, and `mac` */
    enum net_backend backend[MFT_MAX_ENTRIES];
    bool has_mac[MFT_MAX_ENTRIES]; /* else QEMU makes one up */
    const char *cmdline;
    int status_fd; /* where the guest's exit status goes; -1: nowhere */
};

/* Returns 0, or -1 with (error). */
int qemu_command(const struct qemu *qemu, struct command *command, struct error *error);

#endif
