/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-virtio-mkimage: makes of a virtio image a disk or CD that machines and clouds start.
 */
#include "mkimage.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "devices.h"
#include "loader/payload.h"
#include "mft.h"
#include "options.h"
#include "parse.h"
#include "virtio_abi.h"

#define MB(n)       ((uint64_t)(n) << 20)
#define PATH_SIZE   4096
#define SIZE_MAX_MB (UINT64_C(2) << 20) /* 2 TiB: what an MBR can tell, and VHD nearly */

_Static_assert(PAYLOAD_CMDLINE == VIRTIO_CMDLINE_SIZE, "a payload has room for any command line");

struct mkimage {
    const struct format *format;
    unsigned boot;
    uint64_t size; /* bytes, 0: as small as can be */
    const char *output;
    const struct options *options;
};

static const struct format formats[] = {
    {"raw", ".img", raw_write, SECTOR, 0},
    {"qcow2", ".qcow2", qcow2_write, SECTOR, 0},
    {"vmdk", ".vmdk", vmdk_write, SECTOR, 0},
    {"vhd", ".vhd", vhd_write, MB(1), MB(2040 * 1024)}, /* 2040 GiB, says the specification */
    {"vhdx", ".vhdx", vhdx_write, MB(1), 0},
    {"gce", ".tar.gz", gce_write, MB(1024), 0},
    {"iso", ".iso", raw_write, SECTOR, 0},
    {"raw", ".raw", raw_write, SECTOR, 0},
};
#define FORMATS (sizeof formats / sizeof formats[0])

/* ---- Options */

static int parse_format(struct options *options, const char *value, struct error *error)
{
    struct mkimage *own = options->own;

    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, value) == 0) {
            own->format = &formats[i];
            return 0;
        }
    return error_set(error, "--format=%s: must be raw, qcow2, vmdk, vhd, vhdx, gce or iso", value);
}

static int parse_boot(struct options *options, const char *value, struct error *error)
{
    static const char *const words[] = {
        [BOOT_BIOS] = "bios", [BOOT_UEFI] = "uefi", [BOOT_BIOS | BOOT_UEFI] = "both"};
    struct mkimage *own = options->own;

    for (unsigned i = 1; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], value) == 0) {
            own->boot = i;
            return 0;
        }
    return error_set(error, "--boot=%s: must be bios, uefi or both", value);
}

static int parse_size(struct options *options, const char *value, struct error *error)
{
    struct mkimage *own = options->own;
    uint64_t mb;

    if (parse_u64(value, 1, SIZE_MAX_MB, &mb) != 0)
        return error_set(error, "--size=%s: must be a number of megabytes from 1 to %llu", value,
                         (unsigned long long)SIZE_MAX_MB);
    own->size = MB(mb);
    return 0;
}

static const struct option own_options[] = {
    {"--format=", "raw|qcow2|vmdk|vhd|vhdx|gce|iso",
     "the format of OUTPUT (default: what its name ends with)", parse_format},
    {"--boot=", "bios|uefi|both", "what can start it (default: both)", parse_boot},
    {"--size=", "MB", "megabytes of the disk (default: as few as can be)", parse_size},
    {NULL, NULL, NULL, NULL},
};

static const struct option_text texts[] = {
    {"--block:", "NAME=PATH", "make another image, OUTPUT-NAME, of what PATH has, for disk NAME"},
    {"--mem=", "MB", "refuse what does not fit into so many megabytes of memory (default: 512)"},
    {NULL, NULL, NULL},
};

static const struct tender tender = {
    .name = "solo5-virtio-mkimage",
    .synopsis = "Makes of a unikernel for virtio a disk that a machine or a cloud starts.",
    .words = "OUTPUT IMAGE [ARGUMENT]...",
    .abi_target = VIRTIO_ABI_TARGET,
    .abi_version = VIRTIO_ABI_VERSION,
    .image_base = VIRTIO_GUEST_MIN_BASE,
    .mem_max_mb = 65536,
    .machine_kib = VIRTIO_MACHINE_KIB,
    .net_kib = VIRTIO_NET_KIB,
    .block_kib = VIRTIO_BLOCK_KIB,
    .options = own_options,
    .texts = texts,
    .without = 1 << OPTION_NET | 1 << OPTION_NET_MAC | 1 << OPTION_BLOCK_SECTOR_SIZE,
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static const struct format *format_of(const char *path)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (ends_with(path, formats[i].suffix))
            return &formats[i];
    return NULL;
}

/* ---- Output */

/* None of the files that are read may be written over. */
static int check_source(const struct stat *st, const char *path, const char *source,
                        struct error *error)
{
    struct stat other;

    if (stat(source, &other) != 0 || other.st_dev != st->st_dev || other.st_ino != st->st_ino)
        return 0;
    return error_set(error, "%s: would be written over, and %s is read; name another output", path,
                     strcmp(path, source) == 0 ? "it" : source);
}

static int check_sources(const struct mkimage *own, const struct stat *st, const char *path,
                         struct error *error)
{
    for (unsigned i = 0; i < own->options->device_count; i++)
        if (check_source(st, path, own->options->device[i].value, error) != 0)
            return -1;
    return check_source(st, path, own->options->image, error);
}

/* The file that is being written, or "". It has no other way to the handler of signals, which wait
 * while it changes. */
static char part[PATH_SIZE];
static const int ending[] = {SIGHUP, SIGINT, SIGTERM};

static void remove_part(int signal)
{
    unlink(part);
    raise(signal); /* the handler is away: this ends us when it returns */
}

static void hold_signals(bool is_held)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        sigaddset(&set, ending[i]);
    sigprocmask(is_held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void handle_signals(void)
{
    const struct sigaction action = {.sa_handler = remove_part, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;

    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
}

/* A disk can be made again, and is what is written over most; a program is there by mistake. */
static int check_output(const struct mkimage *own, struct error *error)
{
    int fd = open(own->output, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char start[SELFMAG];
    struct stat st;
    bool is_program;

    if (fd < 0)
        return 0;
    is_program = fstat(fd, &st) == 0 && read(fd, start, sizeof start) == (ssize_t)sizeof start &&
                 memcmp(start, ELFMAG, SELFMAG) == 0;
    close(fd);
    if (!is_program)
        return 0;
    if (check_sources(own, &st, own->output, error) != 0)
        return -1;
    return error_set(error, "%s: is a program, and would be written over; name another output",
                     own->output);
}

/* A new file beside (path), whose name goes to (part), with the rights of what is there now, or of
 * any new file. */
static int open_part(const char *path, const struct stat *st)
{
    mode_t mask = umask(0);
    int fd;

    umask(mask);
    if (snprintf(part, PATH_SIZE, "%s.XXXXXX", path) >= PATH_SIZE) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(part, O_CLOEXEC);
    if (fd >= 0 && fchmod(fd, st != NULL ? st->st_mode & 0777 : 0666 & ~mask) != 0) {
        unlink(part);
        close(fd);
        return -1;
    }
    return fd;
}

/* It is whole, and gets its name, or it has (failed) and goes. */
static int close_part(int fd, bool failed, const char *real)
{
    int saved;

    if (close(fd) == 0 && !failed && rename(part, real) == 0) {
        part[0] = '\0';
        return 0;
    }
    saved = errno;
    unlink(part);
    part[0] = '\0';
    errno = saved;
    return -1;
}

/* What has the contents of (disk) has all of them. */
static int check_read(const struct disk *disk, struct error *error)
{
    if (disk->source == NULL || disk->source->why == NULL)
        return 0;
    return error_set(error, "%s: %s", disk->source->path, disk->source->why);
}

/* Where a link leads to, which need not be there if it is none. */
static int find_output(const char *path, char real[PATH_MAX], struct error *error)
{
    struct stat st;

    if (realpath(path, real) != NULL)
        return 0;
    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return error_set(error, "%s: is a link that leads to no file; remove it", path);
    snprintf(real, PATH_MAX, "%s", path);
    return 0;
}

/* Half an image is none: it gets its name, and what has that name goes, when all of it is there. A
 * signal that ends us takes it away. */
static int write_disk(const struct mkimage *own, const struct disk *disk, const char *path,
                      struct error *error)
{
    struct output output = {.path = path, .error = error};
    char real[PATH_MAX];
    struct stat st;
    bool is_new = stat(path, &st) != 0;
    int closed;

    if (!is_new && !S_ISREG(st.st_mode))
        return error_set(error, "%s: not a regular file; make an image in a file, and copy it",
                         path);
    if (!is_new && check_sources(own, &st, path, error) != 0)
        return -1;
    if (check_read(disk, error) != 0 || find_output(path, real, error) != 0)
        return -1;
    hold_signals(true);
    output.fd = open_part(real, is_new ? NULL : &st);
    if (output.fd < 0)
        part[0] = '\0';
    hold_signals(false);
    if (output.fd < 0)
        return error_set(error, "%s: cannot be made: %s", path, strerror(errno));
    own->format->write(&output, disk);
    output.failed = output.failed || check_read(disk, error) != 0;
    hold_signals(true);
    closed = close_part(output.fd, output.failed, real);
    hold_signals(false);
    if (closed != 0 && !output.failed)
        return error_set(error, "%s: %s", path, strerror(errno));
    return closed;
}

/* A format that has a unit takes whole ones, and not everyone as many as one likes. */
static int fit(const struct format *format, uint64_t *size, struct error *error)
{
    *size = round_up(*size, format->unit);
    if (format->most == 0 || *size <= format->most)
        return 0;
    return error_set(error, "%llu megabytes: a disk in the format %s has at most %llu",
                     (unsigned long long)(*size >> 20), format->name,
                     (unsigned long long)(format->most >> 20));
}

static bool is_iso(const struct mkimage *own)
{
    return strcmp(own->format->name, "iso") == 0;
}

static int make_boot(const struct mkimage *own, const struct blob *payload, struct error *error)
{
    struct disk disk;
    uint64_t size = own->size;

    if (is_iso(own)) {
        if (size != 0)
            return error_set(error, "--size=%llu: a CD is as large as what is on it",
                             (unsigned long long)(size >> 20));
        if (iso_make(&disk, payload, own->boot, error) != 0)
            return -1;
        return write_disk(own, &disk, own->output, error);
    }
    if (layout_make(&disk, payload, own->boot, size, error) != 0)
        return -1;
    size = disk.size;
    if (fit(own->format, &size, error) != 0)
        return error_prefix(error, "--size");
    /* The end of the disk has a copy of its table. */
    if (size != disk.size && layout_make(&disk, payload, own->boot, size, error) != 0)
        return -1;
    return write_disk(own, &disk, own->output, error);
}

/* ---- The manifest's disks */

/* OUTPUT with -NAME before its suffix. */
static int extra_path(const struct mkimage *own, const char *name, char to[PATH_SIZE],
                      struct error *error)
{
    const char *suffix = own->format->suffix, *path = own->output, *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    size_t stem = ends_with(path, suffix) ? strlen(path) - strlen(suffix)
                  : dot != NULL           ? (size_t)(dot - path)
                                          : strlen(path);
    int len = snprintf(to, PATH_SIZE, "%.*s-%s%s", (int)stem, path, name, path + stem);

    if (len >= PATH_SIZE)
        return error_set(error, "%s: the name is too long", path);
    return 0;
}

/* The file's data, without its holes as far as there are extents; the last has all that follows. */
static void add_data(struct disk *disk)
{
    int fd = disk->source->fd;
    off_t end = 0, size = (off_t)disk->size;

    while (end < size) {
        off_t start = lseek(fd, end, SEEK_DATA);

        if (start < 0 && errno == ENXIO)
            return;
        start = start < 0 ? end : start;
        end = disk->count + 1 == DISK_EXTENTS ? size : lseek(fd, start, SEEK_HOLE);
        end = end < 0 ? size : end;
        disk_add(disk, (uint64_t)start, NULL, (uint64_t)(end - start));
    }
}

/* Archives tell their holes, which a copy of the file may have elsewhere: for those, none. */
static void describe_disk(struct disk *disk, struct source *source, uint64_t size, bool with_holes)
{
    *disk = (struct disk){.size = size, .source = source};
    if (with_holes)
        add_data(disk);
    else
        disk_add(disk, 0, NULL, size);
    disk_identify(disk, 1);
}

/* What is there a guest may have written to, while only the program was to be made again. */
static int check_extra(const struct mkimage *own, const char *name, struct error *error)
{
    char to[PATH_SIZE];
    struct stat st;

    if (is_iso(own))
        return error_set(error, "--block:%s: a CD is no disk to write to; use --format=raw", name);
    if (extra_path(own, name, to, error) != 0)
        return -1;
    if (stat(to, &st) != 0)
        return 0;
    if (check_sources(own, &st, to, error) != 0)
        return -1;
    return error_set(error,
                     "--block:%s: %s is there, and may have what a guest has written; leave the "
                     "option out to keep it, or remove it",
                     name, to);
}

/* The disk stays open, and with it locked, until the program ends. */
static int make_extra(const struct mkimage *own, const char *name, const char *path,
                      struct error *error)
{
    struct device device;
    struct source source;
    char to[PATH_SIZE];
    struct disk disk;
    uint64_t size;

    if (extra_path(own, name, to, error) != 0)
        return -1;
    if (block_read_only(&device, path, error) != 0)
        return error_prefix(error, "--block:%s", name);
    size = device.capacity;
    if (fit(own->format, &size, error) != 0)
        return error_prefix(error, "--block:%s: %s", name, path);
    block_warn(&tender, name, path, device.fd);
    source = (struct source){.fd = device.fd, .path = path};
    describe_disk(&disk, &source, device.capacity, own->format->write != gce_write);
    disk.size = size;
    return write_disk(own, &disk, to, error);
}

static int make_extras(const struct mkimage *own, const struct options *options, struct mft *mft,
                       struct error *error)
{
    if (devices_check_options(mft, options, error) != 0)
        return -1;
    for (unsigned i = 0; i < 2 * options->device_count; i++) {
        /* Nothing is made before all can be. */
        bool check = i < options->device_count;
        const struct device_option *option = &options->device[i % options->device_count];
        char name[MFT_NAME_SIZE];

        memcpy(name, option->name, option->name_len);
        name[option->name_len] = '\0';
        if (check ? check_extra(own, name, error) : make_extra(own, name, option->value, error))
            return -1;
    }
    return 0;
}

static int make(struct mkimage *own, struct options *options, struct error *error)
{
    static struct image image;
    char cmdline[VIRTIO_CMDLINE_SIZE];
    struct blob payload;

    /* options_begin has taken the first word for the image. */
    own->output = options->image;
    options->image = *options->args;
    if (options->image == NULL)
        return error_set(error, "%s: is the output, and no image follows it; see %s --help",
                         own->output, tender.name);
    if (own->format == NULL)
        own->format = format_of(own->output);
    if (own->format == NULL)
        return error_set(error,
                         "%s: no format has that suffix; use .img, .raw, .qcow2, .vmdk, .vhd, "
                         ".vhdx, .tar.gz or .iso, or --format",
                         own->output);
    options->args++;
    own->options = options;
    if (image_open(&image, options->image, &tender, options->mem_size, error) != 0 ||
        options_cmdline(options, cmdline, sizeof cmdline, error) < 0)
        return -1;
    if (payload_make(&payload, &image, cmdline, image_least_mb(&image, &tender), error) != 0)
        return error_prefix(error, "%s", options->image);
    if (check_output(own, error) != 0 || make_extras(own, options, image_mft(&image), error) != 0)
        return -1;
    return make_boot(own, &payload, error);
}

int main(int argc, char **argv)
{
    static struct mkimage own = {.boot = BOOT_BIOS | BOOT_UEFI};
    static struct options options = {.tender = &tender, .own = &own};
    struct error error;
    int status;

    if (!options_begin(&options, argc, argv, &status))
        return status;
    handle_signals();
    if (make(&own, &options, &error) == 0)
        return 0;
    error_print(tender.name, error.text);
    return 1;
}
