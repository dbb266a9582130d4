/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Hello, World, as anyone would write it. The words after the image are its arguments; the
 * quotes that keep two words together must reach it:
 *
 *     solo5-spt hello.spt one '"two words"'
 */
#include <stdio.h>

int main(int argc, char *argv[])
{
    puts("Hello, World");
    for (int i = 1; i < argc; i++)
        printf("Argument %d: %s\n", i, argv[i]);
    return 0;
}
