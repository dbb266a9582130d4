/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What Google's Compute Engine takes: disk.raw in an old GNU tar, where holes are told and not
 * written, in gzip (RFC 1952). The compressor knows runs alone (RFC 1951, 3.2.6), as an image is
 * small and most of a disk is zeros.
 */
#include <stdio.h>
#include <string.h>

#include "mkimage.h"

#define TAR_BLOCK   512
#define TAR_RECORD  10240
#define TAR_SPARSE  4 /* holes that a header can tell */
#define RUN_MAX     258
#define RUN_MIN     3
#define PIECE       (64 * 1024)
#define OUTPUT_SIZE 65536

struct deflate {
    struct output *output;
    uint64_t at; /* in the output, of what is in (bytes) */
    uint32_t used, crc, size;
    uint32_t bits, bit_count;
    uint8_t bytes[OUTPUT_SIZE];
};

static void flush(struct deflate *d)
{
    output_write(d->output, d->at, d->bytes, d->used);
    d->at += d->used;
    d->used = 0;
}

static void put_byte(struct deflate *d, uint8_t byte)
{
    if (d->used == sizeof d->bytes)
        flush(d);
    d->bytes[d->used++] = byte;
}

/* Least significant bit first. */
static void put_bits(struct deflate *d, uint32_t value, unsigned count)
{
    d->bits |= value << d->bit_count;
    for (d->bit_count += count; d->bit_count >= 8; d->bit_count -= 8) {
        put_byte(d, (uint8_t)d->bits);
        d->bits >>= 8;
    }
}

/* A Huffman code, whose most significant bit comes first. */
static void put_code(struct deflate *d, uint32_t code, unsigned count)
{
    uint32_t reversed = 0;

    for (unsigned i = 0; i < count; i++)
        reversed |= (code >> i & 1) << (count - 1 - i);
    put_bits(d, reversed, count);
}

static void put_symbol(struct deflate *d, uint32_t symbol)
{
    if (symbol < 144)
        put_code(d, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(d, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(d, symbol - 256, 7);
    else
        put_code(d, 0xc0 + symbol - 280, 8);
}

/* The byte before, that often again: of the lengths those that take no further bits. */
static unsigned put_run(struct deflate *d, unsigned count)
{
    unsigned len = count >= RUN_MAX ? RUN_MAX : count > 10 ? 10 : count;

    put_symbol(d, len == RUN_MAX ? 285 : 257 + len - RUN_MIN);
    put_code(d, 0, 5);
    return len;
}

static void put_data(struct deflate *d, const uint8_t *data, size_t size)
{
    d->crc = crc32(d->crc, data, size);
    d->size += (uint32_t)size;
    for (size_t i = 0; i < size;) {
        size_t run = 1;

        while (i + run < size && data[i + run] == data[i])
            run++;
        put_symbol(d, data[i]);
        i += run--;
        while (run >= RUN_MIN)
            run -= put_run(d, run > UINT16_MAX ? UINT16_MAX : (unsigned)run);
        for (; run != 0; run--)
            put_symbol(d, data[i - 1]);
    }
}

/* In octal digits and a 0; what has too many is binary, as GNU tar has it: big-endian, marked by
 * the topmost bit. */
static void put_number(uint8_t *to, size_t size, uint64_t value)
{
    if (value >> 3 * (size - 1) != 0) {
        CHECK(size > sizeof value);
        to[0] = 0x80;
        put_be64(to + size - sizeof value, value);
        return;
    }
    to[size - 1] = '\0';
    for (size_t i = size - 1; i-- > 0; value >>= 3)
        to[i] = (uint8_t)('0' + (value & 7));
}

/* (data_size): what is not holes. */
static void put_header(uint8_t *to, const struct disk *disk, uint64_t data_size)
{
    uint32_t sum = 0;

    strcpy((char *)to, "disk.raw");
    put_number(to + 100, 8, 0644);
    put_number(to + 108, 8, 0);
    put_number(to + 116, 8, 0);
    put_number(to + 124, 12, data_size);
    put_number(to + 136, 12, 0);
    to[156] = 'S';
    memcpy(to + 257, "ustar  ", 8);
    for (unsigned i = 0; i < disk->count; i++) {
        put_number(to + 386 + 24 * i, 12, disk->extent[i].offset);
        put_number(to + 398 + 24 * i, 12, round_up(disk->extent[i].size, TAR_BLOCK));
    }
    put_number(to + 483, 12, disk->size);
    memset(to + 148, ' ', 8);
    for (unsigned i = 0; i < TAR_BLOCK; i++)
        sum += to[i];
    put_number(to + 148, 7, sum);
}

static void put_extent(struct deflate *d, const struct disk *disk, const struct extent *e)
{
    static const uint8_t zeros[TAR_BLOCK];
    uint8_t piece[PIECE];

    for (uint64_t at = 0, len; at < e->size; at += len) {
        len = e->size - at < sizeof piece ? e->size - at : sizeof piece;
        if (!disk_read(disk, e->offset + at, piece, len))
            memset(piece, 0, len);
        put_data(d, piece, len);
    }
    put_data(d, zeros, round_up(e->size, TAR_BLOCK) - e->size);
}

void gce_write(struct output *output, const struct disk *disk)
{
    static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
    static uint8_t zeros[TAR_RECORD + 2 * TAR_BLOCK];
    static struct deflate d;
    uint8_t block[TAR_BLOCK] = {0}, end[8];
    uint64_t data_size = 0, written;

    CHECK(disk->count <= TAR_SPARSE);
    for (unsigned i = 0; i < disk->count; i++)
        data_size += round_up(disk->extent[i].size, TAR_BLOCK);
    put_header(block, disk, data_size);
    d = (struct deflate){.output = output};
    for (size_t i = 0; i < sizeof head; i++)
        put_byte(&d, head[i]);
    put_bits(&d, 3, 3); /* the last part, with fixed codes */
    put_data(&d, block, sizeof block);
    for (unsigned i = 0; i < disk->count; i++)
        put_extent(&d, disk, &disk->extent[i]);
    /* Two empty blocks end it, in a whole record. */
    written = TAR_BLOCK + data_size;
    put_data(&d, zeros, round_up(written + 2 * TAR_BLOCK, TAR_RECORD) - written);
    put_symbol(&d, 256);
    put_bits(&d, 0, 7);
    put_le32(end, d.crc);
    put_le32(end + 4, d.size);
    for (size_t i = 0; i < sizeof end; i++)
        put_byte(&d, end[i]);
    flush(&d);
}
