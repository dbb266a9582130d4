/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See env.h. Not setenv(), which would copy the text and come with the code for it into every
 * program; that function takes the list over when a program first calls it.
 */
#include "start/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *env_option(const char *text)
{
    const char *equals = strchr(text, '=');
    size_t count = 0;

    if (equals == NULL || equals == text)
        return "write --env=NAME=VALUE";
    for (; environ[count] != NULL; count++) {
        if (strncmp(environ[count], text, (size_t)(equals - text) + 1) == 0) {
            environ[count] = (char *)text;
            return NULL;
        }
    }
    char **grown = malloc((count + 2) * sizeof *grown);
    if (grown == NULL)
        return "too little memory; give the program more (--mem)";
    memcpy(grown, environ, count * sizeof *grown);
    grown[count] = (char *)text;
    grown[count + 1] = NULL;
    if (count > 0)
        free(environ);
    environ = grown;
    return NULL;
}
