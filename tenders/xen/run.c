/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-xen-run: starts a xen image as a domain of Xen with the options of the other tenders, and
 * ends with the guest's status; or prints the configuration for `xl`.
 */
#include <errno.h>
#include <limits.h>
#include <linux/fs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "config.h"
#include "devices.h"
#include "domain.h"
#include "image.h"
#include "loop.h"
#include "mft.h"

#define XEN_ABI_VERSION    1
#define XEN_GUEST_MIN_BASE 0x100000

/* What Xen calls a domain by: libxl takes what has no slash, and xl no number. */
#define NAME_SIZE 64

struct own_options {
    bool dry_run;
    const char *name;
    const char *xl;
};

static const struct option own_options[];

static const struct option_text texts[] = {
    {"--net:", "NAME=BRIDGE",
     "attach network NAME to that bridge, or to none and call this end of it so"},
    {NULL, NULL, NULL},
};

static const struct tender tender = {.name = "solo5-xen-run",
                                     .network = "BRIDGE",
                                     .synopsis = "Runs a unikernel as a PVH domain of Xen.",
                                     .abi_target = XEN_ABI_TARGET,
                                     .abi_version = XEN_ABI_VERSION,
                                     .image_base = XEN_GUEST_MIN_BASE,
                                     .mem_max_mb = 65536,
                                     .block_size_max = 4096,
                                     .options = own_options,
                                     .texts = texts};

static int parse_dry_run(struct options *options, const char *value, struct error *error)
{
    struct own_options *own = options->own;

    (void)value, (void)error;
    own->dry_run = true;
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static int parse_name(struct options *options, const char *value, struct error *error)
{
    struct own_options *own = options->own;
    size_t len = 0;

    while (is_name_char(value[len]))
        len++;
    if (!is_letter(value[0]) || value[len] != '\0' || len >= NAME_SIZE)
        return error_set(error,
                         "--name=%s: must begin with a letter, and have letters, digits and -_. "
                         "only, %d characters at most",
                         value, NAME_SIZE - 1);
    own->name = value;
    return 0;
}

static int parse_xl(struct options *options, const char *value, struct error *error)
{
    struct own_options *own = options->own;

    if (*value == '\0')
        return error_set(error, "--xl=: the program is missing");
    own->xl = value;
    return 0;
}

static const struct option own_options[] = {
    {"--name=", "NAME", "call the domain so (default: after the image and this process)",
     parse_name},
    {"--dry-run", NULL, "print the configuration for xl create, and start nothing", parse_dry_run},
    {"--xl=", "PROGRAM", "start this instead of xl", parse_xl},
    {NULL, NULL, NULL, NULL},
};

/* ---- Devices */

static bool is_dry_run(const struct config *config)
{
    return ((const struct own_options *)config->options->own)->dry_run;
}

/* An interface of the first domain: a bridge, or the name of what is not there yet. */
static int attach_net(struct config *config, unsigned index, const char *value, struct error *error)
{
    char path[64];

    if (value[0] == '@')
        return error_set(error, "%s: a domain takes no descriptor; name a bridge", value);
    if (net_check_name(value, error) != 0)
        return -1;
    if (value[strcspn(value, ",=\"'\\")] != '\0')
        return error_set(error, "%s: a name in a configuration has none of , = \" ' and \\", value);
    snprintf(path, sizeof path, "/sys/class/net/%s/bridge", value);
    config->bridge[index] = access(path, F_OK) == 0;
    if (!config->bridge[index] && strcmp(value, TENDER_NET_USER) == 0)
        return error_set(error, "%s: a domain has no network of its own; name a bridge", value);
    config->bridge[index] |= is_dry_run(config);
    if (!config->bridge[index] && if_nametoindex(value) != 0)
        return error_set(error,
                         "%s: is no bridge; name one, or what no interface is called yet, for "
                         "this end of the network",
                         value);
    return 0;
}

/* Without one, xl would choose, which a configuration that is only printed leaves to it. */
static int attach_mac(struct config *config, unsigned index, const char *mac, struct error *error)
{
    struct device device;

    if (net_set_mac(&device, mac, error) != 0)
        return -1;
    config->has_mac[index] = mac != NULL || !is_dry_run(config);
    memcpy(config->mac[index], device.mac, sizeof device.mac);
    return 0;
}

/* What follows target= is the path, but for a comma at its end; it is on one line. */
static int check_target(const char *path, struct error *error)
{
    size_t len = strlen(path);

    if (path[len - 1] != ',' && strchr(path, '\n') == NULL)
        return 0;
    return error_set(error,
                     "%s: a configuration has no path with a newline in it or a comma at its end; "
                     "rename it",
                     path);
}

/* The guest sees those of the device. */
static int check_own_blocks(const struct device *device, const char *path, const char *size,
                            struct error *error)
{
    int own;

    if (size == NULL)
        return 0;
    if (ioctl(device->fd, BLKSSZGET, &own) != 0)
        return error_set(error, "%s: cannot find the size of its blocks: %s", path,
                         strerror(errno));
    if (own == device->block_size)
        return 0;
    return error_set(
        error, "%s: is a device with blocks of %d bytes; leave out --block-sector-size", path, own);
}

static int attach_block(struct config *config, unsigned index, const char *path, const char *size,
                        struct error *error)
{
    static char names[MFT_MAX_ENTRIES][PATH_MAX];
    struct device device = {.type = MFT_DEV_BLOCK_BASIC};
    struct stat status;

    if (block_attach(&device, &tender, path, size, error) != 0)
        return -1;
    block_warn(&tender, config->mft->e[index].name, path, device.fd);
    if (fstat(device.fd, &status) != 0 || realpath(path, names[index]) == NULL)
        return error_set(error, "%s: %s", path, strerror(errno));
    config->target[index] = names[index];
    if (S_ISBLK(status.st_mode))
        return check_own_blocks(&device, path, size, error) == 0 ? check_target(names[index], error)
                                                                 : -1;
    if (is_dry_run(config) && device.block_size != 512)
        return error_set(error,
                         "%s: a configuration cannot say that a file has blocks of %u bytes; name "
                         "a device that has, such as one of: losetup --show -f -b %u FILE",
                         path, device.block_size, device.block_size);
    if (is_dry_run(config))
        return check_target(names[index], error);
    /* Stays open, and with it the device, until the domain has ended. */
    if (loop_open(device.fd, device.block_size, names[index], error) < 0)
        return error_prefix(error, "%s", path);
    return 0;
}

static int attach(struct config *config, unsigned index, struct error *error)
{
    const struct mft_entry *entry = &config->mft->e[index];
    bool is_net = entry->type == MFT_DEV_NET_BASIC;
    enum device_option_kind kind = is_net ? OPTION_NET : OPTION_BLOCK;
    enum device_option_kind detail_kind = is_net ? OPTION_NET_MAC : OPTION_BLOCK_SECTOR_SIZE;
    const char *value = options_device(config->options, kind, entry->name);
    const char *detail = options_device(config->options, detail_kind, entry->name);

    if (is_net && attach_mac(config, index, detail, error) != 0)
        return error_prefix(error, "%s%s", options_prefix(detail_kind), entry->name);
    if (is_net ? attach_net(config, index, value, error)
               : attach_block(config, index, value, detail, error))
        return error_prefix(error, "%s%s", options_prefix(kind), entry->name);
    return 0;
}

/* ---- The domain */

/* After the image's file, of what may be in a name, and this process. */
static void default_name(char name[NAME_SIZE], const char *path)
{
    const char *base = strrchr(path, '/');
    size_t len = 0;

    base = base != NULL ? base + 1 : path;
    if (!is_letter(*base))
        name[len++] = 'u';
    for (; *base != '\0' && *base != '.' && len < NAME_SIZE - 16; base++)
        if (is_name_char(*base))
            name[len++] = *base;
    snprintf(name + len, NAME_SIZE - len, "-%ld", (long)getpid());
}

/* Returns the status to end with, or -1 with (error). */
static int prepare_and_run(const struct options *options, struct error *error)
{
    static struct image image;
    static struct config config;
    static char cmdline[CONFIG_CMDLINE_SIZE], kernel[PATH_MAX], name[NAME_SIZE];
    const struct own_options *own = options->own;
    char *text;
    int status = 0;

    if (image_open(&image, options->image, &tender, options->mem_size, error) != 0 ||
        options_cmdline(options, cmdline, sizeof cmdline, error) < 0 ||
        devices_check(image_mft(&image), options, error) != 0)
        return -1;
    if (realpath(options->image, kernel) == NULL)
        return error_set(error, "%s: %s", options->image, strerror(errno));
    default_name(name, kernel);
    config = (struct config){.options = options,
                             .mft = image_mft(&image),
                             .name = own->name ? own->name : name,
                             .kernel = kernel,
                             .cmdline = cmdline,
                             .kept = !own->dry_run};
    for (unsigned i = 1; i < config.mft->entries; i++)
        if (attach(&config, i, error) != 0)
            return -1;
    text = config_text(&config, error);
    if (text == NULL)
        return -1;
    if (!own->dry_run)
        status = domain_run(own->xl, config.name, text, error);
    else if (fputs(text, stdout) == EOF || fflush(stdout) != 0)
        status = error_set(error, "standard output: %s", strerror(errno));
    free(text);
    return status;
}

int main(int argc, char **argv)
{
    static struct own_options own = {.xl = "xl"};
    static struct options options = {.tender = &tender, .own = &own};
    struct error error;
    int status;

    if (!options_begin(&options, argc, argv, &status))
        return status;
    status = prepare_and_run(&options, &error);
    if (status >= 0)
        return status;
    error_print(tender.name, error.text);
    return 1;
}
