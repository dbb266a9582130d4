/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where devices on virtio-mmio are, as a monitor that has no ACPI writes it on the command line:
 * Linux, drivers/virtio/virtio_mmio.c, "virtio_mmio.device=<size>@<baseaddr>:<irq>[:<id>]", with
 * numbers as Linux' memparse reads them.
 */
#include "mmio_words.h"

#include "bindings.h"
#include "virtio_abi.h"
#include "words.h"

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
    const char *digits = string_after(*text, "0x");
    unsigned base = digits != NULL ? 16 : 10;
    const char *at = digits != NULL ? digits : *text, *start = at;
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

unsigned mmio_insert(struct mmio_place *places, unsigned count, struct mmio_place place)
{
    unsigned at = 0;
    while (at < count && places[at].base < place.base)
        at++;
    if (at < count && places[at].base == place.base)
        return count;
    for (unsigned i = count; i > at; i--)
        places[i] = places[i - 1];
    places[at] = place;
    return count + 1;
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
    return is_word_end(*text) && place->size != 0 &&
           !__builtin_add_overflow(place->base, place->size - 1, &last);
}

unsigned words_mmio(char *cmdline, struct mmio_place *places, unsigned max)
{
    const char *value;
    unsigned count = 0;
    for (char *at = cmdline; *at != '\0';) {
        if (*at == ' ') {
            at++;
        } else if ((value = string_after(at, VIRTIO_MMIO_WORD)) == NULL) {
            at = word_end(at);
        } else {
            struct mmio_place place;
            if (!read_mmio(value, &place))
                log_write(LOG_ERROR, VIRTIO_MMIO_WORD "... cannot be read; it is "
                                                      "SIZE@ADDRESS:IRQ");
            else if (count == max)
                log_write(LOG_ERROR, VIRTIO_MMIO_WORD "...: more than %u devices", max);
            else
                count = mmio_insert(places, count, place);
            at = word_take_out(cmdline, at);
        }
    }
    return count;
}
