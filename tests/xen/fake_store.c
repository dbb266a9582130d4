/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The store of fake.h in the place of bindings/xen/store.c, whose tests bring a daemon instead.
 */
#include <stdio.h>

#include "fake.h"

bool store_read(const char *path, char *to, size_t size)
{
    return bus_read(&fake_device, path, to, size);
}

bool store_read_number(const char *path, uint64_t *value)
{
    return bus_read_number(&fake_device, path, value);
}

bool store_write(const char *path, const char *value)
{
    fake_node(path, value);
    return true;
}

void store_path(char to[STORE_PATH_MAX], const char *a, const char *b)
{
    snprintf(to, STORE_PATH_MAX, "%s/%s", a, b);
}
