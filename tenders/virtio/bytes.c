/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Bytes and disks of mkimage: see mkimage.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"

#define HASH_BLOCK 4096

struct blob blob_new(size_t size)
{
    struct blob blob = {calloc(1, size), size};

    if (blob.data == NULL) {
        error_print("solo5-virtio-mkimage", "out of memory");
        exit(1);
    }
    return blob;
}

void put_le16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

void put_le32(uint8_t *to, uint32_t value)
{
    put_le16(to, (uint16_t)value);
    put_le16(to + 2, (uint16_t)(value >> 16));
}

void put_le64(uint8_t *to, uint64_t value)
{
    put_le32(to, (uint32_t)value);
    put_le32(to + 4, (uint32_t)(value >> 32));
}

void put_be16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

void put_be32(uint8_t *to, uint32_t value)
{
    put_be16(to, (uint16_t)(value >> 16));
    put_be16(to + 2, (uint16_t)value);
}

void put_be64(uint8_t *to, uint64_t value)
{
    put_be32(to, (uint32_t)(value >> 32));
    put_be32(to + 4, (uint32_t)value);
}

static uint32_t crc_of(uint32_t polynomial, uint32_t crc, const uint8_t *data, size_t size)
{
    uint32_t table[256];

    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    return ~crc;
}

uint32_t crc32(uint32_t crc, const void *data, size_t size)
{
    return crc_of(0xedb88320, crc, data, size);
}

uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
    return crc_of(0x82f63b78, crc, data, size);
}

void disk_add(struct disk *disk, uint64_t offset, const void *data, uint64_t size)
{
    CHECK(disk->count < DISK_EXTENTS);
    CHECK(disk->count == 0 ||
          disk->extent[disk->count - 1].offset + disk->extent[disk->count - 1].size <= offset);
    if (size != 0)
        disk->extent[disk->count++] = (struct extent){offset, size, data};
}

/* Like FNV-1a, a word at a time; a second start makes 128 bits of it. */
static uint64_t hash(uint64_t value, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, data + i, sizeof word);
        value = (value ^ word) * 0x9e3779b97f4a7c15;
        value ^= value >> 32;
    }
    return value;
}

/* What is zero does not count, so that holes make no difference. */
static void hash_extent(const struct disk *disk, const struct extent *extent, uint64_t id[2])
{
    uint64_t at = extent->offset / HASH_BLOCK * HASH_BLOCK;
    uint8_t block[8 + HASH_BLOCK];

    for (; at < extent->offset + extent->size; at += HASH_BLOCK) {
        if (!disk_read(disk, at, block + 8, HASH_BLOCK))
            continue;
        put_le64(block, at);
        for (unsigned half = 0; half < 2; half++)
            id[half] = hash(id[half], block, sizeof block);
    }
}

void disk_identify(struct disk *disk, uint64_t salt)
{
    for (unsigned half = 0; half < 2; half++) {
        uint8_t bytes[16];

        put_le64(bytes, salt);
        put_le64(bytes + 8, disk->size);
        disk->id[half] = hash(0xcbf29ce484222325 + half, bytes, sizeof bytes);
    }
    for (unsigned i = 0; i < disk->count; i++)
        hash_extent(disk, &disk->extent[i], disk->id);
}

void disk_guid(const struct disk *disk, unsigned number, uint8_t guid[16])
{
    put_le64(guid, disk->id[0] * (2 * number + 1));
    put_le64(guid + 8, disk->id[1] + number);
    /* RFC 9562, 5.8: version 8, of one's own making; the first three fields are little-endian. */
    guid[7] = (uint8_t)((guid[7] & 0x0f) | 0x80);
    guid[8] = (uint8_t)((guid[8] & 0x3f) | 0x80);
}

static void read_source(struct source *source, uint64_t offset, uint8_t *to, size_t size)
{
    if (source->why == NULL && read_all(source->fd, to, size, offset) != 0)
        source->why = errno == ENODATA ? "became shorter while it was read" : strerror(errno);
}

bool disk_read(const struct disk *disk, uint64_t offset, void *to, size_t size)
{
    uint64_t end = offset + size;
    uint8_t *bytes = to;
    bool is_cleared = false;

    for (unsigned i = 0; i < disk->count; i++) {
        const struct extent *e = &disk->extent[i];
        uint64_t from = e->offset > offset ? e->offset : offset;
        uint64_t until = e->offset + e->size < end ? e->offset + e->size : end;

        if (from >= until)
            continue;
        if (!is_cleared)
            memset(bytes, 0, size);
        is_cleared = true;
        if (e->data != NULL)
            memcpy(bytes + (from - offset), e->data + (from - e->offset), until - from);
        else
            read_source(disk->source, from, bytes + (from - offset), until - from);
    }
    return is_cleared && (bytes[0] != 0 || memcmp(bytes, bytes + 1, size - 1) != 0);
}
