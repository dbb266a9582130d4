/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Prints its arguments and its environment, then changes the latter.
 */
#include <string.h>
#include <unistd.h>

#include "check.h"

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("argv[%d]=[%s]\n", i, argv[i]);
    check(argv[argc] == NULL);
    for (char **e = environ; *e != NULL; e++)
        printf("env [%s]\n", *e);
    check(getenv("NOT_THERE") == NULL);
    check(setenv("NEW", "1", 1) == 0 && strcmp(getenv("NEW"), "1") == 0);
    check(setenv("NEW", "2", 0) == 0 && strcmp(getenv("NEW"), "1") == 0);
    check(unsetenv("NEW") == 0 && getenv("NEW") == NULL);
    return 0;
}
