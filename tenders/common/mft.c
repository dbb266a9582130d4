/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Checks and lookups in a manifest. The bytes are hostile until mft_validate() has
 * returned 0: no field is read before the size says that it is there.
 */
#include "mft.h"

#include <string.h>

static const struct {
    uint32_t type;
    const char *name;
} device_types[] = {
    {MFT_DEV_BLOCK_BASIC, "BLOCK_BASIC"},
    {MFT_DEV_NET_BASIC, "NET_BASIC"},
};

#define DEVICE_TYPE_COUNT (sizeof device_types / sizeof device_types[0])

size_t mft_size(unsigned entries)
{
    return offsetof(struct mft, e) + entries * sizeof(struct mft_entry);
}

const char *mft_type_name(uint32_t type)
{
    for (size_t i = 0; i < DEVICE_TYPE_COUNT; i++)
        if (device_types[i].type == type)
            return device_types[i].name;
    return NULL;
}

uint32_t mft_type_by_name(const char *name)
{
    for (size_t i = 0; i < DEVICE_TYPE_COUNT; i++)
        if (strcmp(device_types[i].name, name) == 0)
            return device_types[i].type;
    return 0;
}

bool mft_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/*
 * A bool that holds neither 0 nor 1 must not be read as one: look at its byte.
 */
static bool is_attached(const struct mft_entry *entry)
{
    unsigned char byte;

    memcpy(&byte, &entry->attached, sizeof byte);
    return byte != 0;
}

static const char *check_header(const struct mft *mft, size_t size)
{
    if (size < mft_size(0))
        return "manifest is shorter than its own header";
    if (mft->version != MFT_VERSION)
        return "manifest is of an unknown version, not version 1";
    if (mft->entries == 0)
        return "manifest has no entries, not even the reserved one";
    if (mft->entries > MFT_MAX_ENTRIES)
        return "manifest has more than 64 entries";
    if (size != mft_size(mft->entries))
        return "manifest is not as long as its number of entries requires";
    return NULL;
}

static const char *check_reserved(const struct mft_entry *entry)
{
    if ((uint32_t)entry->type != MFT_RESERVED_FIRST)
        return "manifest's first entry is not the reserved one";
    if (entry->name[0] != '\0')
        return "manifest's reserved entry has a name";
    if (is_attached(entry))
        return "manifest's reserved entry is marked as attached";
    return NULL;
}

static const char *check_device(const struct mft_entry *entry)
{
    if (mft_type_name((uint32_t)entry->type) == NULL)
        return "manifest has a device of an unknown type";
    if (entry->name[MFT_NAME_MAX] != '\0')
        return "manifest has a device name without an end";
    if (entry->name[0] == '\0')
        return "manifest has a device without a name";
    for (const char *c = entry->name; *c != '\0'; c++)
        if (!mft_name_char(*c))
            return "manifest has a device name with other characters than letters and digits";
    if (is_attached(entry))
        return "manifest has a device that is marked as attached";
    return NULL;
}

/*
 * The number of entries before `end` is at most 63, so comparing all pairs is cheap.
 */
static bool is_doubled(const struct mft *mft, unsigned end)
{
    for (unsigned i = 1; i < end; i++)
        if (mft->e[i].type == mft->e[end].type && strcmp(mft->e[i].name, mft->e[end].name) == 0)
            return true;
    return false;
}

int mft_validate(const struct mft *mft, size_t size, const char **reason)
{
    *reason = check_header(mft, size);
    if (*reason == NULL)
        *reason = check_reserved(&mft->e[0]);
    for (unsigned i = 1; *reason == NULL && i < mft->entries; i++) {
        *reason = check_device(&mft->e[i]);
        if (*reason == NULL && is_doubled(mft, i))
            *reason = "manifest has two devices of one type with the same name";
    }
    return *reason == NULL ? 0 : -1;
}

struct mft_entry *mft_find(struct mft *mft, const char *name, enum mft_type type, unsigned *index)
{
    for (unsigned i = 1; i < mft->entries; i++) {
        if (mft->e[i].type != type || strcmp(mft->e[i].name, name) != 0)
            continue;
        if (index != NULL)
            *index = i;
        return &mft->e[i];
    }
    return NULL;
}
