/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The main program of solo5-hvt; all of it is in hvt.c.
 */
#include "hvt.h"

static const struct option options[] = {HVT_OPTIONS, {NULL, NULL, NULL, NULL}};

static const struct tender tender = {.name = "solo5-hvt", HVT_TENDER, .options = options};

int main(int argc, char **argv)
{
    static const struct vm_hooks none;

    return hvt_main(&tender, &none, argc, argv);
}
