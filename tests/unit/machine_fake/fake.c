/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 */
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware.h"
#include "irq.h"
#include "machine.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define BAR_0          0x10

/* Windows are where no memory is, so that a driver that takes one for memory is caught. */
#define WINDOW UINT64_C(0x7000000000000000)

struct fake fake;
struct machine machine;

void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
}

void fake_put(uint8_t *bytes, size_t at, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        bytes[at + i] = (uint8_t)(value >> 8 * i);
}

struct fake_function *fake_function(uint8_t bus, uint8_t slot, uint16_t vendor, uint16_t device)
{
    struct fake_function *f = &fake.function[fake.function_count++];
    *f = (struct fake_function){.bus = bus, .slot = slot};
    fake_put(f->config, 0, 2, vendor);
    fake_put(f->config, 2, 2, device);
    return f;
}

void fake_bar(struct fake_function *f, unsigned index, uint64_t base, uint64_t size, unsigned kind)
{
    fake_put(f->config, BAR_0 + index * 4, 4, (base & UINT32_MAX) | kind);
    if (kind & 4)
        fake_put(f->config, BAR_0 + index * 4 + 4, 4, base >> 32);
    f->bar_size[index] = size;
}

static uint64_t get(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static const struct fake_region *region_of(uint64_t phys, size_t size)
{
    for (unsigned i = 0; i < fake.region_count; i++) {
        const struct fake_region *r = &fake.region[i];
        if (phys >= r->start && phys - r->start <= r->size && size <= r->size - (phys - r->start))
            return r;
    }
    return NULL;
}

uint8_t *fake_bytes(uint64_t phys, size_t size)
{
    const struct fake_region *r = region_of(phys, size);
    return r != NULL ? r->bytes + (phys - r->start) : NULL;
}

/* Tables are read in place, and the compiler's checks see every byte too many. */
void *machine_map(uint64_t phys, size_t size, enum machine_memory memory)
{
    if (memory == MACHINE_TABLE)
        return fake_bytes(phys, size);
    return region_of(phys, size) != NULL ? (void *)(WINDOW + phys) : NULL;
}

uint64_t machine_phys(const volatile void *addr, size_t *size, bool written)
{
    (void)size, (void)written;
    return (uint64_t)addr;
}

/* ---- Configuration space ---- */

static struct fake_function *selected(void)
{
    uint32_t a = fake.config_address;
    if (!(a >> 31))
        return NULL;
    for (unsigned i = 0; i < fake.function_count; i++) {
        struct fake_function *f = &fake.function[i];
        if (f->bus == (a >> 16 & 0xff) && f->slot == (a >> 11 & 0x1f) &&
            f->function == (a >> 8 & 7))
            return f;
    }
    return NULL;
}

static uint64_t config_read(unsigned offset, unsigned width)
{
    const struct fake_function *f = selected();
    fake.config_reads++;
    if (fake.no_ports || f == NULL)
        return UINT32_MAX;
    return get(f->config + (fake.config_address & 0xfc) + offset, width);
}

static void config_write(unsigned offset, unsigned width, uint64_t value)
{
    struct fake_function *f = selected();
    unsigned at = (fake.config_address & 0xfc) + offset;
    if (fake.no_ports || f == NULL)
        return;
    if (at >= BAR_0 && at < BAR_0 + 24) {
        unsigned bar = (at - BAR_0) / 4;
        uint64_t size = f->bar_size[bar], keep = size != 0 ? size - 1 : 0;
        bool upper = bar != 0 && (f->config[BAR_0 + (bar - 1) * 4] & 7) == 4;
        if (upper)
            keep = (f->bar_size[bar - 1] - 1) >> 32;
        else if (size == 0)
            keep = UINT32_MAX;
        value = (value & ~keep) | (get(f->config + at, 4) & keep & (upper ? 0 : 0xf));
    }
    fake_put(f->config, at, width, value);
}

/* ---- Ports and registers ---- */

static uint64_t port_in(uint16_t port, unsigned width)
{
    if (port == CONFIG_ADDRESS)
        return fake.no_ports ? UINT32_MAX : fake.config_address;
    if (port >= CONFIG_DATA && port < CONFIG_DATA + 4)
        return config_read(port - CONFIG_DATA, width);
    return fake.read != NULL ? fake.read(port, width) : UINT64_MAX;
}

static void port_out(uint16_t port, unsigned width, uint64_t value)
{
    if (port == CONFIG_ADDRESS)
        fake.config_address = (uint32_t)value;
    else if (port >= CONFIG_DATA && port < CONFIG_DATA + 4)
        config_write(port - CONFIG_DATA, width, value);
    else if (fake.write != NULL)
        fake.write(port, width, value);
}

static uint64_t reg_read(uint64_t addr, unsigned width)
{
    uint8_t *bytes = fake_bytes(addr - WINDOW, width);
    if (bytes == NULL || addr % width != 0) {
        fprintf(stderr, "register %llx is nowhere\n", (unsigned long long)addr);
        abort();
    }
    return fake.read != NULL ? fake.read(addr - WINDOW, width) : get(bytes, width);
}

static void reg_write(uint64_t addr, unsigned width, uint64_t value)
{
    uint8_t *bytes = fake_bytes(addr - WINDOW, width);
    if (bytes == NULL || addr % width != 0) {
        fprintf(stderr, "register %llx is nowhere\n", (unsigned long long)addr);
        abort();
    }
    if (fake.write != NULL)
        fake.write(addr - WINDOW, width, value);
    else
        fake_put(bytes, 0, width, value);
}

#define ACCESS(bits)                                      \
    uint##bits##_t port_in##bits(uint16_t port)           \
    {                                                     \
        return (uint##bits##_t)port_in(port, bits / 8);   \
    }                                                     \
    void port_out##bits(uint16_t port, uint##bits##_t v)  \
    {                                                     \
        port_out(port, bits / 8, v);                      \
    }                                                     \
    uint##bits##_t reg_read##bits(uint64_t addr)          \
    {                                                     \
        return (uint##bits##_t)reg_read(addr, bits / 8);  \
    }                                                     \
    void reg_write##bits(uint64_t addr, uint##bits##_t v) \
    {                                                     \
        reg_write(addr, bits / 8, v);                     \
    }
ACCESS(8)
ACCESS(16)
ACCESS(32)

/* ---- What else the bindings have ---- */

void irq_message(uint64_t *addr, uint32_t *data)
{
    *addr = 0xfee00000;
    *data = FAKE_MESSAGE;
}

solo5_time_t target_clock_monotonic(void)
{
    return fake.time_ns += 1000;
}

bool string_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

const char *string_after(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

void log_write(enum log_level level, const char *format, ...)
{
    size_t used = strlen(fake.said);
    va_list args;
    (void)level;
    va_start(args, format);
    vsnprintf(fake.said + used, sizeof fake.said - used, format, args);
    va_end(args);
    used = strlen(fake.said);
    snprintf(fake.said + used, sizeof fake.said - used, "\n");
}

void solo5_abort(void)
{
    fprintf(stderr, "%s", fake.said);
    abort();
}
