/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 */
#include "words.h"

#include "bindings.h"
#include "virtio_abi.h"

static bool is_end(char c)
{
    return c == ' ' || c == '\0';
}

static bool begins(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix)
        text++, prefix++;
    return *prefix == '\0';
}

static char *word_end(char *word)
{
    while (!is_end(*word))
        word++;
    return word;
}

/* Takes the word at (word) out of the line that begins at (line), and one of the spaces beside it.
 * Returns where to go on. */
static char *take_out(char *line, char *word)
{
    char *rest = word_end(word);
    if (word != line && word[-1] == ' ')
        word--;
    else if (*rest == ' ')
        rest++;
    for (char *to = word; (*to = *rest) != '\0';)
        to++, rest++;
    return word;
}

static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : UINT8_MAX;
}

/* A number as Linux writes them: 0x before a hexadecimal one, K, M or G behind it. */
static bool read_number(const char **text, uint64_t *value)
{
    unsigned base = begins(*text, "0x") ? 16 : 10;
    const char *at = *text + (base == 16 ? 2 : 0), *start = at;
    for (*value = 0; digit(*at) < base; at++)
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, digit(*at), value))
            return false;
    bool read = at != start;
    unsigned shift = *at == 'K' ? 10 : *at == 'M' ? 20 : *at == 'G' ? 30 : 0;
    if (shift != 0) {
        at++;
        if (*value >> (64 - shift) != 0)
            return false;
        *value <<= shift;
    }
    *text = at;
    return read;
}

void mmio_insert(struct mmio_place *places, unsigned count, struct mmio_place place)
{
    while (count != 0 && places[count - 1].base > place.base) {
        places[count] = places[count - 1];
        count--;
    }
    places[count] = place;
}

static bool read_mmio(const char *text, struct mmio_place *place)
{
    uint64_t gsi, id, last;
    if (!read_number(&text, &place->size) || *text++ != '@' || !read_number(&text, &place->base) ||
        *text++ != ':' || !read_number(&text, &gsi) || gsi > UINT32_MAX)
        return false;
    place->gsi = (uint32_t)gsi;
    if (*text == ':' && (text++, !read_number(&text, &id)))
        return false;
    return is_end(*text) && place->size != 0 &&
           !__builtin_add_overflow(place->base, place->size - 1, &last);
}

unsigned words_mmio(char *cmdline, struct mmio_place *places, unsigned max)
{
    const size_t prefix = sizeof VIRTIO_MMIO_WORD - 1;
    unsigned count = 0;
    for (char *at = cmdline; *at != '\0';) {
        if (*at == ' ') {
            at++;
        } else if (!begins(at, VIRTIO_MMIO_WORD)) {
            at = word_end(at);
        } else {
            struct mmio_place place;
            if (!read_mmio(at + prefix, &place))
                log_write(LOG_ERROR, VIRTIO_MMIO_WORD "... cannot be read; it is "
                                                      "SIZE@ADDRESS:IRQ");
            else if (count == max)
                log_write(LOG_ERROR, VIRTIO_MMIO_WORD "...: more than %u devices", max);
            else
                mmio_insert(places, count++, place);
            at = take_out(cmdline, at);
        }
    }
    return count;
}

/* Reads NAME=ADDRESS, all of the word. */
static bool read_device(const char *text, struct device_word *word)
{
    size_t len = 0;
    while (*text != '=' && !is_end(*text) && len < sizeof word->name - 1)
        word->name[len++] = *text++;
    word->name[len] = '\0';
    if (len == 0 || *text++ != '=')
        return false;
    for (len = 0; !is_end(*text) && len < sizeof word->address - 1;)
        word->address[len++] = *text++;
    word->address[len] = '\0';
    return len != 0 && is_end(*text);
}

bool words_devices(char *cmdline, struct device_word *words, unsigned max, unsigned *count)
{
    const size_t prefix = sizeof VIRTIO_DEVICE_WORD - 1;
    *count = 0;
    for (char *at = cmdline;;) {
        while (*at == ' ')
            at++;
        if (begins(at, "--solo5:")) {
            at = word_end(at);
        } else if (begins(at, VIRTIO_DEVICE_WORD)) {
            if (*count == max || !read_device(at + prefix, &words[*count])) {
                log_write(LOG_ERROR, VIRTIO_DEVICE_WORD "... cannot be read; it is NAME=ADDRESS, "
                                                        "a MAC or a serial number");
                return false;
            }
            ++*count;
            at = take_out(cmdline, at);
        } else {
            return true;
        }
    }
}
