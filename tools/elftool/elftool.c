/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-elftool: makes C of a manifest, and tells what an image says of itself.
 * One table holds the commands. Only this file prints faults and chooses the exit
 * status: 0, or 1 with one line on standard error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_notes.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "generate.h"
#include "manifest_json.h"

#define PROGRAM "solo5-elftool"

static int say_fault(const char *path, const struct fault *fault)
{
    struct error error;

    if (fault->line == 0)
        error_set(&error, "%s: %s", path, fault->text);
    else
        error_set(&error, "%s:%u:%u: %s", path, fault->line, fault->column, fault->text);
    error_print(PROGRAM, error.text);
    return EXIT_FAILURE;
}

/*
 * Everything has been printed to standard output; has it got there?
 */
static int finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, PROGRAM ": standard output: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static struct mft *read_manifest(const char *path, struct fault *fault)
{
    size_t len;
    char *text = file_read(path, MANIFEST_JSON_MAX, &len, fault);
    struct mft *mft = NULL;

    if (text != NULL)
        mft = manifest_json_parse(text, len, fault);
    free(text);
    return mft;
}

static bool same_file(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISREG(one.st_mode) &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int generate(char *const *args, void (*write)(FILE *out, const void *mft))
{
    struct fault fault;
    struct mft *mft = read_manifest(args[0], &fault);
    int result;

    if (mft == NULL)
        return say_fault(args[0], &fault);
    if (same_file(args[0], args[1]))
        result = fault_set(&fault, "is the manifest itself; name another file to write");
    else
        result = file_write(args[1], write, mft, &fault);
    free(mft);
    return result == 0 ? EXIT_SUCCESS : say_fault(args[1], &fault);
}

static int gen_manifest(char *const *args)
{
    return generate(args, generate_manifest);
}

static int gen_header(char *const *args)
{
    return generate(args, generate_header);
}

/*
 * An open image. libelf reads what it needs when it needs it: a size that the
 * image claims is not memory that is taken.
 */
struct image {
    int fd;
    Elf *elf;
};

static int image_open(struct image *image, const char *path, struct fault *fault)
{
    struct stat status;

    image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (image->fd < 0)
        return fault_set(fault, "cannot be read: %s", strerror(errno));
    if (fstat(image->fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        close(image->fd);
        return fault_set(fault, "not a file; give the linked unikernel");
    }
    image->elf = NULL;
    if (elf_version(EV_CURRENT) != EV_NONE)
        image->elf = elf_begin(image->fd, ELF_C_READ, NULL);
    if (image->elf == NULL) {
        close(image->fd);
        return fault_set(fault, "cannot be read: %s", elf_errmsg(-1));
    }
    return 0;
}

static void image_close(struct image *image)
{
    elf_end(image->elf);
    close(image->fd);
}

static int query_manifest(char *const *args)
{
    struct fault fault;
    struct image image;
    struct mft *mft;

    if (image_open(&image, args[0], &fault) != 0)
        return say_fault(args[0], &fault);
    mft = elf_notes_manifest(image.elf, &fault);
    image_close(&image);
    if (mft == NULL)
        return say_fault(args[0], &fault);
    generate_manifest_json(stdout, mft);
    free(mft);
    return finish_output();
}

static int query_abi(char *const *args)
{
    struct fault fault;
    struct image image;
    struct abi1_info abi;
    int result;

    if (image_open(&image, args[0], &fault) != 0)
        return say_fault(args[0], &fault);
    result = elf_notes_abi(image.elf, &abi, &fault);
    image_close(&image);
    if (result != 0)
        return say_fault(args[0], &fault);
    generate_abi_json(stdout, &abi);
    return finish_output();
}

static int help(char *const *args);
static int version(char *const *args);

static const struct command {
    const char *name;
    const char *arg_names;
    int arg_count;
    int (*run)(char *const *args);
    const char *help;
} commands[] = {
    {"gen-manifest", " IN.json OUT.c", 2, gen_manifest, "write C that defines the manifest"},
    {"gen-header", " IN.json OUT.h", 2, gen_header, "write a C header with a constant a device"},
    {"query-manifest", " FILE", 1, query_manifest, "print a unikernel's manifest as JSON"},
    {"query-abi", " FILE", 1, query_abi, "print a unikernel's target and ABI version as JSON"},
    {"--help", "", 0, help, "print this"},
    {"--version", "", 0, version, "print the version"},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static int help(char *const *args)
{
    (void)args;
    printf("usage: " PROGRAM " COMMAND [ARGUMENT]...\n\n");
    for (const struct command *c = commands; c < commands + COMMAND_COUNT; c++)
        printf("  %s%-*s  %s\n", c->name, 28 - (int)strlen(c->name), c->arg_names, c->help);
    return finish_output();
}

static int version(char *const *args)
{
    (void)args;
    printf(PROGRAM " (Quintet) " QUINTET_VERSION "\n");
    return finish_output();
}

int main(int argc, char **argv)
{
    struct quoted quoted;

    if (argc < 2) {
        fprintf(stderr, PROGRAM ": no command; see " PROGRAM " --help\n");
        return EXIT_FAILURE;
    }
    for (const struct command *c = commands; c < commands + COMMAND_COUNT; c++) {
        if (strcmp(argv[1], c->name) != 0)
            continue;
        if (argc - 2 == c->arg_count)
            return c->run(argv + 2);
        fprintf(stderr, PROGRAM ": %s: expected %d argument%s, got %d; usage: " PROGRAM " %s%s\n",
                c->name, c->arg_count, c->arg_count == 1 ? "" : "s", argc - 2, c->name,
                c->arg_names);
        return EXIT_FAILURE;
    }
    fprintf(stderr, PROGRAM ": unknown command '%s'; see " PROGRAM " --help\n",
            quote(&quoted, argv[1]));
    return EXIT_FAILURE;
}
