/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The table of devices: see devices.h.
 */
#include "devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "mft.h"

/* By what options a type of device is attached. */
static const struct kind {
    enum mft_type type;
    const char *noun;
    const char *example;
    enum device_option_kind attach, detail;
} kinds[] = {
    {MFT_DEV_NET_BASIC, "network", "IFACE", OPTION_NET, OPTION_NET_MAC},
    {MFT_DEV_BLOCK_BASIC, "disk", "PATH", OPTION_BLOCK, OPTION_BLOCK_SECTOR_SIZE},
};

static const struct kind *kind_of_type(uint32_t type)
{
    return type == kinds[0].type ? &kinds[0] : &kinds[1];
}

static const struct kind *kind_of_option(enum device_option_kind option)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].attach == option || kinds[i].detail == option)
            return &kinds[i];
    return kind_of_type(MFT_DEV_NET_BASIC); /* OPTION_NET_BACKEND */
}

/* Lists what the image declares, such as "network service, disk storage". */
static void list_devices(const struct mft *mft, char *to, size_t size)
{
    size_t used = 0;

    snprintf(to, size, "nothing");
    for (unsigned i = 1; i < mft->entries && used < size; i++) {
        int len = snprintf(to + used, size - used, "%s%s %s", i == 1 ? "" : ", ",
                           kind_of_type((uint32_t)mft->e[i].type)->noun, mft->e[i].name);

        used += len > 0 ? (size_t)len : 0;
    }
}

int devices_check_options(struct mft *mft, const struct options *options, struct error *error)
{
    char declared[512];

    for (unsigned i = 0; i < options->device_count; i++) {
        const struct device_option *option = &options->device[i];
        const struct kind *kind = kind_of_option(option->kind);
        char name[MFT_NAME_SIZE];

        memcpy(name, option->name, option->name_len);
        name[option->name_len] = '\0';
        if (mft_find(mft, name, kind->type, NULL) != NULL)
            continue;
        list_devices(mft, declared, sizeof declared);
        return error_set(error, "%s%s: the image declares no such %s; it declares: %s",
                         options_prefix(option->kind), name, kind->noun, declared);
    }
    return 0;
}

/* The guest's argument that looks like the option which is missing; NULL if there is none. */
static const char *find_argument(const struct options *options, const struct kind *kind,
                                 const char *name)
{
    const char *prefix = options_prefix(kind->attach);
    size_t prefix_len = strlen(prefix), name_len = strlen(name);

    for (char *const *word = options->args; *word != NULL; word++)
        if (strncmp(*word, prefix, prefix_len) == 0 &&
            strncmp(*word + prefix_len, name, name_len) == 0 &&
            (*word)[prefix_len + name_len] == '=')
            return *word;
    return NULL;
}

static int explain_missing(const struct options *options, const struct kind *kind, const char *name,
                           struct error *error)
{
    const char *prefix = options_prefix(kind->attach);
    const char *word = find_argument(options, kind, name);
    const char *example = kind->example;

    if (word != NULL)
        return error_set(error,
                         "the image declares the %s %s; %s stands after the image, which makes it "
                         "the guest's: give it before the image",
                         kind->noun, name, word);
    if (kind->type == MFT_DEV_NET_BASIC && options->tender->network != NULL)
        example = options->tender->network;
    else if (kind->type == MFT_DEV_NET_BASIC && options->tender->has_user_network)
        return error_set(error,
                         "the image declares the %s %s; attach it with %s%s=%s, or without root "
                         "with %s%s=" TENDER_NET_USER,
                         kind->noun, name, prefix, name, example, prefix, name);
    else if (kind->type == MFT_DEV_NET_BASIC)
        return error_set(error,
                         "the image declares the %s %s; attach it with %s%s=%s, or without root: "
                         "solo5-usernet -- %s %s%s=@FD ...",
                         kind->noun, name, prefix, name, example, options->tender->name, prefix,
                         name);
    return error_set(error, "the image declares the %s %s; attach it with %s%s=%s", kind->noun,
                     name, prefix, name, example);
}

static int attach(struct device *device, struct mft_entry *entry, const struct options *options,
                  bool can_offload, struct error *error)
{
    const struct kind *kind = kind_of_type((uint32_t)entry->type);
    const char *value = options_device(options, kind->attach, entry->name);
    const char *detail = options_device(options, kind->detail, entry->name);
    int failed;

    if (value == NULL)
        return explain_missing(options, kind, entry->name, error);
    device->type = kind->type;
    if (kind->type == MFT_DEV_BLOCK_BASIC) {
        failed = block_attach(device, options->tender, value, detail, error);
        if (!failed)
            block_warn(options->tender, entry->name, value, device->fd);
    } else {
        if (net_set_mac(device, detail, error) != 0)
            return error_prefix(error, "%s%s", options_prefix(kind->detail), entry->name);
        failed = net_attach(device, options->tender, value, can_offload, error);
    }
    if (failed)
        return error_prefix(error, "%s%s", options_prefix(kind->attach), entry->name);
    return 0;
}

static void describe(const struct device *device, struct mft_entry *entry, bool hostfds)
{
    memset(&entry->u, 0, sizeof entry->u);
    memset(&entry->b, 0, sizeof entry->b);
    if (device->type == MFT_DEV_BLOCK_BASIC) {
        entry->u.block_basic.capacity = device->capacity;
        entry->u.block_basic.block_size = device->block_size;
    } else {
        memcpy(entry->u.net_basic.mac, device->mac, sizeof device->mac);
        entry->u.net_basic.mtu = device->mtu;
    }
    if (hostfds)
        entry->b.hostfd = device->fd;
    entry->attached = true;
}

int devices_check_descriptors(const struct options *options, struct error *error)
{
    int fds[DEVICE_OPTIONS_MAX];

    for (unsigned i = 0; i < options->device_count; i++) {
        const struct device_option *option = &options->device[i];
        const char *prefix = options_prefix(option->kind);

        fds[i] = -1;
        if (option->kind != OPTION_NET || option->value[0] != '@')
            continue;
        if (net_descriptor(option->value, &fds[i], error) != 0)
            return error_prefix(error, "%s%.*s", prefix, (int)option->name_len, option->name);
        for (unsigned other = 0; other < i; other++)
            if (fds[other] == fds[i])
                return error_set(error, "%s%.*s: %s: attached twice; give each network its own",
                                 prefix, (int)option->name_len, option->name, option->value);
    }
    return 0;
}

int devices_check(struct mft *mft, const struct options *options, struct error *error)
{
    if (devices_check_options(mft, options, error) != 0)
        return -1;
    for (unsigned i = 1; i < mft->entries; i++) {
        const struct kind *kind = kind_of_type((uint32_t)mft->e[i].type);

        if (options_device(options, kind->attach, mft->e[i].name) == NULL)
            return explain_missing(options, kind, mft->e[i].name, error);
    }
    return 0;
}

int devices_attach(struct devices *devices, struct mft *mft, const struct options *options,
                   bool hostfds, struct error *error)
{
    devices->count = mft->entries;
    devices->device[0].type = MFT_RESERVED_FIRST;
    if (devices_check_options(mft, options, error) != 0)
        return -1;
    for (unsigned i = 1; i < mft->entries; i++) {
        if (attach(&devices->device[i], &mft->e[i], options, devices->can_offload, error) != 0)
            return -1;
        describe(&devices->device[i], &mft->e[i], hostfds);
    }
    return 0;
}

const struct device *devices_get(const struct devices *devices, uint64_t handle, enum mft_type type)
{
    if (handle >= devices->count || devices->device[handle].type != type)
        return NULL;
    return &devices->device[handle];
}

bool devices_net_empty(int why)
{
    return why == EAGAIN || why == EINTR || why == ECONNREFUSED || why == ECONNRESET ||
           why == ENETDOWN;
}

uint64_t devices_block_limit(const struct device *device, bool multi)
{
    if (!multi)
        return device->block_size;
    return device->capacity < DEVICES_BLOCK_MAX ? device->capacity : DEVICES_BLOCK_MAX;
}

uint64_t devices_block_piece(const struct device *device, uint64_t offset, uint64_t len, bool multi)
{
    uint64_t limit = devices_block_limit(device, multi);

    if (offset > device->capacity - limit)
        limit = device->block_size;
    return len < limit ? len : limit;
}

bool devices_block_move(const struct device *device, uint64_t offset, uint8_t *at, uint64_t len,
                        bool multi, bool writing)
{
    while (len != 0) {
        uint64_t piece = devices_block_piece(device, offset, len, multi);
        ssize_t done = writing ? pwrite(device->fd, at, piece, (off_t)offset)
                               : pread(device->fd, at, piece, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        /* What is done by halves is not a block any more: the disk has been cut, or is full. */
        if (done <= 0 || (uint64_t)done % device->block_size != 0)
            return false;
        at += done;
        len -= (uint64_t)done;
        offset += (uint64_t)done;
    }
    return true;
}
