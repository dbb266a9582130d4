/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Hello, World on the bare interface: no libc, no thread, nothing between the program and its host.
 */
#include <solo5.h>

static void print(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0')
        len++;
    solo5_console_write(text, len);
}

int solo5_app_main(const struct solo5_start_info *info)
{
    print("Hello, World\n");
    if (info->cmdline[0] != '\0') {
        print("Command line: ");
        print(info->cmdline);
        print("\n");
    }
    return SOLO5_EXIT_SUCCESS;
}
