/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Interfaces by name and number: see net/if.h. The device i of the program is number i + 1.
 */
#include <net/if.h>

#include <errno.h>
#include <string.h>

#include "net.h"

unsigned if_nametoindex(const char *name)
{
    net_start();
    for (unsigned i = 0; net_device_name(i) != NULL; i++) {
        if (strcmp(net_device_name(i), name) == 0)
            return i + 1;
    }
    errno = ENXIO;
    return 0;
}

char *if_indextoname(unsigned index, char name[IF_NAMESIZE])
{
    const char *found;

    net_start();
    found = index == 0 ? NULL : net_device_name(index - 1);
    if (found == NULL) {
        errno = ENXIO;
        return NULL;
    }
    strncpy(name, found, IF_NAMESIZE - 1);
    name[IF_NAMESIZE - 1] = '\0';
    return name;
}
