/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The text of a configuration. Strings are quoted as xl reads them: in double quotes, with a
 * backslash before what would end them.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p == '\n')
            fputs("\\n", out);
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

static void put_setting(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s = ", name);
    put_quoted(out, value);
    fputc('\n', out);
}

void config_disk_name(char name[8], unsigned index)
{
    if (index < 26)
        snprintf(name, 8, "xvd%c", 'a' + (int)index);
    else
        snprintf(name, 8, "xvd%c%c", 'a' + (int)(index / 26) - 1, 'a' + (int)(index % 26));
}

/* Devices are in the order of the manifest, by which the image finds them. */
static void put_networks(FILE *out, const struct config *config)
{
    bool first = true;

    fputs("vif = [", out);
    for (unsigned i = 1; i < config->mft->entries; i++) {
        const char *name = config->mft->e[i].name;
        const uint8_t *mac = config->mac[i];
        const char *value;
        char text[256], address[32] = "";

        if (config->mft->e[i].type != MFT_DEV_NET_BASIC)
            continue;
        value = options_device(config->options, OPTION_NET, name);
        if (config->has_mac[i])
            snprintf(address, sizeof address, "mac=%02x:%02x:%02x:%02x:%02x:%02x,", mac[0], mac[1],
                     mac[2], mac[3], mac[4], mac[5]);
        snprintf(text, sizeof text, "%s%s=%s", address, config->bridge[i] ? "bridge" : "vifname",
                 value);
        fputs(first ? " " : ", ", out);
        put_quoted(out, text);
        first = false;
    }
    fputs(first ? "]\n" : " ]\n", out);
}

static void put_disks(FILE *out, const struct config *config)
{
    unsigned index = 0;

    fputs("disk = [", out);
    for (unsigned i = 1; i < config->mft->entries; i++) {
        char text[4096 + 64], disk[8];

        if (config->mft->e[i].type != MFT_DEV_BLOCK_BASIC)
            continue;
        config_disk_name(disk, index);
        /* What follows target= is the path up to the end, whatever is in it. */
        snprintf(text, sizeof text, "format=raw,vdev=%s,access=rw,target=%s", disk,
                 config->target[i]);
        fputs(index == 0 ? " " : ", ", out);
        put_quoted(out, text);
        index++;
    }
    fputs(index == 0 ? "]\n" : " ]\n", out);
}

char *config_text(const struct config *config, struct error *error)
{
    const char *at_end = config->kept ? "preserve" : "destroy";
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        error_set(error, "no memory for the configuration: %s", strerror(errno));
        return NULL;
    }
    put_setting(out, "name", config->name);
    put_setting(out, "type", "pvh");
    put_setting(out, "kernel", config->kernel);
    put_setting(out, "cmdline", config->cmdline);
    fprintf(out, "memory = %llu\nvcpus = 1\n",
            (unsigned long long)(config->options->mem_size >> 20));
    put_networks(out, config);
    put_disks(out, config);
    put_setting(out, "on_poweroff", at_end);
    put_setting(out, "on_crash", at_end);
    if (fclose(out) == 0)
        return text;
    error_set(error, "no memory for the configuration: %s", strerror(errno));
    free(text);
    return NULL;
}
