/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A program that says what it is called.
 */
#include <quintet.h>

#include "check.h"

const char *const rt_program_name = "name";

int main(int argc, char **argv)
{
    check(argc == 1);
    printf("%s\n", argv[0]);
    return 0;
}
