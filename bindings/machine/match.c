/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Which of the machine's devices is which of the manifest's, in three passes over the devices of a
 * type: words of the command line, disks that have a name of the manifest, and the order in which
 * they were found. What cannot be decided is not guessed: it is said, and the program ends.
 */
#include "match.h"

#include "bindings.h"

static const char *kind(enum mft_type type)
{
    return type == MFT_DEV_NET_BASIC ? "network" : "disk";
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Hardware addresses may be written in capitals. */
static bool same_address(enum mft_type type, const char *a, const char *b)
{
    if (type != MFT_DEV_NET_BASIC)
        return string_equal(a, b);
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

void match_mac_text(const uint8_t mac[6], char text[WORDS_ADDRESS_SIZE])
{
    for (unsigned i = 0; i < 6; i++) {
        *text++ = "0123456789abcdef"[mac[i] >> 4];
        *text++ = "0123456789abcdef"[mac[i] & 15];
        *text++ = i == 5 ? '\0' : ':';
    }
}

static bool take(struct match_device *device, solo5_handle_t handle)
{
    device->taken = true;
    device->handle = handle;
    return true;
}

static bool served(const struct match_device *devices, unsigned count, solo5_handle_t handle)
{
    for (unsigned i = 0; i < count; i++)
        if (devices[i].taken && devices[i].handle == handle)
            return true;
    return false;
}

static solo5_handle_t handle_of(const struct mft *mft, const char *name)
{
    for (unsigned i = 1; i < mft->entries; i++)
        if (string_equal(mft->e[i].name, name))
            return i;
    return 0;
}

static bool take_by_address(struct match_device *devices, unsigned count, enum mft_type type,
                            const char *address, solo5_handle_t handle)
{
    for (unsigned i = 0; i < count; i++)
        if (!devices[i].taken && devices[i].address[0] != '\0' &&
            same_address(type, devices[i].address, address))
            return take(&devices[i], handle);
    return false;
}

/* What may be meant, for a message. */
static void tell_left(const struct match_device *devices, unsigned count, char *text, size_t size)
{
    size_t used = 0;
    for (unsigned i = 0; i < count && used + 2 < size; i++) {
        if (devices[i].taken || devices[i].address[0] == '\0')
            continue;
        for (const char *c = devices[i].address; *c != '\0' && used + 2 < size; c++)
            text[used++] = *c;
        text[used++] = ' ';
    }
    text[used != 0 ? used - 1 : 0] = '\0';
}

static void tell_unknown(const struct device_word *word, enum mft_type type,
                         const struct match_device *devices, unsigned count)
{
    char left[100];
    tell_left(devices, count, left, sizeof left);
    log_write(LOG_ERROR, DEVICE_WORD "%s=%s: the machine has no %s of that address left%s%s",
              word->name, word->address, kind(type), left[0] != '\0' ? "; it has " : "", left);
}

static bool match_words(const struct mft *mft, enum mft_type type, struct match_device *devices,
                        unsigned count, const struct device_word *words, unsigned word_count)
{
    bool good = true;
    for (unsigned i = 0; i < word_count; i++) {
        solo5_handle_t handle = handle_of(mft, words[i].name);
        if (handle == 0 && type == MFT_DEV_NET_BASIC) /* to be told once */
            log_write(LOG_ERROR, DEVICE_WORD "%s: the manifest has no such device", words[i].name);
        good &= handle != 0;
        if (handle == 0 || mft->e[handle].type != type)
            continue;
        if (served(devices, count, handle) ||
            !take_by_address(devices, count, type, words[i].address, handle)) {
            tell_unknown(&words[i], type, devices, count);
            good = false;
        }
    }
    return good;
}

/* A serial number holds so much of a name. */
static void match_serials(const struct mft *mft, struct match_device *devices, unsigned count)
{
    for (unsigned i = 1; i < mft->entries; i++) {
        char serial[MATCH_SERIAL_SIZE + 1] = {0};
        for (unsigned c = 0; c < MATCH_SERIAL_SIZE && mft->e[i].name[c] != '\0'; c++)
            serial[c] = mft->e[i].name[c];
        if (mft->e[i].type == MFT_DEV_BLOCK_BASIC && !served(devices, count, i))
            take_by_address(devices, count, MFT_DEV_BLOCK_BASIC, serial, i);
    }
}

/* Gives the devices that are left in their order; returns how many names are left. */
static unsigned match_order(const struct mft *mft, enum mft_type type, struct match_device *devices,
                            unsigned count, bool try_only)
{
    unsigned next = 0, left = 0;
    for (unsigned i = 1; i < mft->entries; i++) {
        if (mft->e[i].type != type || served(devices, count, i))
            continue;
        while (next < count && devices[next].taken)
            next++;
        if (next == count || try_only)
            left++;
        else
            take(&devices[next], i);
    }
    return left;
}

static void tell_missing(const struct mft *mft, enum mft_type type,
                         const struct match_device *devices, unsigned count)
{
    unsigned wanted = 0;
    for (unsigned i = 1; i < mft->entries; i++)
        wanted += mft->e[i].type == type;
    for (unsigned i = 1; i < mft->entries; i++)
        if (mft->e[i].type == type && !served(devices, count, i))
            log_write(LOG_ERROR,
                      "no %s for %s: the manifest has %u of them, the machine %u of a known kind",
                      kind(type), mft->e[i].name, wanted, count);
}

bool match_devices(const struct mft *mft, enum mft_type type, struct match_device *devices,
                   unsigned count, const struct device_word *words, unsigned word_count)
{
    if (!match_words(mft, type, devices, count, words, word_count))
        return false;
    if (type == MFT_DEV_BLOCK_BASIC)
        match_serials(mft, devices, count);
    unsigned names = match_order(mft, type, devices, count, true), free = 0;
    for (unsigned i = 0; i < count; i++)
        free += !devices[i].taken;
    if (names != 0 && free > names) {
        log_write(LOG_ERROR,
                  "%u %ss for %u of the manifest: say which by " DEVICE_WORD
                  "NAME=ADDRESS, or remove what is too many",
                  free, kind(type), names);
        return false;
    }
    if (match_order(mft, type, devices, count, false) == 0)
        return true;
    tell_missing(mft, type, devices, count);
    return false;
}
