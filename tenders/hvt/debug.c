/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The main program of solo5-hvt-debug: solo5-hvt with aids for debugging, and without the sandbox
 * that these could not work in.
 */
#include "debug.h"

#include "hvt.h"
#include "parse.h"
#include "solo5.h"

#define PORT_DEFAULT 1234

static int parse_gdb(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->gdb = true;
    return 0;
}

static int parse_port(struct options *options, const char *value, struct error *error)
{
    uint64_t port;

    if (parse_u64(value, 1, UINT16_MAX, &port) != 0)
        return error_set(error, "--gdb-port=%s: must be a number from 1 to 65535", value);
    options->gdb_port = (uint16_t)port;
    return 0;
}

static int parse_dumpcore(struct options *options, const char *value, struct error *error)
{
    if (value[0] == '\0')
        return error_set(error, "--dumpcore=: must be a folder");
    options->dump_dir = value;
    return 0;
}

static const struct option options[] = {
    HVT_OPTIONS,
    {"--gdb", NULL, "wait for a gdb before the guest runs", parse_gdb},
    {"--gdb-port=", "PORT", "the port of 127.0.0.1 where --gdb waits (default: 1234)", parse_port},
    {"--dumpcore=", "DIR", "write a core file to DIR when the guest aborts", parse_dumpcore},
    {NULL, NULL, NULL, NULL},
};

static const struct tender tender = {.name = "solo5-hvt-debug", HVT_TENDER, .options = options};

/* The one gdb; none without --gdb. */
static struct gdb gdb = {.fd = -1};

static int prepare(struct vm *vm, struct error *error)
{
    uint16_t port = vm->options.gdb_port != 0 ? vm->options.gdb_port : PORT_DEFAULT;

    return vm->options.gdb ? gdb_wait(&gdb, vm, port, error) : 0;
}

static void ended(struct vm *vm, int status, uint64_t cookie)
{
    gdb_ended(&gdb, status);
    if (vm->options.dump_dir != NULL && (status == VM_KILLED || status == SOLO5_EXIT_ABORT))
        core_write(vm, vm->options.dump_dir, cookie);
}

static bool exited(struct vm *vm)
{
    return gdb_exited(&gdb, vm);
}

int main(int argc, char **argv)
{
    static const struct vm_hooks hooks = {prepare, ended, exited};

    return hvt_main(&tender, &hooks, argc, argv);
}
