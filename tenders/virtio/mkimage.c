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

/* Where a link leads to, which need not be there if it is none. */
static int follow_link(const char *path, char real[PATH_MAX], struct error *error)
{
    struct stat st;

    if (realpath(path, real) != NULL)
        return 0;
    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return error_set(error, "%s: is a link that leads to no file; remove it", path);
    snprintf(real, PATH_MAX, "%s", path);
    return 0;
}

static mode_t new_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* What can be made or made again as (path): its name, and its rights, those of what is there now or
 * of any new file. */
static int find_target(const struct mkimage *own, const char *path, char real[PATH_MAX],
                       mode_t *mode, struct error *error)
{
    struct stat st;

    *mode = new_mode();
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return error_set(error, "%s: not a regular file; make an image in a file, and copy it",
                             path);
        if (check_sources(own, &st, path, error) != 0)
            return -1;
        *mode = st.st_mode & 0777;
    }
    return follow_link(path, real, error);
}

/* A disk can be made again, and is what is written over most; a program is there by mistake. */
static int check_output(const struct mkimage *own, struct error *error)
{
    char real[PATH_MAX], start[SELFMAG];
    bool is_program;
    mode_t mode;
    int fd;

    if (find_target(own, own->output, real, &mode, error) != 0)
        return -1;
    fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return 0;
    is_program = read(fd, start, sizeof start) == (ssize_t)sizeof start &&
                 memcmp(start, ELFMAG, SELFMAG) == 0;
    close(fd);
    if (!is_program)
        return 0;
    return error_set(error, "%s: is a program, and would be written over; name another output",
                     own->output);
}

/* What has the contents of (disk) has all of them. */
static int check_read(const struct disk *disk, struct error *error)
{
    if (disk->source == NULL || disk->source->why == NULL)
        return 0;
    return error_set(error, "%s: %s", disk->source->path, disk->source->why);
}

static int write_disk(const struct mkimage *own, const struct disk *disk, const char *path,
                      struct error *error)
{
    struct output output = {.path = path, .error = error};
    char real[PATH_MAX];
    mode_t mode;

    if (find_target(own, path, real, &mode, error) != 0 || check_read(disk, error) != 0)
        return -1;
    output.fd = parts_open(real, mode);
    if (output.fd < 0)
        return error_set(error, "%s: cannot be made: %s", path, strerror(errno));
    own->format->write(&output, disk);
    if (close(output.fd) != 0 && !output.failed)
        return error_set(error, "%s: %s", path, strerror(errno));
    return output.failed ? -1 : check_read(disk, error);
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

static int lay_out_boot(const struct mkimage *own, const struct blob *payload, struct disk *disk,
                        struct error *error)
{
    uint64_t size = own->size;

    if (is_iso(own)) {
        if (size != 0)
            return error_set(error, "--size=%llu: a CD is as large as what is on it",
                             (unsigned long long)(size >> 20));
        return iso_make(disk, payload, own->boot, error);
    }
    if (layout_make(disk, payload, own->boot, size, error) != 0)
        return -1;
    size = disk->size;
    if (fit(own->format, &size, error) != 0)
        return error_prefix(error, "--size");
    /* The end of the disk has a copy of its table. */
    return size != disk->size ? layout_make(disk, payload, own->boot, size, error) : 0;
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
static int check_extra(const struct mkimage *own, const char *name, const char *to,
                       struct error *error)
{
    struct stat st;

    if (stat(to, &st) != 0)
        return 0;
    if (check_sources(own, &st, to, error) != 0)
        return -1;
    return error_set(error,
                     "--block:%s: %s is there, and may have what a guest has written; leave the "
                     "option out to keep it, or remove it",
                     name, to);
}

/* A disk that is to be made beside the one to boot. What it is made of stays open, and with it
 * locked, until the program ends. */
struct extra {
    struct source source;
    uint64_t content_size, size;
    char to[PATH_SIZE];
};

static int open_extra(const struct mkimage *own, struct extra *extra, const char *name,
                      const char *path, struct error *error)
{
    struct device device;

    if (is_iso(own))
        return error_set(error, "--block:%s: a CD is no disk to write to; use --format=raw", name);
    if (extra_path(own, name, extra->to, error) != 0 ||
        check_extra(own, name, extra->to, error) != 0)
        return -1;
    if (block_read_only(&device, path, error) != 0)
        return error_prefix(error, "--block:%s", name);
    extra->source = (struct source){.fd = device.fd, .path = path};
    extra->content_size = extra->size = device.capacity;
    if (fit(own->format, &extra->size, error) != 0)
        return error_prefix(error, "--block:%s: %s", name, path);
    block_warn(&tender, name, path, device.fd);
    return 0;
}

static int write_extra(const struct mkimage *own, struct extra *extra, struct error *error)
{
    struct disk disk;

    describe_disk(&disk, &extra->source, extra->content_size, own->format->write != gce_write);
    disk.size = extra->size;
    return write_disk(own, &disk, extra->to, error);
}

static int make_extras(const struct mkimage *own, struct mft *mft, struct error *error)
{
    static struct extra extras[MFT_MAX_ENTRIES];
    const struct options *options = own->options;

    if (devices_check_options(mft, options, error) != 0)
        return -1;
    for (unsigned i = 0; i < options->device_count; i++) {
        const struct device_option *option = &options->device[i];
        char name[MFT_NAME_SIZE];

        memcpy(name, option->name, option->name_len);
        name[option->name_len] = '\0';
        if (open_extra(own, &extras[i], name, option->value, error) != 0)
            return -1;
    }
    for (unsigned i = 0; i < options->device_count; i++)
        if (write_extra(own, &extras[i], error) != 0)
            return -1;
    return 0;
}

/* All that can be found wrong before anything is written, is. */
static int make_disks(const struct mkimage *own, const struct blob *payload, struct mft *mft,
                      struct error *error)
{
    struct disk boot;

    if (check_output(own, error) != 0 || lay_out_boot(own, payload, &boot, error) != 0 ||
        make_extras(own, mft, error) != 0 || write_disk(own, &boot, own->output, error) != 0)
        return -1;
    return parts_name(error);
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
    return make_disks(own, &payload, image_mft(&image), error);
}

int main(int argc, char **argv)
{
    static struct mkimage own = {.boot = BOOT_BIOS | BOOT_UEFI};
    static struct options options = {.tender = &tender, .own = &own};
    struct error error;
    int status;

    if (!options_begin(&options, argc, argv, &status))
        return status;
    parts_init();
    if (make(&own, &options, &error) == 0)
        return 0;
    error_print(tender.name, error.text);
    return 1;
}
