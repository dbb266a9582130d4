/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * input.h: the input of a fuzzer that takes it byte after byte; zeroes come after its end.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *data;
    size_t size;
};

static inline uint8_t next8(struct input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

static inline uint64_t next_bytes(struct input *input, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)next8(input) << 8 * i;
    return value;
}

static inline uint16_t next16(struct input *input)
{
    return (uint16_t)next_bytes(input, 2);
}

static inline uint32_t next32(struct input *input)
{
    return (uint32_t)next_bytes(input, 4);
}

static inline uint64_t next64(struct input *input)
{
    return next_bytes(input, 8);
}

#endif
