/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The command line of a tender. One table of options drives the parser, --help, and the test that
 * the man page names them all. Nothing is opened here and nothing is copied: what is kept points
 * into argv.
 */
#ifndef TENDERS_COMMON_OPTIONS_H
#define TENDERS_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "mft_abi.h"
#include "tender.h"

enum device_option_kind {
    OPTION_NET,               /* --net:NAME=IFACE|@FD */
    OPTION_NET_MAC,           /* --net-mac:NAME=MAC */
    OPTION_BLOCK,             /* --block:NAME=PATH */
    OPTION_BLOCK_SECTOR_SIZE, /* --block-sector-size:NAME=BYTES */
    OPTION_NET_BACKEND        /* hvt: --net-backend:NAME=tender|vhost */
};

/* An option that names a device. */
struct device_option {
    enum device_option_kind kind;
    unsigned name_len;
    const char *name;  /* name_len characters, not ended by a 0 */
    const char *value; /* a C string, not empty */
};

/* Each device can have three. */
#define DEVICE_OPTIONS_MAX (3 * MFT_MAX_ENTRIES)

struct options {
    const struct tender *tender;
    uint64_t mem_size; /* bytes, whole megabytes */
    bool mem_given;
    bool exec_heap;       /* spt: --x-exec-heap */
    bool io_uring;        /* spt: --io-uring */
    bool no_io_uring;     /* spt: --no-io-uring */
    bool stats;           /* hvt: --stats */
    bool no_rings;        /* hvt: --no-net-ring */
    const char *dump_dir; /* hvt debug: --dumpcore, or NULL */
    uint16_t gdb_port;    /* hvt debug: where --gdb listens */
    bool gdb;             /* hvt debug: --gdb */
    void *own;            /* of the tender, where its own options go; the caller's */
    const char *image;
    char *const *args; /* of the guest, ends with NULL */
    unsigned device_count;
    struct device_option device[DEVICE_OPTIONS_MAX];
};

/* An option: `prefix` alone when `argument` is NULL, else `prefix` followed at once by a value;
 * when it ends with neither = nor :, as "-p" and "--publish" do, the value may be the next word,
 * and one of more letters has a = before a value in the same word. */
struct option {
    const char *prefix;
    const char *argument; /* what to call the value */
    const char *help;
    int (*parse)(struct options *options, const char *value, struct error *error);
};

enum options_result {
    OPTIONS_RUN,     /* (options) says what */
    OPTIONS_HELP,    /* --help was given */
    OPTIONS_VERSION, /* --version was given */
    OPTIONS_BAD      /* (error) is set */
};

/* Parses argv. Only `tender` and `own` of (options) are set before; `device` is filled up to
 * device_count. */
enum options_result options_parse(struct options *options, int argc, char *const *argv,
                                  struct error *error);

/* Parses argv, and does what is done when nothing is to be run: writes the help or the version to
 * standard output, or what is wrong to standard error. Returns whether the image is to be
 * run; if not, sets (status), the tender's. */
bool options_begin(struct options *options, int argc, char *const *argv, int *status);

/* Adds the device option of that kind that (text), NAME=VALUE, is. Returns 0, or -1 with (error).
 */
int options_add_device(struct options *options, enum device_option_kind kind, const char *text,
                       struct error *error);

/*
 * The guest's command line: its arguments joined by spaces, with the terminator at most (size)
 * bytes. Returns its length with the terminator, or -1 with (error).
 */
int options_cmdline(const struct options *options, char *to, size_t size, struct error *error);

/* The value of the device option of that kind and name, or NULL. */
const char *options_device(const struct options *options, enum device_option_kind kind,
                           const char *name);

/* What an option of that kind begins with, such as "--net:". */
const char *options_prefix(enum device_option_kind kind);

#endif
