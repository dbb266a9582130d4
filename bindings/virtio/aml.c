/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Three things in a machine's AML, which is not run: what to write to switch it off, where its
 * devices on virtio-mmio are, and where PCI is in memory. All are constants that stand after a
 * name, or are all that a method of that name returns, in the encoding of ACPI 6.4, chapter 20;
 * resources are in that of chapter 6.4. Nothing is read beyond the table, whatever its lengths say.
 */
#include "aml.h"

/* ACPI 6.4, 20.2 and 20.3. */
enum {
    ZERO_OP = 0x00,
    ONE_OP = 0x01,
    NAME_OP = 0x08,
    BYTE_PREFIX = 0x0a,
    WORD_PREFIX = 0x0b,
    DWORD_PREFIX = 0x0c,
    STRING_PREFIX = 0x0d,
    BUFFER_OP = 0x11,
    PACKAGE_OP = 0x12,
    RETURN_OP = 0xa4,
    ROOT_CHAR = 0x5c,
    EXT_OP_PREFIX = 0x5b,
    EXT_DEVICE_OP = 0x82,
};

/* Resources: 6.4. */
enum {
    SMALL_END = 0x0f, /* kind of a small one, above its three bits of length */
    LARGE = 0x80,
    LARGE_MEMORY_32_FIXED = 0x86,
    LARGE_SPACE_32 = 0x87,
    LARGE_INTERRUPTS = 0x89,
};

static const char device_op[] = {EXT_OP_PREFIX, (char)EXT_DEVICE_OP};

/* What is left to be read; nothing is read beyond its end, and then it is bad. */
struct stream {
    const uint8_t *at, *end;
    bool bad;
};

static uint8_t next(struct stream *s)
{
    if (s->at == s->end) {
        s->bad = true;
        return 0;
    }
    return *s->at++;
}

static uint32_t next_number(struct stream *s, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)next(s) << 8 * i;
    return value;
}

/* 20.2.4: a length that counts itself; returns what is left of it. */
static struct stream package(struct stream *s)
{
    const uint8_t *start = s->at;
    uint8_t lead = next(s);
    unsigned more = lead >> 6;
    size_t length = more == 0 ? lead & 0x3f : lead & 0x0f;
    for (unsigned i = 0; i < more; i++)
        length |= (size_t)next(s) << (4 + 8 * i);
    size_t read = (size_t)(s->at - start);
    struct stream body = {s->at, s->at,
                          s->bad || length < read || length - read > (size_t)(s->end - s->at)};
    if (!body.bad)
        body.end = s->at + (length - read);
    return body;
}

static uint32_t next_integer(struct stream *s)
{
    uint8_t op = next(s);
    switch (op) {
    case ZERO_OP:
    case ONE_OP:
        return op;
    case BYTE_PREFIX:
        return next_number(s, 1);
    case WORD_PREFIX:
        return next_number(s, 2);
    case DWORD_PREFIX:
        return next_number(s, 4);
    default:
        s->bad = true;
        return 0;
    }
}

/* Moves (s) behind the next occurrence of (pattern). */
static bool find(struct stream *s, const char *pattern, size_t size)
{
    for (; (size_t)(s->end - s->at) >= size; s->at++) {
        size_t i = 0;
        while (i < size && s->at[i] == (uint8_t)pattern[i])
            i++;
        if (i == size) {
            s->at += size;
            return true;
        }
    }
    return false;
}

static bool is_named(const uint8_t *aml, const uint8_t *name)
{
    size_t before = (size_t)(name - aml);
    return (before >= 1 && name[-1] == NAME_OP) ||
           (before >= 2 && name[-1] == ROOT_CHAR && name[-2] == NAME_OP);
}

bool aml_s5(const uint8_t *aml, size_t size, uint8_t *type_a, uint8_t *type_b)
{
    struct stream s = {aml, aml + size, false};
    while (find(&s, "_S5_", 4)) {
        if (!is_named(aml, s.at - 4))
            continue;
        struct stream value = s;
        if (next(&value) != PACKAGE_OP)
            continue;
        struct stream body = package(&value);
        uint8_t count = next(&body);
        uint32_t a = next_integer(&body), b = count >= 2 ? next_integer(&body) : a;
        if (body.bad || count == 0)
            continue;
        *type_a = a & 7, *type_b = b & 7;
        return true;
    }
    return false;
}

/* Moves (s) behind the next of a list of resources, whose body goes to (item). */
static bool next_resource(struct stream *s, uint8_t *tag, struct stream *item)
{
    if (s->bad || s->at == s->end)
        return false;
    *tag = next(s);
    size_t length = *tag & LARGE ? next_number(s, 2) : *tag & 7;
    if (s->bad || length > (size_t)(s->end - s->at))
        return false;
    if (!(*tag & LARGE) && *tag >> 3 == SMALL_END)
        return false;
    *item = (struct stream){s->at, s->at + length, false};
    s->at += length;
    return true;
}

/* Reads a list of resources; true: it has both that are needed. */
static bool read_resources(struct stream s, struct mmio_place *place)
{
    *place = (struct mmio_place){0};
    bool has_interrupt = false;
    struct stream item;
    uint8_t tag;
    while (next_resource(&s, &tag, &item)) {
        if (tag == LARGE_MEMORY_32_FIXED) {
            next(&item);
            place->base = next_number(&item, 4);
            place->size = next_number(&item, 4);
        } else if (tag == LARGE_INTERRUPTS) {
            next_number(&item, 2); /* flags, and how many there are */
            place->gsi = next_number(&item, 4);
            has_interrupt = true;
        }
        s.bad = item.bad;
    }
    return !s.bad && has_interrupt && place->base != 0 && place->size != 0;
}

/* The device whose body (device) is, if it is the kind that is looked for; devices within it are
 * looked at for themselves. */
static bool read_device(struct stream device, struct mmio_place *place)
{
    static const char hid[] = "_HID\x0dLNRO0005";
    struct stream s = device;
    if (find(&s, device_op, sizeof device_op))
        device.end = s.at - sizeof device_op;
    s = device;
    if (!find(&s, hid, sizeof hid)) /* with the string's end */
        return false;
    s = device;
    if (!find(&s, "_CRS", 4) || next(&s) != BUFFER_OP)
        return false;
    struct stream buffer = package(&s);
    next_integer(&buffer); /* its size, once more */
    return !buffer.bad && read_resources(buffer, place);
}

unsigned aml_mmio_devices(const uint8_t *aml, size_t size, struct mmio_place *places, unsigned max)
{
    struct stream s = {aml, aml + size, false};
    unsigned count = 0;
    while (count < max && find(&s, device_op, sizeof device_op)) {
        struct stream at = s;
        struct stream body = package(&at);
        struct mmio_place place;
        if (!body.bad && read_device(body, &place))
            count = mmio_insert(places, count, place);
    }
    return count;
}

/* 6.4.3.5.2: the first range of memory that is handed on as it is. */
static void read_window(struct stream s, struct aml_pci *pci)
{
    struct stream item;
    uint8_t tag;
    while (pci->window_size == 0 && next_resource(&s, &tag, &item)) {
        if (tag != LARGE_SPACE_32 || next(&item) != 0)
            continue;
        next_number(&item, 2); /* flags */
        next_number(&item, 4); /* granularity */
        uint32_t first = next_number(&item, 4), last = next_number(&item, 4);
        uint32_t moved = next_number(&item, 4), length = next_number(&item, 4);
        if (!item.bad && moved == 0 && last > first && last - first + 1 == length)
            pci->window = first, pci->window_size = length;
    }
}

bool aml_pci(const uint8_t *aml, size_t size, struct aml_pci *pci)
{
    static const char cba[] = {'_', 'C', 'B', 'A', 0, (char)RETURN_OP}; /* a method, no arguments */
    struct stream s = {aml, aml + size, false};
    *pci = (struct aml_pci){0};
    if (!find(&s, cba, sizeof cba))
        return false;
    pci->ecam = next_integer(&s);
    if (s.bad || pci->ecam == 0)
        return false;
    if (find(&s, "_CRS", 4) && next(&s) == BUFFER_OP) {
        struct stream buffer = package(&s);
        next_integer(&buffer); /* its size, once more */
        if (!buffer.bad)
            read_window(buffer, pci);
    }
    return true;
}
